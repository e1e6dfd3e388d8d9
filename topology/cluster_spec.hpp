#pragma once
// What a cluster is, in a few parameters: enough for closed forms; the graph is built from it.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology/hardware.hpp"
#include "topology/units.hpp"

namespace topology {

/// Technology of the scale-out network; decides the efficiency and latency defaults.
enum class NetworkKind { None, Infiniband, Roce, Efa, Ethernet, OmniPath, Ici, Unknown };
std::string_view name(NetworkKind kind);
std::optional<NetworkKind> network_from_name(std::string_view name);

enum class FabricKind {
  SingleDomain,   ///< one node or one scale-up domain, no scale-out network
  RailOptimised,  ///< leaf per rail and group of nodes, spines over all leaves (a third tier when
                  ///< large)
  FatTree,        ///< two tiers, leaves shared by whole nodes
  ThreeTier,      ///< leaf, spine, core
  RailOnly,       ///< every rail a network of its own; other rails are reached over scale-up
  Dragonfly,      ///< groups of switches joined all to all, groups joined all to all
  DragonflyPlus,  ///< groups of leaves and spines, spines of the groups joined
  Torus,          ///< accelerators on a 2-D or 3-D torus, no switches
  Custom          ///< the graph itself is given
};
std::string_view name(FabricKind kind);
std::optional<FabricKind> fabric_from_name(std::string_view name);

/// Dragonfly and dragonfly+: a group is `switches` routers joined all to all (dragonfly), or
/// `switches` leaves joined to `spines` spines (dragonfly+); each router (spine) has `global_links`
/// cables to other groups. Source: Kim, Dally, Scott and Abts, ISCA 2008; Shpiner et al., HiPINEB
/// 2017 for dragonfly+.
struct DragonflyShape {
  int switches = 32;
  int endpoints = 16;  ///< per router or leaf
  int spines = 0;      ///< per group, dragonfly+ only
  int global_links = 16;
  units::BytesPerSecond local_bandwidth, global_bandwidth;  ///< of one cable; 0: as the NIC
};

/// Several sites of the same fabric, each with an equal share of the accelerators, joined pairwise
/// by long links.
struct Sites {
  int count = 1;
  units::BytesPerSecond bandwidth;  ///< between two sites, per direction
  units::Seconds latency;           ///< one way; 5 us per km of fibre
};

/// Nodes of another kind in the same cluster. They take the accelerators after those of the
/// groups before them; the rest are ClusterSpec::accelerator.
struct NodeGroup {
  int gpus = 0;  ///< whole nodes
  Accelerator accelerator;
  units::BytesPerSecond nic_bandwidth;
  units::Watts node_overhead_power;
};

struct DeviceGraph;   // topology/device_graph.hpp
struct NetworkParts;  // topology/network_parts.hpp

/// A network beside the compute network, for storage or for users and management: a folded Clos
/// with whole nodes as endpoints.
struct SideNetwork {
  NetworkKind network = NetworkKind::Ethernet;
  int nics_per_node = 1;
  units::BytesPerSecond nic_bandwidth;   ///< of one port, per direction
  units::BytesPerSecond node_bandwidth;  ///< that a node gets at most; at most all its ports
  int switch_ports = 64;                 ///< radix at NIC speed
  double oversubscription = 1.0;         ///< bandwidth down : up at the leaf
  std::shared_ptr<const NetworkParts> parts;
};

/// A cluster, homogeneous but for `other_nodes`. Bandwidths are nominal line rates per direction;
/// the efficiency that a protocol reaches on them belongs to the cost model, not here.
struct ClusterSpec {
  std::string id;
  Accelerator accelerator;
  int gpus = 1;
  int gpus_per_node = 1;
  /// Accelerators that share the scale-up network (NVLink); a multiple or a part of a node.
  int scale_up_domain = 1;
  NetworkKind network = NetworkKind::None;
  units::BytesPerSecond nic_bandwidth;  ///< per accelerator
  units::Seconds nic_latency;           ///< NIC to NIC without switches
  units::Seconds switch_latency;        ///< per switch passed
  FabricKind fabric = FabricKind::SingleDomain;
  int nodes_per_leaf = 32;              ///< nodes of a leaf group (a scalable unit)
  int switch_ports = 64;                ///< radix at NIC speed
  double leaf_oversubscription = 1.0;   ///< ports down : ports up at the leaf
  double spine_oversubscription = 1.0;  ///< the same at the spine of a three-tier fabric
  int nodes_per_pod = 0;  ///< of a third tier; 0: as many as the spines have ports for
  int spine_ports = 0, core_ports = 0;     ///< radix at uplink speed; 0: as switch_ports
  units::BytesPerSecond uplink_bandwidth;  ///< of one cable above the leaves; 0: as the NIC port
  bool in_network_reduction = false;  ///< switches above the NICs reduce (SHARP), and are set up to
  int planes = 1;                     ///< NIC ports, each to a fabric of its own (dual ToR)
  Sites sites{};
  DragonflyShape dragonfly{};
  std::vector<int> torus;  ///< extents, e.g. {16, 16}; only for Torus
  int optical_cube = 0;    ///< edge of the cubes that optical switches join; 0: cabled
  bool twisted = false;    ///< wrap-around links of the shorter axes are shifted (TPU v4)
  std::shared_ptr<const DeviceGraph> graph;   ///< only for Custom
  std::vector<NodeGroup> other_nodes;         ///< mixed clusters: at the end of the numbering
  units::Watts node_overhead_power;           ///< host share per node
  int cpu_cores = 0;                          ///< of a node, physical; 0: not said
  units::Watts switch_power;                  ///< of one leaf switch, without transceivers
  std::shared_ptr<const NetworkParts> parts;  ///< for the bill of materials; shared by all copies
  std::optional<SideNetwork> storage_network, front_end_network;
  /// Switches and transceivers of all networks, see network_power(); nothing where not worked out.
  std::optional<units::Watts> network_power;
  std::vector<std::string> assumptions;  ///< defaults that filled a gap, for `warnings`

  [[nodiscard]] int nodes() const { return (gpus + gpus_per_node - 1) / gpus_per_node; }
  /// The group of `other_nodes` that a GPU belongs to; null: the main kind.
  [[nodiscard]] const NodeGroup* group_of(int gpu) const;
  [[nodiscard]] const Accelerator& accelerator_of(int gpu) const;
  [[nodiscard]] units::BytesPerSecond nic_bandwidth_of(int gpu) const;
};

}  // namespace topology
