#include <algorithm>
#include <bit>

#include "sim/collective/impl/algorithms.hpp"

namespace sim::impl {
namespace {

/// NCCL 2.30 tuning.cc, tree over NET: 5.0 us a level for LL, 8.5 us for LL128.
constexpr double kLl128LevelRatio = 8.5 / 5.0;

units::Seconds level(const calib::NetworkCost& network, Protocol protocol) {
  switch (protocol) {
    case Protocol::Ll:
      return network.tree_hop;
    case Protocol::Ll128:
      return network.tree_hop * kLl128LevelRatio;
    case Protocol::Simple:
      break;
  }
  return network.simple_hop;
}

}  // namespace

int tree_levels(int domains) {
  return static_cast<int>(std::bit_width(static_cast<unsigned>(domains - 1)));
}

/// Up and down: 2 [(ranks per domain - 1) hops inside + log2(N) levels between domains]. Each rank
/// sends S up its chain and S down. Each half of the data has its own tree, so that a domain is
/// inner in one and a leaf in the other: 2 S leave it in all, and S where there are only two
/// domains. Source: NCCL 2.30 tuning.cc; Sanders, Speck and Traeff, Parallel Computing 35(12),
/// 2009.
Candidate tree(const Across& a, Protocol protocol) {
  const calib::RingCost& cost = a.profile.ring[static_cast<std::size_t>(protocol)];
  const double chain = a.per_domain - 1;
  const double levels = tree_levels(a.domains);
  const double efficiency = protocol_efficiency(a.network, protocol);
  const units::Bytes wire = a.size * (a.share() * (a.domains == 2 ? 1.0 : 2.0));
  const units::Seconds outside =
      wire / (std::min(a.reached_rate(), a.network.tree_rate) * efficiency);
  const units::Seconds inside =
      a.per_domain > 1 ? a.size * 2.0 / (a.domain_rate * cost.bandwidth) : units::Seconds{};
  return {.time = {.latency = cost.base + (cost.hop * chain +
                                           (level(a.network, protocol) + a.wire_latency) * levels) *
                                              2.0,
                   .transfer = std::max(inside, outside),
                   .algorithm = calib::Algorithm::Tree,
                   .protocol = protocol},
          .wire_bytes = wire};
}

}  // namespace sim::impl
