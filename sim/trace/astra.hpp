#pragma once
// ASTRA-sim's analytical model of a network of one dimension, so that its users can check that
// traces mean the same here. Its conventions, not ours: "GB/s" of the network is 2^30 bytes per
// second, that of the local memory 1e9, and times are cut to whole nanoseconds.
#include <string>

#include "sim/engine/network.hpp"
#include "sim/trace/machine.hpp"
#include "topology/units.hpp"

namespace sim {

/// Network of one dimension (ASTRA-sim's network YAML).
struct AstraNetwork {
  enum class Topology { Ring, FullyConnected, Switch };
  Topology topology = Topology::Ring;
  int npus = 1;
  units::BytesPerSecond bandwidth;  ///< of a link; the file's figure times 2^30
  units::Seconds latency;           ///< of a hop
  /// The variant in which links store and forward, and chunks side by side queue for them.
  bool congestion_aware = false;

  /// Links that a message passes: 2 through the switch, the shorter way round the ring.
  [[nodiscard]] int hops(int from, int to) const;
};

/// The parts of ASTRA-sim's system JSON that decide a time.
struct AstraSystem {
  int splits = 1;         ///< chunks of a collective (preferred-dataset-splits)
  int active_chunks = 1;  ///< of these at a time (active-chunks-per-dimension)
  units::Seconds endpoint_delay =
      units::nanoseconds(10);                ///< per message of a collective, and chunk
  units::BytesPerSecond memory_bandwidth{};  ///< local memory; 0: takes no time
  bool roofline = false;  ///< compute from num_ops and tensor_size where a node has them
  units::FlopsPerSecond peak{};
  std::string all_reduce = "ring", all_gather = "ring", reduce_scatter = "ring";
};

/// Ring collective of `ranks` whose neighbours are `hops` links apart. Each chunk passes n steps; a
/// step is a message of m bytes and the endpoint delay; a reduction reads two operands and writes
/// one:
///   chunk = delay + n (floor(hops latency + m/B) + delay) + r 3 floor(m / memory)
/// all-reduce: n = 2(N-1), r = N-1, m = S/splits/N; reduce-scatter: n = r = N-1, same m;
/// all-gather: n = N-1, r = 0, m = S/splits with S what each rank puts in. `active_chunks` run side
/// by side and do not slow each other down. Congestion-aware: every hop takes floor(latency + m/B),
/// and of the chunks side by side each follows one message behind the one before. Source:
/// ASTRA-sim's printed figures for its own examples, which this meets to the nanosecond
/// (tests/sim/astra_test.cpp).
/// @pre ranks >= 2; op is one of these three.
units::Seconds astra_ring_time(const AstraNetwork& network, const AstraSystem& system,
                               TraceCollective op, units::Bytes size, int ranks, int hops);

/// One message: the latency of its hops and m/B, cut to whole ns.
units::Seconds astra_message_time(const AstraNetwork& network, units::Bytes size, int hops);

/// Runs traces the way that ASTRA-sim does. Refers to `network`, in which it only sets timers.
class AstraMachine final : public TraceMachine {
 public:
  AstraMachine(AstraNetwork astra, AstraSystem system, Network& network);
  [[nodiscard]] units::Seconds compute_time(int rank, const TraceNode& node) const override;
  /// @throws topology::InputError for a collective or an algorithm that is not a plain ring.
  std::uint32_t start(const CollectiveCall& call, const TraceCommunicator& group,
                      std::uint64_t tag) override;
  void send(const Message& message, std::uint64_t tag) override;

 private:
  AstraNetwork astra_;
  AstraSystem system_;
  Network& network_;
};

/// `traces` with every all-reduce of the world replaced by the operations that `algorithm` has for
/// the rank, as ASTRA-sim does with a custom collective. They get new ids.
/// @throws topology::InputError if the algorithm is for another number of ranks, or an all-reduce
/// is not of the world.
TraceSet with_custom_all_reduce(const TraceSet& traces, const TraceSet& algorithm);

}  // namespace sim
