#include "sim/collective/impl/algorithms.hpp"

namespace sim::impl {

/// Three rings one after the other: a reduce-scatter inside, an all-reduce of S/k on every rail, an
/// all-gather inside. Source: Jia et al., "Highly scalable deep learning training system", 2018.
Candidate hierarchical(const Across& a) {
  const calib::CollectiveTime scatter = calib::ring_time(
      a.profile, a.domain_rate, Collective::ReduceScatter, a.size, a.per_domain, Protocol::Simple);
  const calib::RingCost& cost = a.profile.ring[static_cast<std::size_t>(Protocol::Simple)];
  const units::Bytes wire =
      units::bytes(calib::ring_bytes(a.op, a.size.base(), a.domains)) * a.share();
  const double crossing = calib::ring_steps(a.op, a.domains);
  return {.time = {.latency = scatter.latency * 2.0 + cost.base +
                              (a.network.simple_hop + a.wire_latency) * crossing,
                   .transfer = scatter.transfer * 2.0 + wire / a.reached_rate(),
                   .algorithm = calib::Algorithm::Hierarchical,
                   .protocol = Protocol::Simple},
          .wire_bytes = wire};
}

}  // namespace sim::impl
