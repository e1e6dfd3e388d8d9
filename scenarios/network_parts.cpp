// Which products a fabric's networks are built from, for the bill of materials.
#include "topology/network_parts.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "scenarios/entries.hpp"
#include "scenarios/values.hpp"

namespace scenarios {

namespace {

using topology::NetworkParts;
using topology::SideNetwork;

std::optional<topology::Switch> read_part(const Values& in, std::string_view key,
                                          const Catalog& catalog) {
  return in.has(key) ? std::optional(catalog.network_switch(in.text(key))) : std::nullopt;
}

topology::CableRuns read_runs(const Values& in) {
  return {.host = in.quantity("host", units::Metres{}),
          .leaf = in.quantity("leaf", units::Metres{}),
          .spine = in.quantity("spine", units::Metres{})};
}

SideNetwork read_side_network(const Values& in, const Catalog& catalog) {
  SideNetwork side;
  NetworkParts parts;
  const topology::Nic nic = catalog.nic(in.text("nic"));
  const topology::Switch part = catalog.network_switch(in.text("switch"));
  side.network = in.word("network", side.network, topology::network_from_name, "ethernet");
  side.nics_per_node = in.integer("nics_per_node");
  side.nic_bandwidth = nic.bandwidth;
  side.node_bandwidth =
      std::min(nic.bandwidth * side.nics_per_node,
               in.quantity("bandwidth_per_node", nic.bandwidth * side.nics_per_node));
  side.oversubscription = in.number("oversubscription", side.oversubscription);
  side.switch_ports =
      std::max(2, static_cast<int>(std::floor(part.ports * (part.port_bandwidth / nic.bandwidth))));
  parts.nic = nic;
  parts.nics_per_node = side.nics_per_node;
  parts.leaf = part;
  parts.cables = catalog.cables();
  side.parts = std::make_shared<const NetworkParts>(std::move(parts));
  return side;
}

}  // namespace

void read_network_parts(topology::ClusterSpec& spec, const Document& fabric,
                        const std::string& label, const topology::Node& node,
                        const Catalog& catalog, std::vector<Explained>* explained) {
  const Values in(fabric, {"cluster", label, {}, explained, nullptr});
  NetworkParts parts;
  parts.nic = catalog.nic(node.nic);
  parts.nics_per_node = node.nics;
  parts.leaf = read_part(in, "switch", catalog);
  parts.spine = read_part(in, "spine_switch", catalog);
  parts.core = read_part(in, "core_switch", catalog);
  parts.optical_switch = catalog.network_switch(
      in.has("optical_switch") ? in.text("optical_switch") : std::string("palomar-136"));
  if (!node.scale_up_switch.empty()) {
    parts.scale_up_switch = catalog.network_switch(node.scale_up_switch);
  }
  parts.scale_up_switches = node.scale_up_switches;
  parts.scale_up_cables = node.scale_up_cables;
  parts.cables = catalog.cables();
  parts.runs = read_runs(in.map("cable_runs"));
  spec.parts = std::make_shared<const NetworkParts>(std::move(parts));
  if (in.has("storage_network")) {
    spec.storage_network = read_side_network(in.map("storage_network"), catalog);
  }
  if (in.has("front_end_network")) {
    spec.front_end_network = read_side_network(in.map("front_end_network"), catalog);
  }
}

}  // namespace scenarios
