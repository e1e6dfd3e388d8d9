// The scale-out network of a fabric entry: NICs, switches, tiers, planes, sites, groups, tori.
#include "scenarios/cluster_network.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace scenarios {

namespace {

using topology::ClusterSpec;
using topology::FabricKind;

/// Fibre: light needs 5 us per km at a refractive index of 1.47 to 1.5 (ITU-T G.652).
constexpr double kFibreMicrosecondsPerKm = 5.0;

/// Ports of a switch when each runs at `speed`; a hundredth of a port is rounding.
int ports_at(const topology::Switch& part, units::BytesPerSecond speed) {
  return std::max(1,
                  static_cast<int>(std::floor(part.ports * (part.port_bandwidth / speed) + 0.01)));
}

/// Speed of one port of an accelerator's NICs.
units::BytesPerSecond port_speed(const ClusterSpec& spec) {
  return spec.nic_bandwidth / spec.planes;
}

units::BytesPerSecond uplink_speed(const ClusterSpec& spec) {
  return spec.uplink_bandwidth > units::BytesPerSecond{} ? spec.uplink_bandwidth : port_speed(spec);
}

/// Ports of the switches of an upper tier: stated, of a catalog switch, or 0 for as the leaf's.
int upper_ports(const Values& fabric, std::string_view ports_key, std::string_view switch_key,
                const ClusterSpec& spec, const Catalog& catalog, Catalog::Log explained) {
  if (fabric.has(ports_key)) {
    return fabric.integer(ports_key);
  }
  return fabric.has(switch_key)
             ? ports_at(catalog.network_switch(fabric.text(switch_key), explained),
                        uplink_speed(spec))
             : 0;
}

void fill_switches(ClusterSpec& spec, const Values& fabric, const Catalog& catalog,
                   Catalog::Log explained) {
  if (fabric.has("switch")) {
    const topology::Switch part = catalog.network_switch(fabric.text("switch"), explained);
    spec.switch_latency = fabric.quantity("switch_latency", part.latency);
    spec.switch_ports = ports_at(part, port_speed(spec));
    spec.switch_power = part.power;
  } else {
    spec.switch_latency = fabric.quantity("switch_latency", spec.switch_latency);
    if (spec.fabric != FabricKind::Torus && spec.fabric != FabricKind::Custom &&
        !fabric.has("switch_ports")) {
      spec.assumptions.push_back(
          fmt::format("cluster {} names no switch: {} ports assumed", spec.id, spec.switch_ports));
    }
  }
  if (fabric.has("switch_ports")) {
    spec.switch_ports = fabric.integer("switch_ports");
  }
  spec.spine_ports = upper_ports(fabric, "spine_ports", "spine_switch", spec, catalog, explained);
  spec.core_ports = upper_ports(fabric, "core_ports", "core_switch", spec, catalog, explained);
}

void fill_sites(ClusterSpec& spec, const Values& fabric) {
  if (!fabric.has("sites")) {
    return;
  }
  const Values sites = fabric.map("sites");
  spec.sites.count = sites.integer("count");
  spec.sites.bandwidth = sites.quantity("bandwidth", units::BytesPerSecond{});
  if (sites.has("latency") && sites.has("distance_km")) {
    sites.refuse("distance_km", "found next to latency, expected one of the two");
  }
  if (sites.has("distance_km")) {
    spec.sites.latency = units::microseconds(kFibreMicrosecondsPerKm * sites.number("distance_km"));
  } else {
    spec.sites.latency = sites.quantity("latency", units::Seconds{});
  }
}

void fill_dragonfly(ClusterSpec& spec, const Values& fabric) {
  const bool grouped =
      spec.fabric == FabricKind::Dragonfly || spec.fabric == FabricKind::DragonflyPlus;
  if (!grouped) {
    if (fabric.has("dragonfly")) {
      fabric.refuse("dragonfly", fmt::format("a {} fabric has no groups; choose kind: dragonfly or "
                                             "dragonfly-plus",
                                             topology::name(spec.fabric)));
    }
    return;
  }
  if (!fabric.has("dragonfly")) {
    fabric.refuse("kind",
                  "a dragonfly needs the key \"dragonfly\", e.g. {switches: 32, "
                  "endpoints: 16, global_links: 10}");
  }
  const Values in = fabric.map("dragonfly");
  topology::DragonflyShape& shape = spec.dragonfly;
  shape.switches = in.integer("switches");
  shape.endpoints = in.integer("endpoints");
  shape.spines = in.has("spines") ? in.integer("spines") : 0;
  shape.global_links = in.integer("global_links");
  shape.local_bandwidth = in.quantity("local_bandwidth", units::BytesPerSecond{});
  shape.global_bandwidth = in.quantity("global_bandwidth", units::BytesPerSecond{});
}

void fill_tiers(ClusterSpec& spec, const Values& fabric) {
  spec.nodes_per_leaf = fabric.integer("nodes_per_leaf", spec.nodes_per_leaf);
  spec.leaf_oversubscription = fabric.number("leaf_oversubscription", spec.leaf_oversubscription);
  spec.spine_oversubscription =
      fabric.number("spine_oversubscription", spec.spine_oversubscription);
  if (fabric.has("nodes_per_pod")) {
    spec.nodes_per_pod = fabric.integer("nodes_per_pod");
  }
  spec.uplink_bandwidth = fabric.quantity("uplink_bandwidth", units::BytesPerSecond{});
}

void fill_torus(ClusterSpec& spec, const Values& fabric) {
  if (fabric.has("torus")) {
    spec.torus = fabric.integers("torus");
  }
  if (fabric.has("optical_cube")) {
    spec.optical_cube = fabric.integer("optical_cube");
  }
  if (fabric.has("twisted")) {
    spec.twisted = fabric.flag("twisted");
  }
}

/// What the NICs of a node give to each of its accelerators.
units::BytesPerSecond nic_share(const topology::Nic& nic, const topology::Node& node) {
  return nic.bandwidth * node.nics / node.accelerators;
}

}  // namespace

void fill_network(ClusterSpec& spec, const Values& fabric, const topology::Node& node,
                  const Catalog& catalog, Catalog::Log explained) {
  fill_torus(spec, fabric);
  if (spec.fabric == FabricKind::SingleDomain) {
    return;
  }
  const topology::Nic nic = catalog.nic(node.nic, explained);
  spec.nic_bandwidth = fabric.quantity("nic_bandwidth", nic_share(nic, node));
  spec.nic_latency = fabric.quantity("nic_latency", nic.latency);
  spec.node_overhead_power += nic.power * node.nics;
  if (fabric.has("planes")) {
    spec.planes = fabric.integer("planes");
  }
  fill_tiers(spec, fabric);
  fill_switches(spec, fabric, catalog, explained);
  fill_sites(spec, fabric);
  fill_dragonfly(spec, fabric);
}

void fill_other_nodes(ClusterSpec& spec, const Document& fabric, const Catalog& catalog) {
  const Json* list = find(fabric.root, "/other_nodes");
  if (list == nullptr) {
    return;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string at = child("/other_nodes", std::to_string(i));
    const Document entry = extract(fabric, at);
    const Values in(entry, {fmt::format("cluster.other_nodes[{}]", i), {}, {}, nullptr, nullptr});
    const topology::Node node = catalog.node(in.text("node"), in.where("node"));
    if (node.accelerators != spec.gpus_per_node) {
      in.refuse("node", fmt::format("{} has {} accelerators, the other nodes have {}; a mixed "
                                    "cluster needs nodes of equal size",
                                    node.id, node.accelerators, spec.gpus_per_node));
    }
    topology::NodeGroup group;
    group.gpus = in.integer("gpus");
    group.accelerator = catalog.accelerator(
        in.has("accelerator") ? in.text("accelerator") : node.accelerator, in.where("accelerator"));
    const topology::Nic nic = catalog.nic(node.nic);
    group.nic_bandwidth = in.quantity("nic_bandwidth", nic_share(nic, node));
    group.node_overhead_power = node.host_power + nic.power * node.nics;
    if (group.gpus % node.accelerators != 0) {
      in.refuse("gpus",
                fmt::format("{} is no whole number of nodes of {}", group.gpus, node.accelerators));
    }
    spec.other_nodes.push_back(std::move(group));
  }
  spec.assumptions.push_back(fmt::format(
      "cluster {} is mixed: the closed form takes the slowest kind for all ranks, flow simulation "
      "each rank's own; memory and power assume {} everywhere",
      spec.id, spec.accelerator.id));
}

}  // namespace scenarios
