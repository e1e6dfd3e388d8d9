// Reduction in the switches above the NICs (SHARP, NCCL's CollNet): the heads of a part, one per
// domain and on one rail, send to their leaves, those to a spine (and a core where there are
// several pods), and the sum comes back the same way. Inside a domain the ranks hand their parts to
// the heads directly, or along a chain. Source: Graham et al., "Scalable hierarchical aggregation
// protocol (SHARP)", COM-HPC 2016; NCCL 2.30, src/graph/connect.cc (CollNet direct and chain).
#include <algorithm>
#include <map>
#include <utility>

#include "sim/collective/schedule/generators.hpp"

namespace sim::schedule {

namespace {

using topology::VertexId;
using topology::VertexKind;

bool can(const CollectiveTask& task) {
  const topology::ClusterSpec& spec = task.ways.cluster().spec();
  return task.op == Collective::AllReduce && task.team.domains() > 1 && task.team.even() &&
         spec.in_network_reduction && task.ways.cluster().count(VertexKind::Leaf) > 0;
}

/// The switches that reduce one part: parents by switch, from the leaves of the heads up.
struct Aggregation {
  std::vector<std::uint32_t> heads;     ///< ranks, by domain
  std::vector<VertexId> leaf;           ///< by domain
  std::map<VertexId, VertexId> parent;  ///< of a switch; none for the root
  VertexId root = 0;
};

bool all_equal(const std::vector<VertexId>& list) {
  return std::adjacent_find(list.begin(), list.end(), std::not_equal_to<>()) == list.end();
}

Aggregation aggregation_of(const CollectiveTask& task, int channel) {
  Aggregation tree;
  for (int d = 0; d < task.team.domains(); ++d) {
    const std::uint32_t head = task.team.domain(d)[static_cast<std::size_t>(channel)];
    const VertexId gpu = task.ways.cluster().gpu(task.team.gpu(head));
    tree.heads.push_back(head);
    tree.leaf.push_back(
        task.ways.neighbour(task.ways.neighbour(gpu, VertexKind::Nic), VertexKind::Leaf));
  }
  std::vector<VertexId> tops = tree.leaf;
  for (const VertexKind kind : {VertexKind::Spine, VertexKind::Core}) {
    if (all_equal(tops)) {
      break;
    }
    for (VertexId& at : tops) {
      const VertexId up = task.ways.neighbour(at, kind, channel);
      tree.parent[at] = up;
      at = up;
    }
  }
  tree.root = tops.front();
  return tree;
}

/// What a part of the data does inside a domain before (after) its head has sent (received) it:
/// pairs (from, to) in order, towards the head.
std::vector<std::pair<std::uint32_t, std::uint32_t>> to_head(const Team& team, int domain,
                                                             int channel, Algorithm algorithm) {
  const auto members = team.domain(domain);
  const std::size_t k = members.size();
  const auto member = [&](std::size_t i) {
    return members[(static_cast<std::size_t>(channel) + i) % k];
  };
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (std::size_t i = k; i-- > 1;) {
    pairs.emplace_back(member(i), member(algorithm == Algorithm::CollNetDirect ? 0 : i - 1));
  }
  return pairs;
}

/// Adds the transfers of one piece.
class Piece {
 public:
  Piece(const CollectiveTask& task, CollectiveSchedule& schedule, const Aggregation& tree,
        const std::map<VertexId, std::uint32_t>& ends, Transfer t)
      : task_(task), schedule_(schedule), tree_(tree), ends_(ends), t_(t) {}

  void run(int channel, Algorithm algorithm) {
    const Team& team = task_.team;
    for (int d = 0; d < team.domains(); ++d) {
      for (const auto& [from, to] : to_head(team, d, channel, algorithm)) {
        send(from, to, Action::Add);
      }
      send(tree_.heads[static_cast<std::size_t>(d)], leaf(d), Action::Add);
    }
    climb();
    for (int d = 0; d < team.domains(); ++d) {
      send(leaf(d), tree_.heads[static_cast<std::size_t>(d)], Action::Copy);
      auto pairs = to_head(team, d, channel, algorithm);
      for (auto pair = pairs.rbegin(); pair != pairs.rend(); ++pair) {
        send(pair->second, pair->first, Action::Copy);
      }
    }
  }

 private:
  [[nodiscard]] std::uint32_t leaf(int domain) const {
    return ends_.at(tree_.leaf[static_cast<std::size_t>(domain)]);
  }

  /// Leaves to spines, spines to cores, and back. A switch's number grows with its tier.
  void climb() {
    std::vector<std::pair<VertexId, VertexId>> links(tree_.parent.begin(), tree_.parent.end());
    for (const auto& [low, high] : links) {
      send(ends_.at(low), ends_.at(high), Action::Add);
    }
    for (auto link = links.rbegin(); link != links.rend(); ++link) {
      send(ends_.at(link->second), ends_.at(link->first), Action::Copy);
    }
  }

  /// What arrived last by adding is all of it; a copy replaces it.
  void send(std::uint32_t from, std::uint32_t to, Action action) {
    t_.from = from;
    t_.to = to;
    t_.action = action;
    const TransferId id = schedule_.add(t_, arrived_[from]);
    if (action == Action::Copy) {
      arrived_[to].clear();
    }
    arrived_[to].push_back(id);
  }

  const CollectiveTask& task_;
  CollectiveSchedule& schedule_;
  const Aggregation& tree_;
  const std::map<VertexId, std::uint32_t>& ends_;
  Transfer t_;
  std::map<std::uint32_t, std::vector<TransferId>> arrived_;
};

CollectiveSchedule steps_with(const CollectiveTask& task, Algorithm algorithm) {
  const auto n = static_cast<std::uint32_t>(task.team.ranks());
  const auto channels = static_cast<std::uint32_t>(task.team.per_domain());
  const std::uint32_t slots = channels * task.pieces;
  CollectiveSchedule::check_size(4.0 * n * slots);
  CollectiveSchedule schedule(n, slots);
  std::map<VertexId, std::uint32_t> ends;
  for (std::uint32_t c = 0; c < channels; ++c) {
    const Aggregation tree = aggregation_of(task, static_cast<int>(c));
    std::vector<VertexId> switches = tree.leaf;
    for (const auto& [low, high] : tree.parent) {
      switches.push_back(high);
    }
    for (const VertexId v : switches) {
      if (!ends.contains(v)) {
        ends[v] = schedule.add_switch(v);
      }
    }
    for (std::uint32_t i = 0; i < task.pieces; ++i) {
      const std::uint32_t slot = c * task.pieces + i;
      Piece(task, schedule, tree, ends,
            {.source = slot,
             .target = slot,
             .channel = static_cast<std::uint16_t>(c),
             .size = task.size / static_cast<double>(slots)})
          .run(static_cast<int>(c), algorithm);
    }
  }
  return schedule;
}

void fluid_with(const CollectiveTask& task, const PhaseSink& sink, Algorithm algorithm) {
  const Team& team = task.team;
  const units::Bytes each = task.size / static_cast<double>(team.per_domain());
  Phase phase;
  const auto both = [&](WayEnd a, WayEnd b) {
    phase.edges.push_back({a, b, each});
    phase.edges.push_back({b, a, each});
    return task.with_latency ? task.ways.latency(a, b) : units::Seconds{};
  };
  const double hops = algorithm == Algorithm::CollNetDirect ? 1.0 : team.per_domain() - 1.0;
  for (int c = 0; c < team.per_domain(); ++c) {
    const Aggregation tree = aggregation_of(task, c);
    units::Seconds inside, up, above;
    for (int d = 0; d < team.domains(); ++d) {
      for (const auto& [from, to] : to_head(team, d, c, algorithm)) {
        inside = std::max(inside, both(task.end(from), task.end(to)));
      }
      const auto at = static_cast<std::size_t>(d);
      up = std::max(up, both(task.end(tree.heads[at]), WayEnd{tree.leaf[at], true}));
    }
    for (const auto& [low, high] : tree.parent) {
      above = std::max(above, both(WayEnd{low, true}, WayEnd{high, true}));
    }
    const double tiers = tree.parent.empty()                                 ? 0.0
                         : tree.parent.contains(tree.parent.begin()->second) ? 2.0
                                                                             : 1.0;
    phase.latency = std::max(phase.latency, (inside * hops + up + above * tiers) * 2.0);
  }
  sink(std::move(phase));
}

}  // namespace

Generator collnet_direct() {
  return {Algorithm::CollNetDirect, can,
          [](const CollectiveTask& t) { return steps_with(t, Algorithm::CollNetDirect); },
          [](const CollectiveTask& t, const PhaseSink& sink) {
            fluid_with(t, sink, Algorithm::CollNetDirect);
          }};
}
Generator collnet_chain() {
  return {Algorithm::CollNetChain, can,
          [](const CollectiveTask& t) { return steps_with(t, Algorithm::CollNetChain); },
          [](const CollectiveTask& t, const PhaseSink& sink) {
            fluid_with(t, sink, Algorithm::CollNetChain);
          }};
}

}  // namespace sim::schedule
