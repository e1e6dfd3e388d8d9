#include "topology/bill_of_materials.hpp"

#include <array>
#include <limits>

#include <fmt/format.h>

#include "topology/bill/writer.hpp"
#include "topology/cluster.hpp"
#include "topology/error.hpp"
#include "topology/names.hpp"

namespace topology {

namespace {

constexpr std::array kUses{Named<NetworkUse>{NetworkUse::Compute, "compute"},
                           Named<NetworkUse>{NetworkUse::Storage, "storage"},
                           Named<NetworkUse>{NetworkUse::FrontEnd, "front-end"},
                           Named<NetworkUse>{NetworkUse::ScaleUp, "scale-up"}};
constexpr std::array kRoles{Named<Role>{Role::Nic, "NIC"},
                            Named<Role>{Role::Leaf, "leaf"},
                            Named<Role>{Role::Spine, "spine"},
                            Named<Role>{Role::Core, "core"},
                            Named<Role>{Role::Router, "router"},
                            Named<Role>{Role::OpticalSwitch, "optical switch"},
                            Named<Role>{Role::Border, "border"},
                            Named<Role>{Role::ScaleUpSwitch, "scale-up switch"},
                            Named<Role>{Role::Transceiver, "transceiver"},
                            Named<Role>{Role::Cable, "cable"},
                            Named<Role>{Role::Device, "device"}};

bool is_clos(FabricKind kind) {
  return kind == FabricKind::RailOptimised || kind == FabricKind::FatTree ||
         kind == FabricKind::ThreeTier || kind == FabricKind::RailOnly;
}

/// Side networks and scale-up, which every kind of fabric may have.
void write_others(const ClusterSpec& spec, Bill& all) {
  if (spec.storage_network) {
    bill::write_clos(as_cluster(spec, *spec.storage_network), NetworkUse::Storage, all);
  }
  if (spec.front_end_network) {
    bill::write_clos(as_cluster(spec, *spec.front_end_network), NetworkUse::FrontEnd, all);
  }
  bill::Writer(spec, NetworkUse::ScaleUp, all).scale_up();
}

template <class Quantity, class Figure>
Total<Quantity> total_of(const Bill& all, bool with_node, Figure figure) {
  Total<Quantity> total;
  for (const BillLine& line : all.lines) {
    if (line.with_node == with_node) {
      const std::optional<Quantity> value = figure(line);
      total.sum += value.value_or(Quantity{});
      total.unknown_lines += value ? 0 : 1;
    }
  }
  return total;
}

const auto kPowerOf = [](const BillLine& line) { return line.power(); };
const auto kPriceOf = [](const BillLine& line) { return line.price(); };

}  // namespace

std::string_view name(NetworkUse use) {
  return name_in(kUses, use);
}
std::string_view name(Role role) {
  return name_in(kRoles, role);
}

std::optional<units::Watts> BillLine::power() const {
  return unit_power ? std::optional(static_cast<double>(count) * *unit_power) : std::nullopt;
}
std::optional<units::Usd> BillLine::price() const {
  return unit_price ? std::optional(static_cast<double>(count) * *unit_price) : std::nullopt;
}

Total<units::Watts> Bill::network_power() const {
  return total_of<units::Watts>(*this, false, kPowerOf);
}
Total<units::Usd> Bill::network_price() const {
  return total_of<units::Usd>(*this, false, kPriceOf);
}
Total<units::Watts> Bill::node_power() const {
  return total_of<units::Watts>(*this, true, kPowerOf);
}
Total<units::Usd> Bill::node_price() const {
  return total_of<units::Usd>(*this, true, kPriceOf);
}

ClusterSpec as_cluster(const ClusterSpec& spec, const SideNetwork& side) {
  const long ports = static_cast<long>(spec.nodes()) * side.nics_per_node;
  if (ports > std::numeric_limits<int>::max()) {
    throw InputError({}, "cluster",
                     fmt::format("{} nodes with {} ports each are more than a storage or front-end "
                                 "network is planned for",
                                 spec.nodes(), side.nics_per_node));
  }
  ClusterSpec net;
  net.id = spec.id;
  net.gpus = static_cast<int>(ports);
  net.gpus_per_node = side.nics_per_node;
  net.network = side.network;
  net.nic_bandwidth = side.nic_bandwidth;
  net.fabric = FabricKind::FatTree;
  net.nodes_per_leaf = spec.nodes();
  net.switch_ports = side.switch_ports;
  net.leaf_oversubscription = side.oversubscription;
  net.parts = side.parts;
  return net;
}

Bill bill_of_materials(const ClusterSpec& spec) {
  if (!is_clos(spec.fabric) && spec.fabric != FabricKind::Torus &&
      spec.fabric != FabricKind::SingleDomain) {
    return bill_of_materials(Cluster::build(spec));
  }
  Bill all;
  if (is_clos(spec.fabric)) {
    bill::write_clos(spec, NetworkUse::Compute, all);
  } else if (spec.fabric == FabricKind::Torus) {
    bill::write_torus(spec, all);
  }
  write_others(spec, all);
  return all;
}

Bill bill_of_materials(const Cluster& cluster) {
  const ClusterSpec& spec = cluster.spec();
  if (is_clos(spec.fabric) || spec.fabric == FabricKind::Torus ||
      spec.fabric == FabricKind::SingleDomain) {
    return bill_of_materials(spec);
  }
  Bill all;
  bill::write_graph(cluster, all);
  write_others(spec, all);
  return all;
}

std::optional<units::Watts> network_power(const ClusterSpec& spec) {
  // Every scenario asks for it, so a graph is drawn for it only where that takes milliseconds.
  constexpr int kMostCounted = 1 << 17;
  const bool needs_graph = !is_clos(spec.fabric) && spec.fabric != FabricKind::Torus &&
                           spec.fabric != FabricKind::SingleDomain;
  if (needs_graph && spec.gpus > kMostCounted) {
    return std::nullopt;
  }
  const bool known =
      spec.parts != nullptr && (spec.parts->leaf || spec.fabric == FabricKind::Torus);
  if (!known && spec.fabric != FabricKind::SingleDomain) {
    return std::nullopt;
  }
  return bill_of_materials(spec).network_power().sum;
}

}  // namespace topology
