// Uniform all-to-all at any scale: one activity per rank instead of n^2 flows.
//
// A rank sends the same number of bytes to every other. Ranks that hang on the same leaf (in the
// same pod) are alike to it: their routes climb over the same trunk, so one route stands for all,
// with their number as its weight. Of such a route the climb (GPU, NIC, leaf, spine) is charged to
// the rank whose NIC sends, and, mirrored, the descent to the rank whose NIC receives. Summed over
// all ranks every link gets exactly the bytes of the n^2 flows. All of these start together and
// have equal sizes, so the last one ends when the link with the largest load by capacity has passed
// its bytes; so do the activities. Static and hashed routes are counted as spread evenly over the
// ports of a trunk: n flows per rank leave little else.
#include <algorithm>
#include <map>
#include <utility>

#include "sim/collective/schedule/generators.hpp"
#include "topology/error.hpp"

namespace sim::schedule {

namespace {

using topology::Cluster;
using topology::Hop;
using topology::LinkId;
using topology::VertexId;
using topology::VertexKind;

/// Height above the accelerators; a route climbs and then descends.
int height(VertexKind kind) {
  switch (kind) {
    case VertexKind::Nic:
      return 1;
    case VertexKind::Leaf:
      return 2;
    case VertexKind::Spine:
      return 3;
    case VertexKind::Core:
      return 4;
    case VertexKind::Border:
      return 5;
    default:
      return 0;
  }
}

/// Weights by link, added up.
class Load {
 public:
  void add(LinkId link, double weight) { hops_.push_back({link, weight}); }
  /// One hop per link, in the order of links.
  std::vector<Hop> take() {
    std::sort(hops_.begin(), hops_.end(),
              [](const Hop& a, const Hop& b) { return a.link < b.link; });
    std::vector<Hop> merged;
    for (const Hop& hop : hops_) {
      if (!merged.empty() && merged.back().link == hop.link) {
        merged.back().weight += hop.weight;
      } else {
        merged.push_back(hop);
      }
    }
    hops_.clear();
    return merged;
  }

 private:
  std::vector<Hop> hops_;
};

/// Where a NIC is plugged in, from the leaf up. Equal places are reached over equal trunks.
struct Site {
  VertexId leaf = 0, spine = 0, core = 0;
};

/// The ranks under one leaf, or one set of spines, on one rail.
struct Crowd {
  int count = 0;
  int some = -1;   ///< a GPU among them
  int other = -1;  ///< one that is not under the same leaf (node, for the crowd of a leaf)
};

class AllToAll {
 public:
  explicit AllToAll(const CollectiveTask& task)
      : task_(task),
        ways_(task.ways.cluster(), topology::Routing::Adaptive),
        cluster_(task.ways.cluster()),
        spec_(cluster_.spec()),
        domain_(domain_size(spec_)),
        each_(task.size / static_cast<double>(task.team.ranks())),
        rank_at_(static_cast<std::size_t>(spec_.gpus), -1),
        loads_(static_cast<std::size_t>(task.team.ranks())) {
    for (int r = 0; r < task.team.ranks(); ++r) {
      rank_at_[static_cast<std::size_t>(gpu(r))] = r;
    }
  }

  Phase load(AllToAllPart part) {
    if (task_.team.domains() > 1) {
      survey();
      if (part != AllToAllPart::Inside) {
        outside();
      }
    }
    if (part != AllToAllPart::Outside) {
      inside();
    }
    Phase phase;
    for (Load& load : loads_) {
      phase.activities.push_back({each_, load.take()});
    }
    phase.latency = latency_;
    return phase;
  }

 private:
  [[nodiscard]] int gpu(int rank) const { return task_.team.gpu(static_cast<std::uint32_t>(rank)); }
  [[nodiscard]] int rail(int g) const { return forwards() ? g % spec_.gpus_per_node : 0; }
  /// Whether a neighbour on the destination's rail sends (PXN), as routes have it.
  [[nodiscard]] bool forwards() const {
    return domain_ > 1 && spec_.accelerator.scale_up.kind != topology::ScaleUpKind::Pcie;
  }

  [[nodiscard]] Site site(int g) const {
    Site s;
    s.leaf = ways_.neighbour(ways_.neighbour(cluster_.gpu(g), VertexKind::Nic), VertexKind::Leaf);
    if (ways_.has_neighbour(s.leaf, VertexKind::Spine)) {
      s.spine = ways_.neighbour(s.leaf, VertexKind::Spine);
      if (ways_.has_neighbour(s.spine, VertexKind::Core)) {
        s.core = ways_.neighbour(s.spine, VertexKind::Core);
      }
    }
    return s;
  }

  using Key = std::pair<VertexId, int>;  ///< leaf (or spine, core, 0) and rail

  void count(std::map<Key, Crowd>& crowds, VertexId at, int g, bool apart) {
    Crowd& crowd = crowds[{at, rail(g)}];
    ++crowd.count;
    if (crowd.some < 0) {
      crowd.some = g;
    } else if (crowd.other < 0 && apart) {
      crowd.other = g;
    }
  }

  [[nodiscard]] const Site& site_of(int g) const { return sites_[static_cast<std::size_t>(g)]; }

  void survey() {
    sites_.resize(static_cast<std::size_t>(spec_.gpus));
    for (int d = 0; d < task_.team.domains(); ++d) {
      for (const std::uint32_t r : task_.team.domain(d)) {
        const int first = task_.team.gpu(r) / spec_.gpus_per_node * spec_.gpus_per_node;
        for (int g = first; g < std::min(first + spec_.gpus_per_node, spec_.gpus); ++g) {
          if (site_of(g).leaf == 0) {
            sites_[static_cast<std::size_t>(g)] = site(g);
          }
        }
      }
    }
    for (int r = 0; r < task_.team.ranks(); ++r) {
      const int g = gpu(r);
      const Site& s = site_of(g);
      const auto apart = [&](std::map<Key, Crowd>& crowds, VertexId at) {
        const int some = crowds[{at, rail(g)}].some;
        return some < 0 ? Site{} : site_of(some);
      };
      count(leaves_, s.leaf, g, leaves_[{s.leaf, rail(g)}].some / domain_ != g / domain_);
      count(pods_, s.spine, g, apart(pods_, s.spine).leaf != s.leaf);
      count(regions_, s.core, g, apart(regions_, s.core).spine != s.spine);
      count(all_, 0, g, apart(all_, 0).core != s.core);
    }
  }

  /// Ranks that are alike to a NIC, with one of them.
  struct Alike {
    int count;
    int some;
  };

  /// What the NIC of `g` reaches on `to_rail`, by how far it is: own domain left out.
  std::vector<Alike> classes(int g, int to_rail) {
    const Site& s = site_of(g);
    const Key leaf{s.leaf, to_rail}, pod{s.spine, to_rail}, region{s.core, to_rail};
    const Key everything{0, to_rail};
    int own = 0;
    const int first = g / domain_ * domain_;
    for (int i = first; i < std::min(first + domain_, spec_.gpus); ++i) {
      own += rank_at_[static_cast<std::size_t>(i)] >= 0 && rail(i) == to_rail ? 1 : 0;
    }
    const auto own_leaf = [&] {
      int same = 0;
      for (int i = first; i < std::min(first + domain_, spec_.gpus); ++i) {
        same += rank_at_[static_cast<std::size_t>(i)] >= 0 && rail(i) == to_rail &&
                        site_of(i).leaf == s.leaf
                    ? 1
                    : 0;
      }
      return same;
    }();
    std::vector<Alike> list;
    int counted = 0;
    const auto offer = [&](int total, int without, const Crowd& crowd, auto&& same) {
      const int number = total - without - counted;
      counted += std::max(0, number);
      if (number > 0) {
        const int some = crowd.some >= 0 && !same(crowd.some) ? crowd.some : crowd.other;
        topology::expects(some >= 0, "a crowd has somebody further away");
        list.push_back({number, some});
      }
    };
    const Crowd near = leaves_[leaf];
    offer(near.count, own_leaf, near, [&](int o) { return o / domain_ == g / domain_; });
    const Crowd mid = pods_[pod];
    offer(mid.count, own, mid, [&](int o) { return site_of(o).leaf == s.leaf; });
    const Crowd far = regions_[region];
    offer(far.count, own, far, [&](int o) { return site_of(o).spine == s.spine; });
    const Crowd rest = all_[everything];
    offer(rest.count, own, rest, [&](int o) { return site_of(o).core == s.core; });
    return list;
  }

  /// What crosses NICs, charged to the ranks whose NICs they are.
  void outside() {
    const int node = forwards() ? spec_.gpus_per_node : 1;
    std::vector<int> rails;
    for (const auto& [key, crowd] : all_) {
      rails.push_back(key.second);
    }
    for (int r = 0; r < task_.team.ranks(); ++r) {
      const int g = gpu(r);
      const int first = g / node * node;
      if (r != first_rank_of(first, node)) {
        continue;
      }
      const int senders = ranks_in(first, node);
      for (const int k : rails) {
        const int relay = forwards() ? first + k : g;
        const int owner = rank_at_[static_cast<std::size_t>(relay)];
        charge(relay, k, senders, owner >= 0 ? owner : r);
      }
    }
  }

  [[nodiscard]] int first_rank_of(int first, int node) const {
    for (int g = first; g < std::min(first + node, spec_.gpus); ++g) {
      if (rank_at_[static_cast<std::size_t>(g)] >= 0) {
        return rank_at_[static_cast<std::size_t>(g)];
      }
    }
    return -1;
  }
  [[nodiscard]] int ranks_in(int first, int node) const {
    int count = 0;
    for (int g = first; g < std::min(first + node, spec_.gpus); ++g) {
      count += rank_at_[static_cast<std::size_t>(g)] >= 0 ? 1 : 0;
    }
    return count;
  }

  /// The climb from `relay` to all on `to_rail`, `senders` times, and the descent to its own rank.
  void charge(int relay, int to_rail, int senders, int owner) {
    Load& load = loads_[static_cast<std::size_t>(owner)];
    const bool receives = rank_at_[static_cast<std::size_t>(relay)] >= 0;
    for (const Alike& alike : classes(relay, to_rail)) {
      const double out = static_cast<double>(alike.count) * senders;
      walk(relay, alike.some, +1, out, load);
      if (receives) {
        walk(peer_on_rail(alike.some, relay), relay, -1, incoming(alike), load);
      }
    }
  }

  /// The GPU whose NIC sends to `to` on behalf of the node of `from`.
  [[nodiscard]] int peer_on_rail(int from, int to) const {
    return forwards() ? from / spec_.gpus_per_node * spec_.gpus_per_node + to % spec_.gpus_per_node
                      : from;
  }
  /// Ranks that send from as far away as `alike`: all of a node, not only the one on the rail.
  [[nodiscard]] double incoming(const Alike& alike) const {
    const int node = forwards() ? spec_.gpus_per_node : 1;
    const int first = alike.some / node * node;
    return static_cast<double>(alike.count) * ranks_in(first, node);
  }

  void walk(int from, int to, int direction, double weight, Load& load) {
    latency_ = std::max(latency_, ways_.way({static_cast<std::uint32_t>(from)},
                                            {static_cast<std::uint32_t>(to)}, hops_));
    for (const Hop& hop : hops_) {
      const topology::Link& link = cluster_.link(cluster_.members(hop.link).front());
      const int climb = height(cluster_.kind(link.to)) - height(cluster_.kind(link.from));
      const bool level = direction > 0 && cluster_.kind(link.from) == VertexKind::Border &&
                         cluster_.kind(link.to) == VertexKind::Border;
      if (climb * direction > 0 || level) {
        load.add(hop.link, hop.weight * weight);
      }
    }
  }

  /// Inside the domains: to the neighbours, and to those that forward to other rails.
  void inside() {
    for (int d = 0; d < task_.team.domains(); ++d) {
      const auto members = task_.team.domain(d);
      for (const std::uint32_t r : members) {
        const int g = task_.team.gpu(r);
        Load& load = loads_[r];
        for (const std::uint32_t other : members) {
          if (other != r) {
            inner_way(g, task_.team.gpu(other), 1.0, load);
          }
        }
        if (forwards() && task_.team.domains() > 1) {
          for (const auto& [key, crowd] : all_) {
            const int relay = g / spec_.gpus_per_node * spec_.gpus_per_node + key.second;
            if (relay != g && relay / domain_ == g / domain_) {
              inner_way(g, relay, outside_on(key, d), load);
            }
          }
        }
      }
    }
  }

  /// Ranks on a rail that are not in domain d.
  [[nodiscard]] double outside_on(const Key& key, int d) const {
    int own = 0;
    for (const std::uint32_t r : task_.team.domain(d)) {
      own += rail(task_.team.gpu(r)) == key.second ? 1 : 0;
    }
    return all_.at(key).count - own;
  }

  void inner_way(int from, int to, double weight, Load& load) {
    latency_ = std::max(latency_, ways_.way({static_cast<std::uint32_t>(from)},
                                            {static_cast<std::uint32_t>(to)}, hops_));
    for (const Hop& hop : hops_) {
      load.add(hop.link, hop.weight * weight);
    }
  }

  const CollectiveTask& task_;
  Ways ways_;
  const Cluster& cluster_;
  const topology::ClusterSpec& spec_;
  int domain_;
  units::Bytes each_;
  std::vector<int> rank_at_;
  std::vector<Site> sites_;
  std::map<Key, Crowd> leaves_, pods_, regions_, all_;
  std::vector<Load> loads_;
  std::vector<Hop> hops_;
  units::Seconds latency_;
};

/// Whether all nodes that hold ranks hold them on the same rails.
bool nodes_are_alike(const Team& team, const topology::ClusterSpec& spec) {
  std::map<int, std::vector<int>> rails;
  for (int d = 0; d < team.domains(); ++d) {
    for (const std::uint32_t r : team.domain(d)) {
      rails[team.gpu(r) / spec.gpus_per_node].push_back(team.gpu(r) % spec.gpus_per_node);
    }
  }
  return std::all_of(rails.begin(), rails.end(),
                     [&](const auto& node) { return node.second == rails.begin()->second; });
}

/// Fabrics of which every GPU's traffic climbs to a switch and descends again.
bool climbs(const topology::ClusterSpec& spec) {
  switch (spec.fabric) {
    case topology::FabricKind::RailOptimised:
    case topology::FabricKind::FatTree:
    case topology::FabricKind::ThreeTier:
      return spec.scale_up_domain % spec.gpus_per_node == 0 || spec.scale_up_domain == 1;
    default:
      return false;
  }
}

/// Flows between all pairs; beyond kExplicit ranks between each and as many others at equal
/// distances, which stand for the rest.
Phase sampled(const CollectiveTask& task) {
  constexpr std::uint32_t kExplicit = 256;
  const auto n = static_cast<std::uint32_t>(task.team.ranks());
  const std::uint32_t targets = std::min(n - 1, kExplicit - 1);
  const double stands_for = static_cast<double>(n - 1) / targets;
  Phase phase;
  for (std::uint32_t from = 0; from < n; ++from) {
    Load load;
    std::vector<Hop> hops;
    for (std::uint32_t i = 0; i < targets; ++i) {
      const auto step = static_cast<std::uint32_t>(std::uint64_t{i} * (n - 1) / targets);
      const std::uint32_t to = (from + 1 + step) % n;
      phase.latency = std::max(phase.latency, task.ways.way(task.end(from), task.end(to), hops));
      for (const Hop& hop : hops) {
        load.add(hop.link, hop.weight * stands_for);
      }
    }
    phase.activities.push_back({task.size / static_cast<double>(n), load.take()});
  }
  return phase;
}

}  // namespace

bool all_to_all_has_parts(const CollectiveTask& task) {
  const topology::ClusterSpec& spec = task.ways.cluster().spec();
  return climbs(spec) && nodes_are_alike(task.team, spec);
}

Phase all_to_all_load(const CollectiveTask& task, AllToAllPart part) {
  return all_to_all_has_parts(task) ? AllToAll(task).load(part) : sampled(task);
}

}  // namespace sim::schedule
