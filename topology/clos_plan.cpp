#include "topology/clos_plan.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "topology/error.hpp"

namespace topology {

namespace {

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
  plan.leaf_uplinks = ceil_of(plan.leaf_up);
  return plan;
}

void plan_pods(ClosPlan& plan, const ClusterSpec& spec) {
  const int most = ports_down(spec.switch_ports, spec.spine_oversubscription);
  if (plan.rails > 1) {
    const int pods_per_rail = ceil_div(plan.groups, most);
    if (pods_per_rail * plan.rails <= spec.switch_ports) {
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
  if (plan.pods > spec.switch_ports) {
    throw InputError({}, "cluster.switch_ports",
                     fmt::format("{} endpoints make {} pods, but a core of {} ports joins only {}; "
                                 "take switches with more "
                                 "ports or raise spine_oversubscription",
                                 plan.endpoints, plan.pods, spec.switch_ports, spec.switch_ports));
  }
  const double down = plan.leaf_up * plan.leaves_per_pod / plan.spines_per_pod;
  plan.spine_up = down / spec.spine_oversubscription;
  plan.spine_uplinks = ceil_of(plan.spine_up);
  const long cables = static_cast<long>(plan.pods) * plan.spine_uplinks;
  plan.cores_per_plane = even_count(ceil_div(cables, spec.switch_ports), plan.spine_uplinks);
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
  if (spec.fabric == FabricKind::SingleDomain || spec.fabric == FabricKind::Torus) {
    throw InputError({}, "cluster.fabric",
                     fmt::format("a {} fabric has no leaf switches", name(spec.fabric)));
  }
  check(spec);
  ClosPlan plan = plan_leaves(spec);
  if (plan.leaves() == 1) {
    return plan;
  }
  const bool two_tiers = spec.fabric != FabricKind::ThreeTier && plan.leaves() <= spec.switch_ports;
  if (two_tiers) {
    plan.leaves_per_pod = plan.leaves();
    plan_spines(plan, spec.switch_ports);
    return plan;
  }
  plan_pods(plan, spec);
  plan_spines(plan, ports_down(spec.switch_ports, spec.spine_oversubscription));
  plan_cores(plan, spec);
  return plan;
}

}  // namespace topology
