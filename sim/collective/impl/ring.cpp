#include <algorithm>

#include "sim/collective/impl/algorithms.hpp"

namespace sim::impl {
units::Seconds network_hop(const calib::NetworkCost& network, Protocol protocol) {
  switch (protocol) {
    case Protocol::Ll:
      return network.ll_hop;
    case Protocol::Ll128:
      return network.ll128_hop;
    case Protocol::Simple:
      break;
  }
  return network.simple_hop;
}

/// Rings pass through every domain once per channel, on another NIC for each channel: of the nsteps
/// steps, 2(N-1) (all-reduce) or N-1 cross domains, and each NIC carries 1/per_domain of a ring's
/// bytes. Source: NCCL 2.30 tuning.cc, ring latency; Patarasuk and Yuan, JPDC 69(2), 2009, for the
/// bytes.
Candidate ring(const Across& a, Protocol protocol) {
  calib::CollectiveTime time =
      calib::ring_time(a.profile, a.domain_rate, a.op, a.size, a.ranks, protocol);
  const calib::RingCost& cost = a.profile.ring[static_cast<std::size_t>(protocol)];
  const double crossing = calib::ring_steps(a.op, a.domains);
  const double inside = calib::ring_steps(a.op, a.ranks) - crossing;
  const double pace = protocol == Protocol::Simple ? 3.0 : 1.0;
  time.latency = cost.base + std::max(cost.hop, a.network.inside_hop * pace) * inside +
                 (network_hop(a.network, protocol) + a.wire_latency) * crossing;
  const units::Bytes wire =
      units::bytes(calib::ring_bytes(a.op, a.size.base(), a.ranks)) * a.share();
  const units::Seconds outside =
      wire / (a.reached_rate() * protocol_efficiency(a.network, protocol));
  time.transfer = a.per_domain > 1 ? std::max(time.transfer, outside) : outside;
  return {time, wire};
}

}  // namespace sim::impl
