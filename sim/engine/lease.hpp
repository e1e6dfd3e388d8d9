#pragma once
// One Network per process. Internal to sim/engine.

namespace sim {

/// Held by the one Network that is alive.
class Lease {
 public:
  /// @throws std::logic_error while another Network is alive.
  Lease();
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
};

}  // namespace sim
