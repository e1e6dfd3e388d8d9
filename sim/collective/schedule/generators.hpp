#pragma once
// The algorithms, one source file each: step by step for an exact run, and as phases of fluid flows
// for a fast one.
#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "sim/collective/schedule.hpp"
#include "sim/collective/team.hpp"
#include "sim/collective/ways.hpp"

namespace sim {

/// What one rank has for another in an all-to-all-v.
struct PairTraffic {
  std::uint32_t from = 0, to = 0;
  units::Bytes size;
};

/// What is asked for. `size` is nccl-tests' largest buffer, as everywhere (sim/collective).
struct CollectiveTask {
  const Team& team;
  const Ways& ways;
  Collective op = Collective::AllReduce;
  units::Bytes size{};
  std::uint32_t root = 0;  ///< of broadcast and reduce
  /// All-to-all-v: who has how much for whom, instead of equal parts of `size`.
  const std::vector<PairTraffic>* traffic = nullptr;
  /// Pieces that a stream through a tree or chain is cut into, step by step.
  std::uint32_t pieces = 64;
  /// Whether phases get the latency of their longest way; else it is left at 0.
  bool with_latency = false;

  /// Latency of the way between two ranks, if it is wanted.
  [[nodiscard]] units::Seconds latency(std::uint32_t from, std::uint32_t to) const {
    return with_latency && from != to ? ways.latency(end(from), end(to)) : units::Seconds{};
  }
  [[nodiscard]] WayEnd end(std::uint32_t rank) const {
    return {.index = static_cast<std::uint32_t>(team.gpu(rank)), .is_switch = false};
  }
};

/// All bytes that one end sends another in a phase, as one flow.
struct Edge {
  WayEnd from, to;
  units::Bytes size;
};

/// All bytes of one rank in a phase as one activity: `hops` say how often they cross each link.
struct Activity {
  units::Bytes size;
  std::vector<topology::Hop> hops;
};

/// Flows that run at once. The next phase starts when all have ended.
struct Phase {
  units::Seconds latency;  ///< before the bytes flow
  std::vector<Edge> edges;
  std::vector<Activity> activities;
};
using PhaseSink = std::function<void(Phase&&)>;

/// How one algorithm does one task. Nothing where it cannot do the operation or is no match for the
/// team (say, a tree inside one domain).
struct Generator {
  Algorithm algorithm;
  bool (*can)(const CollectiveTask& task);
  CollectiveSchedule (*steps)(const CollectiveTask& task);
  void (*fluid)(const CollectiveTask& task, const PhaseSink& sink);
};

/// The generator of an algorithm; null where there is none.
const Generator* generator_of(Algorithm algorithm);

namespace schedule {

Generator ring();
Generator tree();
Generator halving_doubling();
Generator pairwise();
Generator parallel_aggregated_trees();
Generator in_switch();
Generator in_switch_tree();
Generator collnet_direct();
Generator collnet_chain();
Generator torus();
Generator hierarchical();

/// One pass of `order` as a ring: a reduce-scatter (position p ends with chunk p whole) or an
/// all-gather (position p starts with chunk p). Chunk k is the `count` slots from first + k * count
/// on.
struct RingPass {
  std::vector<std::uint32_t> order;
  std::uint32_t first = 0, count = 1;
  units::Bytes chunk{};
  std::uint16_t channel = 0, phase = 0;
  Action action = Action::Add;  ///< Add: reduce-scatter; Copy: all-gather
};
/// What has to arrive at each rank before it may send: lists by rank.
using Entries = std::vector<std::vector<TransferId>>;
/// Adds the transfers; the entries of the members get longer by what completes their chunk or
/// buffer.
void add_ring_pass(CollectiveSchedule& schedule, const RingPass& pass, Entries& entries);

/// The two trees over n domains: the parent of each, -1 for the root.
std::array<std::vector<int>, 2> double_tree(int n);
/// Nodes of such a tree, children before their parents.
std::vector<int> leaves_first(const std::vector<int>& parent);

/// Which traffic of an all-to-all: what crosses NICs, what moves inside domains (to neighbours, and
/// to those that forward it to other rails), or both at once.
enum class AllToAllPart : std::uint8_t { Both, Inside, Outside };
/// Uniform all-to-all at any scale, one activity per rank; see all_to_all_load.cpp.
Phase all_to_all_load(const CollectiveTask& task, AllToAllPart part = AllToAllPart::Both);
/// Whether ranks and fabric are regular enough to tell the two parts apart.
bool all_to_all_has_parts(const CollectiveTask& task);

}  // namespace schedule
}  // namespace sim
