#pragma once
// Switches and cables of a switched scale-out fabric (folded Clos: leaf, spine, core), counted from
// the parameters alone; the graph builder and a bill of materials read the same plan.
#include "topology/cluster_spec.hpp"

namespace topology {

/// A folded Clos network in which all leaves, all spines and all cores are alike. Endpoints are NIC
/// ports, one per accelerator. Leaves belong to pods; in a pod every leaf reaches every spine;
/// spine j of every pod reaches the cores of plane j.
///
/// Counts, with radix k and E endpoints at 1:1: two tiers 2E/k leaves and E/k spines up to E =
/// k^2/2, three tiers 2E/k, 2E/k and E/k up to k^3/4. Source: Al-Fares, Loukissas and Vahdat,
/// SIGCOMM 2008, after Leiserson, "Fat-trees", IEEE Trans. Computers C-34(10), 1985.
struct ClosPlan {
  int endpoints = 0;
  int rails = 1;  ///< leaves side by side in a group, one per rail; 1: leaves shared by whole nodes
  int groups = 1;          ///< leaf groups (scalable units); group g holds leaves g * rails ...
  int leaf_endpoints = 0;  ///< ports down of a leaf (of a full group)
  int leaf_uplinks = 0;    ///< cables up of a leaf; 0 in a one-switch fabric
  int pods = 1;
  int leaves_per_pod = 1;
  bool pods_by_rail = false;  ///< a pod holds leaves of one rail only
  int spines_per_pod = 0;
  int spine_uplinks = 0;  ///< cables up of a spine; 0 in a two-tier fabric
  int cores_per_plane = 0;
  /// Bandwidth up over bandwidth of one endpoint, exact where the cables had to be rounded up.
  double leaf_up = 0.0;
  double spine_up = 0.0;

  [[nodiscard]] int leaves() const { return rails * groups; }
  [[nodiscard]] int spines() const { return pods * spines_per_pod; }
  [[nodiscard]] int cores() const { return spines_per_pod * cores_per_plane; }
  [[nodiscard]] int switches() const { return leaves() + spines() + cores(); }
  [[nodiscard]] int tiers() const { return cores() > 0 ? 3 : spines() > 0 ? 2 : 1; }
  [[nodiscard]] long endpoint_cables() const { return endpoints; }
  [[nodiscard]] long leaf_spine_cables() const {
    return static_cast<long>(leaves()) * leaf_uplinks;
  }
  [[nodiscard]] long spine_core_cables() const {
    return static_cast<long>(spines()) * spine_uplinks;
  }
  /// Which pod a leaf belongs to.
  [[nodiscard]] int pod_of(int leaf) const;
};

/// A switched fabric as a whole: copies of one Clos network, each with its own NIC ports.
struct FabricPlan {
  ClosPlan net;
  int rails = 1;   ///< copies side by side, one per rail (rail-only)
  int planes = 1;  ///< copies, one per port of a NIC
  int sites = 1;
  int gpus_per_node = 1;  ///< endpoints of a node in one copy
  [[nodiscard]] int copies() const { return rails * planes * sites; }
  [[nodiscard]] int switches() const { return net.switches() * copies(); }
  [[nodiscard]] long cables() const {
    return copies() *
           (net.endpoint_cables() + net.leaf_spine_cables() + net.spine_core_cables());
  }
};

/// The plan of any switched fabric that is a Clos network or copies of one.
/// @throws InputError as plan_clos(), and where sites or rails do not divide the accelerators.
FabricPlan plan_fabric(const ClusterSpec& spec);

/// Plans one Clos network: of a RailOptimised, FatTree or ThreeTier cluster with one plane and site.
/// Ports of leaves count at the speed of a NIC port, those of spines and cores at that of an uplink.
///
/// - RailOptimised: accelerator i of all nodes of a group shares leaf i. Above `switch_ports`
/// leaves a third
///   tier joins pods that hold one rail each, as long as the core has ports for that many pods.
/// - FatTree: a leaf takes whole nodes; a third tier when two are not enough.
/// - ThreeTier: the same, with cores and at least two pods in any case.
/// - `nodes_per_pod` fixes the pods of any of them; what fits one pod has no cores.
///
/// A group takes `nodes_per_leaf` nodes, or fewer where the leaf has not the ports. What fits one
/// switch and one group is one switch. The number of spines is rounded up until every leaf connects
/// evenly, which gives the printed 4, 8, 16, 16 spines of 1 to 4 units of the DGX H100 SuperPOD and
/// 4, 8, 18, 36, 72 of the DGX B300 XDR.
/// @throws InputError where three tiers are too few, or the fabric has no switches.
ClosPlan plan_clos(const ClusterSpec& spec);

}  // namespace topology
