#pragma once
// Published fabrics as specs, and checks of routes that may be split over several ways.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "topology/routing.hpp"

#include "tests/topology/specs.hpp"

namespace topology::testing {

/// Meta's 24k cluster (TOPOLOGIES: 8 pods x 3,072 GPUs, pod = 192 racks of 16; ToR of 64 x 400G,
/// cluster switches of 576 x 400G; 1:1 in the pod, 1:7 above).
inline ClusterSpec meta_24k() {
  ClusterSpec spec = dgx(24576, FabricKind::ThreeTier);
  spec.nodes_per_leaf = 2;
  spec.switch_ports = 64;
  spec.spine_ports = 576;
  spec.core_ports = 576;
  spec.nodes_per_pod = 384;
  spec.spine_oversubscription = 7;
  return spec;
}

/// Alibaba HPN 7.0 (Qian et al., SIGCOMM 2024): segments of 128 nodes, NIC ports of 2 x 200G to two
/// ToRs with 128 x 200G down and 60 x 400G up, 60 aggregation switches per plane in a pod of 15
/// segments, 15:1 above.
inline ClusterSpec hpn7(int pods) {
  ClusterSpec spec = dgx(pods * 15 * 128 * 8, FabricKind::RailOptimised);
  spec.planes = 2;
  spec.nodes_per_leaf = 128;
  spec.switch_ports = 256;
  spec.uplink_bandwidth = units::gigabits_per_second(400);
  spec.leaf_oversubscription = 128.0 * 200 / (60.0 * 400);
  spec.nodes_per_pod = 15 * 128;
  spec.spine_ports = 128;
  spec.core_ports = 128;
  spec.spine_oversubscription = 15;
  return spec;
}

/// All links of one cable cut: both directions.
class Faults {
 public:
  explicit Faults(const Cluster& c) : c_(c) { health_.left.assign(c.link_count(), 1.0F); }
  Faults& cut(VertexId a, VertexId b) {
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      if (const auto link = c_.find_link(from, to)) {
        health_.left[*link] = 0.0F;
      }
    }
    return *this;
  }
  /// A device with all its cables.
  Faults& lose(VertexId v) {
    for (LinkId id = 0; id < c_.link_count(); ++id) {
      if (c_.link(id).from == v || c_.link(id).to == v) {
        health_.left[id] = 0.0F;
      }
    }
    return *this;
  }
  [[nodiscard]] const FabricHealth* health() const { return &health_; }

 private:
  const Cluster& c_;
  FabricHealth health_;
};

/// The vertex that link `i` of a NIC's leaves leads to: the leaf of plane i.
inline std::vector<VertexId> leaves_of(const Cluster& c, VertexId nic) {
  std::vector<VertexId> found;
  for (const Link& link : c.links()) {
    if (link.from == nic && c.kind(link.to) != VertexKind::Gpu) {
      found.push_back(link.to);
    }
  }
  return found;
}

inline std::vector<VertexId> all_of(const Cluster& c, VertexKind kind) {
  std::vector<VertexId> found;
  for (VertexId v = 0; v < c.vertex_count(); ++v) {
    if (c.kind(v) == kind) {
      found.push_back(v);
    }
  }
  return found;
}
inline VertexId first_of(const Cluster& c, VertexKind kind) {
  return all_of(c, kind).at(0);
}

/// How far a route is from carrying exactly one flow from one GPU to the other: what enters a
/// device in between leaves it. A trunk is taken as its links in equal parts, which all share it.
inline double imbalance(const Cluster& c, const Route& route, int from, int to) {
  std::map<VertexId, double> surplus;
  surplus[c.gpu(from)] += 1;
  surplus[c.gpu(to)] -= 1;
  for (const Hop& hop : route.hops) {
    const auto members = c.members(hop.link);
    for (const LinkId id : members) {
      const double share = hop.weight / static_cast<double>(members.size());
      surplus[c.link(id).from] -= share;
      surplus[c.link(id).to] += share;
    }
  }
  double worst = 0;
  for (const auto& [v, net] : surplus) {
    worst = std::max(worst, std::abs(net));
  }
  return worst;
}

/// Whether a route uses a link that is lost, or a trunk of which nothing is left.
inline bool uses_lost(const Cluster& c, const Route& route, const FabricHealth& health) {
  return std::any_of(route.hops.begin(), route.hops.end(), [&](const Hop& hop) {
    const auto members = c.members(hop.link);
    return std::none_of(members.begin(), members.end(), [&](LinkId id) { return health.up(id); });
  });
}

/// Rate of a single flow: the tightest of its hops.
inline double rate_gbit(const Cluster& c, const Route& route, const RouteRequest& how) {
  double least = 1e18;
  for (const Hop& hop : route.hops) {
    const double capacity = c.capacity(hop.link, how).in(units::gigabits_per_second(1));
    least = std::min(least, capacity / hop.weight);
  }
  return least;
}

/// Pairs over the whole cluster, the same in every run.
template <class Check>
void for_pairs(const Cluster& c, int pairs, const Check& check) {
  const auto gpus = static_cast<std::uint64_t>(c.spec().gpus);
  for (int k = 0; k < pairs; ++k) {
    const int from = static_cast<int>(mix64(static_cast<std::uint64_t>(k)) % gpus);
    const int to = static_cast<int>(mix64(static_cast<std::uint64_t>(k) + 99991) % gpus);
    check(from, to);
  }
}

inline constexpr std::array kRoutings{Routing::Static, Routing::Ecmp, Routing::Adaptive,
                                      Routing::Spray};

}  // namespace topology::testing
