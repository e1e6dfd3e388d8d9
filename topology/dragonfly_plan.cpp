#include "topology/dragonfly_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "topology/error.hpp"

namespace topology {

namespace {

void demand(bool holds, const char* key, const std::string& message) {
  if (!holds) {
    throw InputError({}, key, message);
  }
}

void check_shape(const ClusterSpec& spec) {
  const DragonflyShape& shape = spec.dragonfly;
  const bool plus = spec.fabric == FabricKind::DragonflyPlus;
  demand(spec.gpus > 0, "cluster.gpus", "a cluster needs at least one accelerator");
  demand(spec.planes == 1, "cluster.planes", "only Clos fabrics have planes; leave it out");
  demand(spec.sites.count == 1, "cluster.sites", "only Clos fabrics span sites; leave it out");
  demand(shape.switches >= 1 && shape.endpoints >= 1 && shape.global_links >= 1,
         "cluster.dragonfly", "switches, endpoints and global_links must be at least 1");
  demand(!plus || shape.spines >= 1, "cluster.dragonfly.spines",
         "a group of a dragonfly+ needs at least one spine");
  demand(plus || shape.spines == 0, "cluster.dragonfly.spines",
         "only a dragonfly+ has spines; choose kind: dragonfly-plus or leave them out");
}

/// Ports that a switch of a group needs. Cables count as one port each, whatever their speed.
void check_ports(const ClusterSpec& spec) {
  const DragonflyShape& shape = spec.dragonfly;
  const auto check = [&](const char* what, long needed) {
    demand(needed <= spec.switch_ports, "cluster.dragonfly",
           fmt::format("a {} needs {} ports, its switch has {}; take fewer switches per group, "
                       "endpoints or global_links",
                       what, needed, spec.switch_ports));
  };
  if (spec.fabric == FabricKind::DragonflyPlus) {
    check("leaf", static_cast<long>(shape.endpoints) + shape.spines);
    check("spine", static_cast<long>(shape.switches) + shape.global_links);
  } else {
    check("switch", static_cast<long>(shape.endpoints) + shape.switches - 1 + shape.global_links);
  }
}

}  // namespace

DragonflyPlan plan_dragonfly(const ClusterSpec& spec) {
  check_shape(spec);
  check_ports(spec);
  const DragonflyShape& shape = spec.dragonfly;
  const int group = shape.switches * shape.endpoints;  // both are at most switch_ports
  DragonflyPlan plan;
  plan.endpoints = spec.gpus;
  plan.endpoints_per_switch = shape.endpoints;
  plan.groups = (spec.gpus - 1) / group + 1;
  plan.leaves = plan.groups > 1 ? shape.switches : (spec.gpus - 1) / shape.endpoints + 1;
  plan.spines = plan.leaves > 1 ? shape.spines : 0;
  if (plan.groups > 1) {
    const long out = static_cast<long>(plan.gates()) * shape.global_links;
    plan.cables_per_pair = static_cast<int>(out / (plan.groups - 1));
    demand(plan.cables_per_pair > 0, "cluster.dragonfly.global_links",
           fmt::format("{} accelerators make {} groups, but the {} cables out of a group reach "
                       "only {} others; take more global_links or larger groups",
                       spec.gpus, plan.groups, out, out));
  }
  return plan;
}

}  // namespace topology
