#include "calib/collective_profile.hpp"

namespace calib {
namespace {

using topology::NetworkKind;
using units::gigabytes_per_second;
using units::microseconds;

/// InfiniBand verbs with GPUDirect, beyond the NIC's own 1.6 us (catalog). Sources: NCCL 2.30
/// tuning.cc, row NET, and published nccl-tests sweeps of H100 and B200 over NDR:
/// - hops: LL 2.7 us and in-domain pace 1 us as in NCCL; Simple 14 us and tree 5 us as in NCCL,
/// less the wire; LL128 25 us
///   from all-gathers of 8 MiB on 512 B200 (NCCL's own 4 us predicts half of what was measured);
/// - in-switch trees: 93-97 us on 2 nodes, 143 us on 8, 265 us on 64 for 1-2 MiB give base and hop;
/// - efficiencies: ring plateaus over line rate: 0.86 on 2 nodes, 0.78-0.91 on 4 to 64; LL is half
/// flags; the tree's
///   correction factors of NCCL (0.4-0.6 around 1 MiB) are in those of LL and LL128;
/// - rates: tree 24 GB/s per NIC on 4 to 64 nodes, in-switch tree 33-43 GB/s, one channel 14.6
/// GB/s.
NetworkCost infiniband() {
  NetworkCost cost;
  cost.ll_hop = microseconds(2.7);
  cost.ll128_hop = microseconds(25);
  cost.simple_hop = microseconds(12.5);
  cost.inside_hop = microseconds(1);
  cost.tree_hop = microseconds(3.5);
  cost.in_switch_tree_base = microseconds(60);
  cost.in_switch_tree_hop = microseconds(16);
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

FabricEfficiency fabric_efficiency(NetworkKind network, topology::Routing routing) {
  const bool spread = routing == topology::Routing::Adaptive || routing == topology::Routing::Spray;
  switch (network) {
    case NetworkKind::Infiniband:
      return {0.96,
              "nccl-tests on 6 to 16 nodes of 8 B200 over NDR InfiniBand with adaptive routing: a "
              "flat 384 of 400 GB/s per node"};
    case NetworkKind::Roce:
      if (spread) {
        return {0.95, "vendor's figure for RoCE with adaptive routing (recalled, not measured)"};
      }
      return {
          0.71,
          "mean of two all-to-all plateaus over RoCE with DCQCN: 38 of 50 GB/s per GPU (4 nodes "
          "of 8 MI355X), 16.6 of 25 GB/s (4 DGX Spark)"};
    case NetworkKind::None:
    case NetworkKind::Ici:
      return {1.0, "links between neighbours: nothing is switched"};
    case NetworkKind::Efa:
    case NetworkKind::Ethernet:
    case NetworkKind::OmniPath:
    case NetworkKind::Unknown:
      break;
  }
  return {0.9, "assumption: no measurement of contending flows on this network"};
}

std::array<NetworkCost, kNetworkKindCount> default_network_costs() {
  std::array<NetworkCost, kNetworkKindCount> costs;
  for (std::size_t kind = 0; kind < costs.size(); ++kind) {
    costs[kind] = default_network_cost(static_cast<NetworkKind>(kind));
  }
  return costs;
}

}  // namespace calib
