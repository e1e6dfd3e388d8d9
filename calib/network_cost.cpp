#include "calib/collective_profile.hpp"

namespace calib {
namespace {

using topology::NetworkKind;
using units::gigabytes_per_second;
using units::microseconds;

/// InfiniBand verbs with GPUDirect. Hops: NCCL 2.30 tuning.cc, row NET. Efficiencies: published
/// plateaus over line rate, ring: 0.86 on 2 nodes of B200, 0.78-0.91 on 4 to 64 nodes of H100 and
/// B200 (nccl-tests sweeps). Rates: tree 24 GB/s per NIC on 4 nodes and more (B200, NCCL 2.29),
/// in-switch tree 35-40 GB/s (B200, H100). Channel rate: 14.6 GB/s measured (NCCL:
/// P2P_PER_CHANNEL_NET_BW = 14).
NetworkCost infiniband() {
  NetworkCost cost;
  cost.ll_hop = microseconds(2.7);
  cost.ll128_hop = microseconds(4.0);
  cost.simple_hop = microseconds(14);
  cost.tree_hop = microseconds(5.0);
  cost.in_switch_tree_hop = microseconds(20.9);
  cost.message = microseconds(1.0);
  cost.tree_rate = gigabytes_per_second(24);
  cost.in_switch_tree_rate = gigabytes_per_second(38);
  cost.peer_channel_rate = gigabytes_per_second(14.6);
  return cost;
}

/// `cost` with `more` on each network step: what a slower transport than verbs adds.
NetworkCost slower_by(NetworkCost cost, units::Seconds more) {
  for (units::Seconds* hop : {&cost.ll_hop, &cost.ll128_hop, &cost.simple_hop, &cost.tree_hop,
                              &cost.in_switch_tree_hop}) {
    *hop += more;
  }
  return cost;
}

}  // namespace

NetworkCost default_network_cost(NetworkKind kind) {
  switch (kind) {
    case NetworkKind::Efa:
      // Beyond the NIC's own 13 to 20 us (catalog): 65-75 us for a small all-reduce on two P5
      // nodes.
      return slower_by(infiniband(), microseconds(5));
    case NetworkKind::Ethernet:
      // TCP without RDMA, beyond the NIC's own 20 us: 85 us for a small all-gather on two nodes
      // (GPUDirect-TCPXO, nccl-tests).
      return slower_by(infiniband(), microseconds(45));
    case NetworkKind::None:
    case NetworkKind::Infiniband:
    case NetworkKind::Roce:
    case NetworkKind::OmniPath:
    case NetworkKind::Ici:
    case NetworkKind::Unknown:
      break;
  }
  return infiniband();
}

std::array<NetworkCost, kNetworkKindCount> default_network_costs() {
  std::array<NetworkCost, kNetworkKindCount> costs;
  for (std::size_t kind = 0; kind < costs.size(); ++kind) {
    costs[kind] = default_network_cost(static_cast<NetworkKind>(kind));
  }
  return costs;
}

}  // namespace calib
