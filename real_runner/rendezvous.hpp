#pragma once
// How the processes of a run agree: a star of TCP connections with rank 0 in the middle. It carries
// NCCL's unique id and, between samples, times and the decision to go on; never the measured data.
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "real_runner/rank_env.hpp"
#include "topology/units.hpp"

namespace real_runner {

/// Invariant: connected to every other process; a lost one makes the next call throw, not hang.
class Rendezvous {
 public:
  /// Meets the other processes. Alone (world_size 1), it opens nothing and every exchange returns
  /// at once.
  /// @throws topology::RuntimeFailure if not all of them come within `patience`, or one of them
  /// runs another version.
  explicit Rendezvous(const RankPlace& place, units::Seconds patience = units::seconds(60));
  ~Rendezvous();
  Rendezvous(const Rendezvous&) = delete;
  Rendezvous& operator=(const Rendezvous&) = delete;

  /// Each process gives some bytes and gets everybody's, by rank. All must call it in the same
  /// order.
  /// @throws topology::RuntimeFailure that names a rank that is gone or silent for `patience`.
  [[nodiscard]] std::vector<std::string> exchange(const std::string& mine);

  [[nodiscard]] std::string broadcast(const std::string& from_rank_0);
  [[nodiscard]] double maximum(double mine);
  [[nodiscard]] double sum(double mine);
  void barrier();

  [[nodiscard]] int rank() const { return place_.rank; }
  [[nodiscard]] int world_size() const { return place_.world_size; }

 private:
  class Peers;
  RankPlace place_;
  std::unique_ptr<Peers> peers_;
};

}  // namespace real_runner
