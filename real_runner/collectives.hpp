#pragma once
// NCCL's operations between all ranks of a run: communicators by algorithm and protocol, timing in
// step, results checked on the device, lost ranks noticed.
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include <nccl.h>

#include "calib/records.hpp"
#include "real_runner/device.hpp"
#include "real_runner/rendezvous.hpp"
#include "real_runner/stopwatch.hpp"

namespace real_runner {

/// The ranks of a run. Every process holds one or several, each on a device of its own unless
/// shared.
struct World {
  Rendezvous* rendezvous = nullptr;
  std::vector<Device*> local;  ///< devices of this process' ranks, in rank order
  int first_rank = 0;          ///< of this process
  int ranks = 1, nodes = 1;    ///< of all processes
  bool shared_device = false;  ///< some ranks share a device
  std::optional<std::string> system;

  [[nodiscard]] int rank(std::size_t local_index) const {
    return first_rank + static_cast<int>(local_index);
  }
};

/// NCCL communicators of this process' ranks. Invariant: all ranks made theirs in the same way.
class Communicators {
 public:
  /// With NCCL_ALGO and NCCL_PROTO set while they are made; nothing: NCCL's own choice.
  /// @throws topology::RuntimeFailure where a rank does not come within a minute
  Communicators(const World& world, std::optional<calib::Algorithm> algorithm,
                std::optional<calib::Protocol> protocol);
  ~Communicators();
  Communicators(const Communicators&) = delete;
  Communicators& operator=(const Communicators&) = delete;

  [[nodiscard]] ncclComm_t at(std::size_t local_index) const { return comms_[local_index]; }
  /// Runs `enqueue(local index)` for each local rank as one NCCL group. @throws NotHere where NCCL
  /// has no such algorithm
  void group(const std::function<void(std::size_t)>& enqueue);
  /// Waits for the ranks' streams; aborts the communicators and throws topology::RuntimeFailure if
  /// they are not done in time: a rank was lost.
  void wait(units::Seconds patience);
  [[nodiscard]] bool is(std::optional<calib::Algorithm> algorithm,
                        std::optional<calib::Protocol> protocol) const {
    return algorithm_ == algorithm && protocol_ == protocol;
  }
  static std::string version();  ///< of NCCL, "2.28.9"

 private:
  [[noreturn]] void give_up(const char* what, units::Seconds patience);

  const World& world_;
  std::optional<calib::Algorithm> algorithm_;
  std::optional<calib::Protocol> protocol_;
  std::vector<ncclComm_t> comms_;
};

/// Measures collectives. Keeps the communicators from one figure to the next of the same way.
class CollectiveBench {
 public:
  explicit CollectiveBench(const World& world);
  ~CollectiveBench();

  /// Fills in `what.measured`, transport, checked and errors. All ranks must call it alike.
  /// @throws NotHere where NCCL has no such way
  void measure(const SamplingPolicy& policy, calib::CollectiveMeasurement& what);

  /// An all-reduce that can be enqueued on a rank's stream again and again, for loads and overlaps.
  Communicators& own_choice();
  [[nodiscard]] const World& world() const { return world_; }

 private:
  Communicators& communicators(std::optional<calib::Algorithm> algorithm,
                               std::optional<calib::Protocol> protocol);
  const World& world_;
  std::unique_ptr<Communicators> now_;
  std::vector<std::tuple<calib::Collective, std::optional<calib::Algorithm>,
                         std::optional<calib::Protocol>>>
      refused_;  ///< ways that NCCL does not have
};

/// Enqueues one operation of `bytes` (nccl-tests' largest buffer) for a local rank within a group.
/// `send` and `receive` hold `bytes` each; in place they are one.
void enqueue_collective(Communicators& communicators, const World& world, std::size_t local_index,
                        calib::Collective op, std::size_t bytes, void* send, void* receive,
                        cudaStream_t stream);

/// Times what `enqueue` puts on the local ranks' streams, in step with the other ranks: a sample is
/// what the slowest rank takes, warm-up and stopping are agreed on. All ranks must call it alike.
calib::Measured time_in_step(const World& world, Communicators& communicators,
                             const SamplingPolicy& policy, const std::function<void()>& enqueue);

/// A sample's slowest rank, and whether anyone was interrupted; the same on all ranks.
struct Agreed {
  units::Seconds slowest;
  bool stop = false;
};
Agreed agree(Rendezvous& rendezvous, units::Seconds mine);

/// What the ranks speak over, as far as one can see from this process.
calib::Transport transport_of(const World& world);

}  // namespace real_runner
