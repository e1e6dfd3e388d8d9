#pragma once
// What runs the operations of traces: how long kernels take, and what communication does to the
// network.
#include <cstdint>

#include "sim/trace/matching.hpp"

namespace sim {

class TraceMachine {
 public:
  virtual ~TraceMachine() = default;
  TraceMachine(const TraceMachine&) = delete;
  TraceMachine& operator=(const TraceMachine&) = delete;

  /// Time of an operation that is no communication.
  [[nodiscard]] virtual units::Seconds compute_time(int rank, const TraceNode& node) const = 0;
  /// Starts a collective that all members have reached. Returns how many events with `tag` it will
  /// deliver, at least one; it is over with the last.
  virtual std::uint32_t start(const CollectiveCall& call, const TraceCommunicator& group,
                              std::uint64_t tag) = 0;
  /// Starts a message; one event with `tag` when its last byte arrived.
  virtual void send(const Message& message, std::uint64_t tag) = 0;

 protected:
  TraceMachine() = default;
};

}  // namespace sim
