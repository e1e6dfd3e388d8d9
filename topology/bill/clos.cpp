// Counts of a Clos fabric, from its plan.
#include <algorithm>
#include <cmath>

#include "topology/bill/writer.hpp"
#include "topology/clos_plan.hpp"

namespace topology::bill {

namespace {

using units::BytesPerSecond;
using units::Metres;
using units::metres;

constexpr double kSlack = 1e-9;
/// Nodes of 8 accelerators in a liquid-cooled rack: xAI Colossus, Supermicro 4U servers.
constexpr int kNodesPerRack = 8;

/// Rate of one NIC port.
BytesPerSecond port_rate(const ClusterSpec& spec, const NetworkParts& parts) {
  const double accelerators_per_nic =
      parts.nics_per_node > 0 ? static_cast<double>(spec.gpus_per_node) / parts.nics_per_node : 1.0;
  return spec.nic_bandwidth * accelerators_per_nic / spec.planes;
}

/// Links between switches are counted at the speed of an endpoint's share; they are built from
/// cables at the full rate of a switch port.
struct Bundle {
  long cables;
  BytesPerSecond speed;
};
Bundle bundle(long links, BytesPerSecond speed, const Switch* product) {
  if (product == nullptr || product->port_bandwidth <= speed || speed <= BytesPerSecond{}) {
    return {links, speed};
  }
  const double share = speed / product->port_bandwidth;
  return {static_cast<long>(std::ceil(static_cast<double>(links) * share - kSlack)),
          product->port_bandwidth};
}

Metres host_run(const FabricPlan& plan, const NetworkParts& parts, const ClusterSpec& spec) {
  const int nodes = plan.net.tiers() == 1 ? spec.nodes() / plan.sites
                    : plan.rails > 1 || plan.net.rails > 1
                        ? kNodesPerRack + 1
                        : static_cast<int>(ceil_div(plan.net.leaf_endpoints, plan.gpus_per_node));
  return or_else(parts.runs.host, nodes <= kNodesPerRack ? metres(2) : metres(30));
}

}  // namespace

void write_clos(const ClusterSpec& spec, NetworkUse use, Bill& bill) {
  Writer out(spec, use, bill);
  const NetworkParts& parts = out.parts();
  const FabricPlan plan = plan_fabric(spec);
  const ClosPlan& net = plan.net;
  const long copies = plan.copies();
  const BytesPerSecond endpoint = spec.nic_bandwidth / spec.planes;
  const BytesPerSecond uplink =
      spec.uplink_bandwidth > BytesPerSecond{} ? spec.uplink_bandwidth : endpoint;
  const long nics = nic_count(spec, parts);
  const long hosts = nics * spec.planes;
  const Bundle up = bundle(copies * net.leaf_spine_cables(), uplink, out.leaf());
  const Bundle top = bundle(copies * net.spine_core_cables(), uplink, out.spine());
  out.nics(nics);
  out.switches(Role::Leaf, out.leaf(), copies * net.leaves(), hosts + up.cables);
  out.switches(Role::Spine, out.spine(), copies * net.spines(), up.cables + top.cables);
  out.switches(Role::Core, out.core(), copies * net.cores(), top.cables);
  out.links({{"NIC", nullptr},
             {"leaf", out.leaf()},
             hosts,
             port_rate(spec, parts),
             host_run(plan, parts, spec)});
  out.links({{"leaf", out.leaf()},
             {"spine", out.spine()},
             up.cables,
             up.speed,
             or_else(parts.runs.leaf, metres(50))});
  out.links({{"spine", out.spine()},
             {"core", out.core()},
             top.cables,
             top.speed,
             or_else(parts.runs.spine, metres(100))});
  if (plan.sites > 1) {
    out.switches(Role::Border, nullptr, plan.sites, plan.sites * (plan.sites - 1));
    out.links({{"site", nullptr},
               {"site", nullptr},
               static_cast<long>(plan.sites) * (plan.sites - 1) / 2,
               spec.sites.bandwidth,
               metres(1e6)});
  }
}

}  // namespace topology::bill
