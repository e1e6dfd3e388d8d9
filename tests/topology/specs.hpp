#pragma once
// Clusters that the topology tests share.
#include "topology/cluster.hpp"

namespace topology::testing {

/// DGX with 8 accelerators: NVSwitch at 450 GB/s, one 400 Gbit/s NIC each. Latencies are round
/// numbers that are easy to tell apart in a sum.
inline ClusterSpec dgx(int gpus, FabricKind fabric) {
  ClusterSpec spec;
  spec.id = "dgx";
  spec.accelerator.scale_up = {.kind = ScaleUpKind::Switched,
                               .link = "NVLink",
                               .bandwidth = units::gigabytes_per_second(450),
                               .peer_bandwidth = units::gigabytes_per_second(450),
                               .latency = units::microseconds(1),
                               .domain = 8,
                               .in_switch_reduction = true};
  spec.gpus = gpus;
  spec.gpus_per_node = 8;
  spec.scale_up_domain = 8;
  spec.nic_bandwidth = units::gigabits_per_second(400);
  spec.nic_latency = units::microseconds(2);
  spec.switch_latency = units::nanoseconds(250);
  spec.network = NetworkKind::Infiniband;
  spec.fabric = fabric;
  return spec;
}

inline ClusterSpec torus(std::vector<int> extents, int gpus) {
  ClusterSpec spec;
  spec.accelerator.scale_up = {.kind = ScaleUpKind::Torus,
                               .link = "ICI",
                               .bandwidth = units::gigabytes_per_second(200),
                               .peer_bandwidth = {},
                               .latency = units::microseconds(1),
                               .domain = gpus,
                               .in_switch_reduction = false};
  spec.gpus = gpus;
  spec.fabric = FabricKind::Torus;
  spec.network = NetworkKind::Ici;
  spec.torus = std::move(extents);
  return spec;
}

/// The links of a route as kinds of the vertices passed, e.g. "gpu nic leaf nic gpu" as a vector.
inline std::vector<VertexKind> kinds(const Cluster& cluster, const Route& route) {
  std::vector<VertexKind> seen;
  for (const auto& [id, weight] : route.hops) {
    if (seen.empty()) {
      seen.push_back(cluster.kind(cluster.link(id).from));
    }
    seen.push_back(cluster.kind(cluster.link(id).to));
  }
  return seen;
}

/// Whether the links of `route` lead from one GPU to the other without a gap, and the latencies add
/// up.
inline bool connects(const Cluster& cluster, const Route& route, int from, int to) {
  VertexId at = cluster.gpu(from);
  units::Seconds latency;
  for (const auto& [id, weight] : route.hops) {
    if (cluster.link(id).from != at) {
      return false;
    }
    at = cluster.link(id).to;
    latency += cluster.link(id).latency;
  }
  return at == cluster.gpu(to) && latency == route.latency;
}

}  // namespace topology::testing
