#pragma once
// Where the switches of a Clos fabric stand in the graph: what its drawing gives to its routing.
// Internal to topology.
#include <vector>

#include "topology/build/builder.hpp"
#include "topology/clos_plan.hpp"

namespace topology::build {

inline VertexId offset(VertexId first, int index) {
  return first + static_cast<VertexId>(index);
}

/// First vertices and trunks of one Clos network.
struct ClosNet {
  VertexId leaf = 0, spine = 0, core = 0;
  std::uint32_t leaf_up = 0, leaf_down = 0;  ///< of leaf 0; one each per leaf
  std::uint32_t pod_up = 0, pod_down = 0;    ///< of pod 0; one each per pod
  std::uint32_t site_up = 0, site_down = 0;  ///< between its top switches and the border
};

/// Where a GPU's NIC is plugged in.
struct ClosPort {
  int site = 0;
  int rail = 0;      ///< of a rail-only fabric; 0 elsewhere
  int endpoint = 0;  ///< in the networks of that site and rail
};

/// The numbers behind a Clos fabric: which network a port belongs to, and which leaf.
struct ClosLayout {
  FabricPlan plan;
  int gpus = 0;
  VertexId nic = 0, border = 0;
  std::vector<ClosNet> nets;  ///< by (site * rails + rail) * planes + plane

  [[nodiscard]] ClosPort port(int gpu) const {
    const int per_site = gpus / plan.sites;
    const int local = gpu % per_site;
    return {.site = gpu / per_site, .rail = local % plan.rails, .endpoint = local / plan.rails};
  }
  [[nodiscard]] const ClosNet& net(const ClosPort& port, int plane) const {
    const int index = (port.site * plan.rails + port.rail) * plan.planes + plane;
    return nets[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] int leaf_of(int endpoint) const {
    const ClosPlan& net = plan.net;
    if (net.rails == 1) {
      return endpoint / net.leaf_endpoints;
    }
    const int node = endpoint / plan.gpus_per_node;
    return node / net.leaf_endpoints * net.rails + endpoint % plan.gpus_per_node;
  }
  [[nodiscard]] VertexId nic_of(int gpu) const { return offset(nic, gpu); }
  [[nodiscard]] VertexId leaf_vertex(int gpu, int plane) const {
    const ClosPort at = port(gpu);
    return offset(net(at, plane).leaf, leaf_of(at.endpoint));
  }
  [[nodiscard]] VertexId spine(const ClosNet& net, int pod, int plane) const {
    return offset(net.spine, pod * plan.net.spines_per_pod + plane);
  }
  [[nodiscard]] VertexId core(const ClosNet& net, int plane, int i) const {
    return offset(net.core, plane * plan.net.cores_per_plane + i);
  }
};

/// Draws NICs, switches and cables of all networks.
/// @throws InputError as plan_fabric(), and where several sites have no bandwidth between them.
ClosLayout draw_clos(const ClusterSpec& spec, Draft& draft);

}  // namespace topology::build
