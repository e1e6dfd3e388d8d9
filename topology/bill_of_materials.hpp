#pragma once
// What a cluster's networks are made of: every switch, transceiver, cable and NIC with its power
// and price, counted from the parameters (no graph is drawn for Clos fabrics and tori).
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology/cluster_spec.hpp"
#include "topology/network_parts.hpp"

namespace topology {

class Cluster;

/// Which network a line belongs to.
enum class NetworkUse { Compute, Storage, FrontEnd, ScaleUp };
std::string_view name(NetworkUse use);  ///< "front-end"

enum class Role {
  Nic,
  Leaf,
  Spine,
  Core,
  Router,
  OpticalSwitch,
  Border,
  ScaleUpSwitch,
  Transceiver,
  Cable,
  Device  ///< of an imported graph, of a kind that is not known
};
std::string_view name(Role role);  ///< "optical switch"

struct BillLine {
  NetworkUse use = NetworkUse::Compute;
  Role role = Role::Cable;
  std::string item;   ///< catalog name, or what is known of it
  std::string where;  ///< "leaf - spine", for transceivers "leaf - spine, at the leaf"; else empty
  long count = 0;
  long ports_used = 0;  ///< of all of them together; 0 for cables and transceivers
  std::optional<units::Watts> unit_power;
  std::optional<units::Usd> unit_price;
  Provenance power_from, price_from;  ///< empty where unknown
  /// Bought with the nodes, and drawing its power there: not part of the network's totals.
  bool with_node = false;

  [[nodiscard]] std::optional<units::Watts> power() const;  ///< of all of them
  [[nodiscard]] std::optional<units::Usd> price() const;
};

/// A sum over lines, and how many of them it leaves out because the figure is unknown.
template <class Quantity>
struct Total {
  Quantity sum{};
  int unknown_lines = 0;
};

struct Bill {
  std::vector<BillLine> lines;

  /// Of the switches, transceivers and cables: all lines that do not come with the nodes.
  [[nodiscard]] Total<units::Watts> network_power() const;
  [[nodiscard]] Total<units::Usd> network_price() const;
  /// Of the NICs and scale-up switches that come with the nodes.
  [[nodiscard]] Total<units::Watts> node_power() const;
  [[nodiscard]] Total<units::Usd> node_price() const;
};

/// The bill of all networks of a cluster: compute, storage, front end, scale-up.
///
/// - Switches and cables are those of plan_fabric(). Between switches a cable runs at the full rate
/// of
///   a switch port, between NIC and leaf at that of a NIC port.
/// - A link takes the first medium that exists at its speed and reaches its run: copper, active
///   copper, active optical, or fibre between two transceivers. Runs that NetworkParts does not
///   give: 2 m from NIC to leaf where a leaf serves whole nodes, at most 8 (a rack of
///   liquid-cooled servers), else 30 m; leaf to spine 50 m; spine to core 100 m.
/// - A transceiver at a switch serves as many links as its cage carries (two 400 Gbit/s links in
/// the
///   twin-port cage of a QM9700).
/// - A torus with optical switches of edge c leaves a cube of c^d devices on 2 d c^(d-1) fibres;
/// each
///   position on a face has an optical switch of its own (48 for c = 4) that joins all cubes.
///   Source: Jouppi et al., ISCA 2023, arXiv:2304.01433.
///
/// Dragonflies and given graphs are built and counted.
/// @throws InputError as plan_fabric() and Cluster::build().
Bill bill_of_materials(const ClusterSpec& spec);
/// The same where the graph is at hand already.
Bill bill_of_materials(const Cluster& cluster);

/// Power of switches, transceivers and cables of all networks under load, 0 where there is none.
/// Nothing where the fabric's switch is not known, or where a graph would have to be drawn for more
/// than 131,072 accelerators. Costs as much as the bill.
std::optional<units::Watts> network_power(const ClusterSpec& spec);

/// A storage or front-end network as a cluster of its own: its endpoints are the NIC ports of whole
/// nodes, on leaves that are as full as they can be.
/// @throws InputError for more than 2^31 ports.
ClusterSpec as_cluster(const ClusterSpec& spec, const SideNetwork& side);

}  // namespace topology
