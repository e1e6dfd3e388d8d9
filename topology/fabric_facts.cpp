#include "topology/fabric_facts.hpp"

#include <algorithm>
#include <map>

#include "topology/clos_plan.hpp"

namespace topology {

namespace {

using units::BytesPerSecond;

bool is_clos(FabricKind kind) {
  return kind == FabricKind::RailOptimised || kind == FabricKind::FatTree ||
         kind == FabricKind::ThreeTier || kind == FabricKind::RailOnly;
}

/// Bandwidth down over bandwidth up, of a leaf and of a spine.
double leaf_taper(const ClosPlan& net) {
  return net.leaf_up > 0.0 ? net.leaf_endpoints / net.leaf_up : 1.0;
}
double spine_taper(const ClosPlan& net) {
  return net.spine_up > 0.0 ? net.leaf_up * net.leaves_per_pod / net.spines_per_pod / net.spine_up
                            : 1.0;
}

double clos_share(const ClosPlan& net) {
  if (net.groups == 1 || net.tiers() == 1) {
    return 1.0;  // both halves hang on the same leaves
  }
  const int pods_side_by_side = net.pods_by_rail ? net.rails : 1;
  const double leaf = std::min(1.0, 1.0 / leaf_taper(net));
  return net.pods > pods_side_by_side ? leaf * std::min(1.0, 1.0 / spine_taper(net)) : leaf;
}

Bisection clos_bisection(const ClusterSpec& spec) {
  const FabricPlan plan = plan_fabric(spec);
  const BytesPerSecond full = spec.nic_bandwidth * spec.gpus / 2.0;
  Bisection found{full * clos_share(plan.net), 0.0};
  if (plan.sites > 1) {
    const int half = plan.sites / 2;
    found.bandwidth = std::min(found.bandwidth, spec.sites.bandwidth * static_cast<double>(half) *
                                                    static_cast<double>(plan.sites - half));
  }
  found.of_full = found.bandwidth / full;
  return found;
}

/// Cut across the longest axis: two cables of each of its rows (the second closes the ring).
std::optional<Bisection> torus_bisection(const std::vector<int>& extents, BytesPerSecond per_device,
                                         int devices) {
  const auto axes = std::count_if(extents.begin(), extents.end(), [](int e) { return e > 1; });
  if (axes == 0 || devices < 2) {
    return std::nullopt;
  }
  const int longest = *std::max_element(extents.begin(), extents.end());
  const BytesPerSecond cable = per_device / (2.0 * static_cast<double>(axes));
  const double cables = 2.0 * devices / longest;
  return Bisection{cable * cables, cable * cables / (per_device * devices / 2.0)};
}

std::optional<Bisection> domain_bisection(const ClusterSpec& spec) {
  const ScaleUp& net = spec.accelerator.scale_up;
  const BytesPerSecond full = net.bandwidth * spec.gpus / 2.0;
  if (spec.gpus < 2 || full <= BytesPerSecond{}) {
    return std::nullopt;
  }
  if (net.kind == ScaleUpKind::Switched) {
    return Bisection{full, 1.0};
  }
  if (net.kind == ScaleUpKind::Mesh) {
    const BytesPerSecond pair = net.peer_bandwidth > BytesPerSecond{}
                                    ? net.peer_bandwidth
                                    : net.bandwidth / (spec.gpus - 1);
    const BytesPerSecond cut = pair * (spec.gpus / 2) * (spec.gpus - spec.gpus / 2);
    return Bisection{cut, cut / full};
  }
  return std::nullopt;
}

/// The way from node to other sites, lowest first.
int height(VertexKind kind) {
  switch (kind) {
    case VertexKind::Gpu:
      return 0;
    case VertexKind::ScaleUpSwitch:
      return 1;
    case VertexKind::PcieSwitch:
      return 2;
    case VertexKind::Host:
      return 3;
    case VertexKind::Nic:
      return 4;
    case VertexKind::Other:
      return 5;
    case VertexKind::Leaf:
    case VertexKind::Router:
      return 6;
    case VertexKind::Spine:
      return 7;
    case VertexKind::Core:
      return 8;
    case VertexKind::Border:
      return 9;
  }
  return 0;
}

bool is_switch(VertexKind kind) {
  return height(kind) >= height(VertexKind::Other);
}

}  // namespace

std::optional<Bisection> bisection(const ClusterSpec& spec) {
  if (is_clos(spec.fabric)) {
    return clos_bisection(spec);
  }
  if (spec.fabric == FabricKind::Torus) {
    return torus_bisection(spec.torus, spec.accelerator.scale_up.bandwidth, spec.gpus);
  }
  return spec.fabric == FabricKind::SingleDomain ? domain_bisection(spec) : std::nullopt;
}

std::vector<double> oversubscription(const ClusterSpec& spec) {
  if (!is_clos(spec.fabric)) {
    return {};
  }
  const ClosPlan net = plan_fabric(spec).net;
  std::vector<double> tapers;
  if (net.tiers() > 1) {
    tapers.push_back(leaf_taper(net));
  }
  if (net.tiers() > 2) {
    tapers.push_back(spine_taper(net));
  }
  return tapers;
}

std::vector<Reach> reach_from(const Cluster& cluster, int gpu) {
  std::map<int, Reach> found;
  std::vector<Hop> hops;
  for (int peer = 0; peer < cluster.spec().gpus; ++peer) {
    const auto latency = peer == gpu ? std::nullopt : cluster.route_into(gpu, peer, {}, hops);
    if (!latency) {
      continue;
    }
    VertexKind highest = VertexKind::Gpu;
    int switches = 0;
    for (const Hop& hop : hops) {
      const VertexKind kind = cluster.kind(cluster.link(hop.link).to);
      highest = height(kind) > height(highest) ? kind : highest;
      switches += is_switch(kind) ? 1 : 0;
    }
    const int links = static_cast<int>(hops.size());
    auto [it, fresh] = found.try_emplace(height(highest));
    Reach& reach = it->second;
    if (fresh) {
      reach = {highest, 0, links, links, switches, switches, *latency, *latency};
    }
    ++reach.peers;
    reach.min_links = std::min(reach.min_links, links);
    reach.max_links = std::max(reach.max_links, links);
    reach.min_switches = std::min(reach.min_switches, switches);
    reach.max_switches = std::max(reach.max_switches, switches);
    reach.min_latency = std::min(reach.min_latency, *latency);
    reach.max_latency = std::max(reach.max_latency, *latency);
  }
  std::vector<Reach> list;
  for (const auto& [level, reach] : found) {
    list.push_back(reach);
  }
  return list;
}

}  // namespace topology
