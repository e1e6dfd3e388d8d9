#include "topology/clos_plan.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "topology/error.hpp"

namespace topology {

namespace {

constexpr int kMostCopies = 64;          // planes or sites: no real fabric comes near
constexpr double kRoundingSlack = 1e-9;  // 3 * (1/3.0) shall count as 1 port

int ceil_div(long a, long b) {
  return static_cast<int>((a + b - 1) / b);
}
int ceil_of(double x) {
  return static_cast<int>(std::ceil(x - kRoundingSlack));
}

/// Ports down of a switch with `ports` ports at `oversubscription` = down : up.
int ports_down(int ports, double oversubscription) {
  const double down = ports * oversubscription / (1.0 + oversubscription);
  return std::max(1, static_cast<int>(std::floor(down + kRoundingSlack)));
}

/// The smallest count >= `need` that divides `uplinks`, so that parallel cables are equal in
/// number; `need` itself where that would more than double it (the cables then differ by one).
int even_count(int need, int uplinks) {
  for (int count = need; count <= std::min(2 * need, uplinks); ++count) {
    if (uplinks % count == 0) {
      return count;
    }
  }
  return need;
}

void check(const ClusterSpec& spec) {
  const auto demand = [](bool holds, const char* key, const char* message) {
    if (!holds) {
      throw InputError({}, key, message);
    }
  };
  demand(spec.gpus > 0, "cluster.gpus", "a cluster needs at least one accelerator");
  demand(spec.gpus_per_node > 0, "cluster.gpus_per_node", "must be at least 1");
  demand(spec.switch_ports >= 2, "cluster.switch_ports",
         "a fabric needs switches of 2 ports or more");
  demand(spec.nodes_per_leaf > 0, "cluster.nodes_per_leaf", "must be at least 1");
  demand(spec.leaf_oversubscription > 0 && spec.spine_oversubscription > 0,
         "cluster.leaf_oversubscription",
         "oversubscription is ports down : ports up and must be positive");
}

/// Bandwidth of a cable above the leaves over that of a NIC port.
double uplink_ratio(const ClusterSpec& spec) {
  const units::BytesPerSecond port = spec.nic_bandwidth / spec.planes;
  return spec.uplink_bandwidth > units::BytesPerSecond{} && port > units::BytesPerSecond{}
             ? spec.uplink_bandwidth / port
             : 1.0;
}

/// Ports of a spine or core at uplink speed: as stated, or those of the leaf's switch at that
/// speed.
int ports_above(const ClusterSpec& spec, int stated) {
  return stated > 0 ? stated
                    : std::max(1, static_cast<int>(std::floor(
                                      spec.switch_ports / uplink_ratio(spec) + kRoundingSlack)));
}

/// Leaf groups: how many leaves there are and how many endpoints hang on each.
ClosPlan plan_leaves(const ClusterSpec& spec) {
  const int down = ports_down(spec.switch_ports, spec.leaf_oversubscription);
  ClosPlan plan;
  plan.endpoints = spec.gpus;
  if (spec.gpus <= spec.switch_ports && spec.nodes() <= spec.nodes_per_leaf) {
    plan.leaf_endpoints = spec.gpus;
    return plan;
  }
  if (spec.fabric == FabricKind::RailOptimised) {
    const int nodes = std::min(spec.nodes_per_leaf, down);
    plan.rails = std::min(spec.gpus_per_node, spec.gpus);
    plan.groups = ceil_div(spec.nodes(), nodes);
    plan.leaf_endpoints = nodes;
  } else {
    const int nodes = std::min(spec.nodes_per_leaf, down / spec.gpus_per_node);
    plan.leaf_endpoints =
        nodes > 0 ? nodes * spec.gpus_per_node : down;  // a huge node takes several leaves
    plan.groups = ceil_div(spec.gpus, plan.leaf_endpoints);
  }
  plan.leaf_up = plan.leaf_endpoints / spec.leaf_oversubscription;
  plan.leaf_uplinks = ceil_of(plan.leaf_up / uplink_ratio(spec));
  return plan;
}

/// Leaves of a pod of `nodes_per_pod` nodes.
int leaves_of_pod(const ClosPlan& plan, const ClusterSpec& spec) {
  return plan.rails > 1 ? plan.rails * ceil_div(spec.nodes_per_pod, plan.leaf_endpoints)
                        : ceil_div(static_cast<long>(spec.nodes_per_pod) * spec.gpus_per_node,
                                   plan.leaf_endpoints);
}

void plan_pods(ClosPlan& plan, const ClusterSpec& spec) {
  const int most = ports_down(ports_above(spec, spec.spine_ports), spec.spine_oversubscription);
  const int core_ports = ports_above(spec, spec.core_ports);
  if (spec.nodes_per_pod > 0) {
    plan.leaves_per_pod = leaves_of_pod(plan, spec);
    if (plan.leaves_per_pod > most) {
      throw InputError({}, "cluster.nodes_per_pod",
                       fmt::format("{} nodes make {} leaves, but a spine has ports down for {}",
                                   spec.nodes_per_pod, plan.leaves_per_pod, most));
    }
    plan.pods = ceil_div(plan.leaves(), plan.leaves_per_pod);
    return;
  }
  if (plan.rails > 1) {
    const int pods_per_rail = ceil_div(plan.groups, most);
    if (pods_per_rail * plan.rails <= core_ports) {
      plan.pods_by_rail = true;
      plan.leaves_per_pod = ceil_div(plan.groups, pods_per_rail);
      plan.pods = plan.rails * pods_per_rail;
      return;
    }
  }
  plan.pods = std::max(2, ceil_div(plan.leaves(), most));
  plan.leaves_per_pod = ceil_div(plan.leaves(), plan.pods);
  plan.pods = ceil_div(plan.leaves(), plan.leaves_per_pod);
}

void plan_spines(ClosPlan& plan, int ports) {
  const long cables = static_cast<long>(plan.leaves_per_pod) * plan.leaf_uplinks;
  plan.spines_per_pod = even_count(ceil_div(cables, ports), plan.leaf_uplinks);
}

void plan_cores(ClosPlan& plan, const ClusterSpec& spec) {
  const int ports = ports_above(spec, spec.core_ports);
  if (plan.pods > ports) {
    throw InputError({}, "cluster.switch_ports",
                     fmt::format("{} endpoints make {} pods, but a core of {} ports joins only {}; "
                                 "take switches with more "
                                 "ports or raise spine_oversubscription",
                                 plan.endpoints, plan.pods, ports, ports));
  }
  const double down = plan.leaf_up * plan.leaves_per_pod / plan.spines_per_pod;
  plan.spine_up = down / spec.spine_oversubscription;
  plan.spine_uplinks = ceil_of(plan.spine_up / uplink_ratio(spec));
  const long cables = static_cast<long>(plan.pods) * plan.spine_uplinks;
  plan.cores_per_plane = even_count(ceil_div(cables, ports), plan.spine_uplinks);
}

void check_copies(const ClusterSpec& spec) {
  const auto demand = [](bool holds, const char* key, const std::string& message) {
    if (!holds) {
      throw InputError({}, key, message);
    }
  };
  demand(spec.planes >= 1 && spec.planes <= kMostCopies, "cluster.planes",
         fmt::format("found {}, expected 1 to {}", spec.planes, kMostCopies));
  demand(spec.sites.count >= 1 && spec.sites.count <= kMostCopies, "cluster.sites.count",
         fmt::format("found {}, expected 1 to {}", spec.sites.count, kMostCopies));
  demand(spec.sites.count == 1 || spec.sites.bandwidth > units::BytesPerSecond{},
         "cluster.sites.bandwidth", "several sites need the bandwidth between two of them");
  demand(spec.nodes() % spec.sites.count == 0, "cluster.sites.count",
         fmt::format("{} nodes do not divide over {} sites; take a multiple of {} accelerators",
                     spec.nodes(), spec.sites.count, spec.sites.count * spec.gpus_per_node));
}

}  // namespace

int ClosPlan::pod_of(int leaf) const {
  if (!pods_by_rail) {
    return leaf / leaves_per_pod;
  }
  const int rail = leaf % rails;
  const int group = leaf / rails;
  return rail * (pods / rails) + group / leaves_per_pod;
}

ClosPlan plan_clos(const ClusterSpec& spec) {
  if (spec.fabric != FabricKind::RailOptimised && spec.fabric != FabricKind::FatTree &&
      spec.fabric != FabricKind::ThreeTier) {
    throw InputError({}, "cluster.fabric",
                     fmt::format("a {} fabric is no Clos network", name(spec.fabric)));
  }
  check(spec);
  ClosPlan plan = plan_leaves(spec);
  if (plan.leaves() == 1) {
    return plan;
  }
  const int ports = ports_above(spec, spec.spine_ports);
  const bool one_pod = spec.nodes_per_pod > 0
                           ? plan.leaves() <= leaves_of_pod(plan, spec)
                           : spec.fabric != FabricKind::ThreeTier && plan.leaves() <= ports;
  if (one_pod) {
    plan.leaves_per_pod = plan.leaves();
    plan_spines(plan, ports);
    return plan;
  }
  plan_pods(plan, spec);
  plan_spines(plan, ports_down(ports, spec.spine_oversubscription));
  plan_cores(plan, spec);
  return plan;
}

FabricPlan plan_fabric(const ClusterSpec& spec) {
  check(spec);
  check_copies(spec);
  FabricPlan plan;
  plan.planes = spec.planes;
  plan.sites = spec.sites.count;
  ClusterSpec one = spec;
  one.sites = {};
  one.planes = 1;
  one.nic_bandwidth = spec.nic_bandwidth / spec.planes;
  one.gpus = spec.gpus / plan.sites;
  if (spec.fabric == FabricKind::RailOnly) {
    plan.rails = std::min(spec.gpus_per_node, one.gpus);
    one.gpus = one.gpus / plan.rails;
    one.gpus_per_node = 1;
    one.fabric = FabricKind::FatTree;
  }
  plan.gpus_per_node = one.gpus_per_node;
  plan.net = plan_clos(one);
  return plan;
}

}  // namespace topology
