#pragma once
// What a cluster is, in a few parameters: enough for closed forms; the graph is built from it.
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
  Torus           ///< accelerators on a 2-D or 3-D torus, no switches
};
std::string_view name(FabricKind kind);
std::optional<FabricKind> fabric_from_name(std::string_view name);

/// A homogeneous cluster. Bandwidths are nominal line rates per direction; the efficiency that a
/// protocol reaches on them belongs to the cost model, not here.
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
  std::vector<int> torus;               ///< extents, e.g. {16, 16}; only for Torus
  units::Watts node_overhead_power;     ///< host share per node
  units::Watts switch_power;
  std::vector<std::string> assumptions;  ///< defaults that filled a gap, for `warnings`

  [[nodiscard]] int nodes() const { return (gpus + gpus_per_node - 1) / gpus_per_node; }
};

}  // namespace topology
