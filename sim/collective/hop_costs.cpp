#include "sim/collective/impl/algorithms.hpp"
#include "sim/collective/run.hpp"

namespace sim {

HopCosts hop_costs(const topology::ClusterSpec& cluster, const calib::CollectiveProfile& profile,
                   const Team& team, Protocol protocol) {
  const impl::Across across =
      impl::across_domains(cluster, profile, Collective::AllReduce, units::bytes(1), team.group());
  const calib::RingCost& inside = profile.ring[static_cast<std::size_t>(protocol)];
  return {.base = inside.base,
          .inside = {.latency = inside.hop, .rate = across.domain_rate * inside.bandwidth},
          .across = {
              .latency = impl::network_hop(across.network, protocol) + across.wire_latency,
              .rate = across.reached_rate() * impl::protocol_efficiency(across.network, protocol)}};
}

}  // namespace sim
