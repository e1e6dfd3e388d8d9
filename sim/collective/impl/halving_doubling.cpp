#include <algorithm>
#include <bit>

#include "sim/collective/impl/algorithms.hpp"

namespace sim::impl {

/// log2(n) rounds each way, the nearest partners first with half of the data: S (1 - 1/k) stays
/// inside a domain of k and S / k (1 - 1/N) crosses its NIC, each way. Ranks beyond a power of two
/// add a round at either end with all of S. Source: Thakur, Rabenseifner and Gropp, IJHPCA 19(1),
/// 2005.
Candidate halving_doubling(const Across& a) {
  const calib::RingCost& cost = a.profile.ring[static_cast<std::size_t>(Protocol::Simple)];
  const double passes = a.op == Collective::AllReduce ? 2.0 : 1.0;
  const auto log2 = [](int n) {
    return static_cast<double>(std::bit_width(static_cast<unsigned>(n)) - 1);
  };
  const bool uneven = !std::has_single_bit(static_cast<unsigned>(a.ranks));
  const double outer = log2(a.domains), inner = log2(a.ranks) - outer;
  const double k = a.per_domain, n = a.domains;
  const double extra = uneven ? passes : 0.0;
  const units::Bytes wire =
      a.size * (passes * a.share() * (1.0 - 1.0 / n) + (a.per_domain == 1 ? extra : 0.0));
  const units::Bytes inside =
      a.size * (passes * (1.0 - 1.0 / k) + (a.per_domain > 1 ? extra : 0.0));
  return {.time = {.latency = cost.base + cost.hop * (inner * passes + (uneven ? 2.0 : 0.0)) +
                              (a.network.simple_hop + a.wire_latency) * (outer * passes),
                   .transfer = wire / a.reached_rate() + inside / (a.domain_rate * cost.bandwidth),
                   .algorithm = calib::Algorithm::HalvingDoubling,
                   .protocol = Protocol::Simple},
          .wire_bytes = wire};
}

}  // namespace sim::impl
