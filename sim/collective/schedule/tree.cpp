// Double binary trees between the domains, chains inside: each half of the data has a tree of its
// own, and a domain that is inner in one is a leaf of the other. Source: Sanders, Speck and Traeff,
// Parallel Computing 35(12), 2009; the numbering of the tree (inner nodes are the even ranks) is
// NCCL's.
#include <algorithm>
#include <array>
#include <utility>

#include "sim/collective/schedule/generators.hpp"

namespace sim::schedule {

namespace {

/// Parent of each of n nodes, -1 for the root (node 0): the lowest set bit of a node is its height.
std::vector<int> in_order_tree(int n) {
  std::vector<int> parent(static_cast<std::size_t>(n), -1);
  for (int i = 1; i < n; ++i) {
    const int bit = i & -i;
    const int up = (i ^ bit) | (bit << 1);
    parent[static_cast<std::size_t>(i)] = up < n ? up : i ^ bit;
  }
  return parent;
}

/// The second tree: mirrored for an even number of nodes, shifted by one for an odd one.
std::vector<int> second_tree(int n) {
  const std::vector<int> first = in_order_tree(n);
  std::vector<int> parent(first.size());
  const auto renamed = [n](int i) { return n % 2 == 0 ? n - 1 - i : (i + 1) % n; };
  for (int i = 0; i < n; ++i) {
    const int up = first[static_cast<std::size_t>(i)];
    parent[static_cast<std::size_t>(renamed(i))] = up < 0 ? -1 : renamed(up);
  }
  return parent;
}

/// The tree of ranks that one half of a channel's data goes up and down: chains to the heads of the
/// domains, and a binary tree over the heads.
struct RankTree {
  std::vector<int> parent;        ///< by rank; -1: the root
  std::vector<int> leaves_first;  ///< children before their parents
};

RankTree tree_of(const Team& team, int channel, const std::vector<int>& domain_parent) {
  RankTree tree{.parent = std::vector<int>(static_cast<std::size_t>(team.ranks()), -1),
                .leaves_first = {}};
  const auto member = [&](int d, std::size_t i) {
    const auto members = team.domain(d);
    return members[(static_cast<std::size_t>(channel) + i) % members.size()];
  };
  for (int d = 0; d < team.domains(); ++d) {
    for (std::size_t i = 1; i < team.domain(d).size(); ++i) {
      tree.parent[member(d, i)] = static_cast<int>(member(d, i - 1));
    }
    const int up = domain_parent[static_cast<std::size_t>(d)];
    tree.parent[member(d, 0)] = up < 0 ? -1 : static_cast<int>(member(up, 0));
  }
  tree.leaves_first = leaves_first(tree.parent);
  return tree;
}

bool can(const CollectiveTask& task) {
  return task.op == Collective::AllReduce && task.team.domains() > 1;
}

void add_piece(CollectiveSchedule& schedule, const RankTree& tree, Transfer t) {
  std::vector<std::vector<TransferId>> arrived(tree.parent.size());
  const auto send = [&](int from, int to) {
    t.from = static_cast<std::uint32_t>(from);
    t.to = static_cast<std::uint32_t>(to);
    return schedule.add(t, arrived[t.from]);
  };
  t.action = Action::Add;
  for (const int rank : tree.leaves_first) {
    if (const int up = tree.parent[static_cast<std::size_t>(rank)]; up >= 0) {
      arrived[static_cast<std::size_t>(up)].push_back(send(rank, up));
    }
  }
  t.action = Action::Copy;
  for (auto rank = tree.leaves_first.rbegin(); rank != tree.leaves_first.rend(); ++rank) {
    if (const int up = tree.parent[static_cast<std::size_t>(*rank)]; up >= 0) {
      arrived[static_cast<std::size_t>(*rank)] = {send(up, *rank)};
    }
  }
}

CollectiveSchedule steps(const CollectiveTask& task) {
  const auto n = static_cast<std::uint32_t>(task.team.ranks());
  const auto channels = static_cast<std::uint32_t>(task.team.channels());
  const std::uint32_t streams = channels * 2;
  CollectiveSchedule::check_size(2.0 * n * streams * task.pieces);
  CollectiveSchedule schedule(n, streams * task.pieces);
  const auto trees = double_tree(task.team.domains());
  for (std::uint32_t s = 0; s < streams; ++s) {
    const RankTree tree = tree_of(task.team, static_cast<int>(s / 2), trees[s % 2]);
    for (std::uint32_t i = 0; i < task.pieces; ++i) {
      const std::uint32_t slot = s * task.pieces + i;
      add_piece(schedule, tree,
                {.source = slot,
                 .target = slot,
                 .channel = static_cast<std::uint16_t>(s),
                 .size = task.size / (static_cast<double>(task.pieces) * streams)});
    }
  }
  return schedule;
}

/// From the farthest leaf to the root and back: both ways take the same links.
units::Seconds round_trip(const CollectiveTask& task, const RankTree& tree) {
  std::vector<units::Seconds> up(tree.parent.size());
  units::Seconds farthest;
  for (const int rank : tree.leaves_first) {
    const auto from = static_cast<std::size_t>(rank);
    farthest = std::max(farthest, up[from]);
    if (tree.parent[from] >= 0) {
      const auto to = static_cast<std::size_t>(tree.parent[from]);
      up[to] = std::max(up[to], up[from] + task.latency(static_cast<std::uint32_t>(from),
                                                        static_cast<std::uint32_t>(to)));
    }
  }
  return farthest * 2.0;
}

/// Links of the chains: every channel but the one whose head is at the upper end.
void add_chains(const CollectiveTask& task, units::Bytes each, Phase& phase) {
  const int channels = task.team.channels();
  for (int d = 0; d < task.team.domains(); ++d) {
    const auto members = task.team.domain(d);
    const int k = static_cast<int>(members.size());
    for (int i = 0; i < k && k > 1; ++i) {
      const int next = (i + 1) % k;
      const int heads = channels / k + (next < channels % k ? 1 : 0);
      const units::Bytes size = each * static_cast<double>(channels - heads);
      const WayEnd a = task.end(members[static_cast<std::size_t>(i)]);
      const WayEnd b = task.end(members[static_cast<std::size_t>(next)]);
      if (size > units::Bytes{}) {
        phase.edges.push_back({b, a, size});
        phase.edges.push_back({a, b, size});
      }
    }
  }
}

void fluid(const CollectiveTask& task, const PhaseSink& sink) {
  const Team& team = task.team;
  const units::Bytes each = task.size / static_cast<double>(team.channels());
  const auto trees = double_tree(team.domains());
  Phase phase;
  add_chains(task, each, phase);
  for (int c = 0; c < team.channels(); ++c) {
    for (const auto& parents : trees) {
      for (int d = 0; d < team.domains(); ++d) {
        const int up = parents[static_cast<std::size_t>(d)];
        if (up >= 0) {
          const auto head = [&](int of) {
            const auto members = team.domain(of);
            return task.end(members[static_cast<std::size_t>(c) % members.size()]);
          };
          phase.edges.push_back({head(d), head(up), each / 2});
          phase.edges.push_back({head(up), head(d), each / 2});
        }
      }
    }
  }
  if (task.with_latency) {
    for (const auto& parents : trees) {
      phase.latency = std::max(phase.latency, round_trip(task, tree_of(team, 0, parents)));
    }
  }
  sink(std::move(phase));
}

}  // namespace

std::array<std::vector<int>, 2> double_tree(int n) {
  return {in_order_tree(n), second_tree(n)};
}

std::vector<int> leaves_first(const std::vector<int>& parent) {
  std::vector<int> children(parent.size(), 0), order;
  for (const int up : parent) {
    if (up >= 0) {
      ++children[static_cast<std::size_t>(up)];
    }
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children[i] == 0) {
      order.push_back(static_cast<int>(i));
    }
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const int up = parent[static_cast<std::size_t>(order[i])];
    if (up >= 0 && --children[static_cast<std::size_t>(up)] == 0) {
      order.push_back(up);
    }
  }
  return order;
}

Generator tree() {
  return {Algorithm::Tree, can, steps, fluid};
}

}  // namespace sim::schedule
