#include <algorithm>
#include <cmath>

#include "sim/collective/impl/algorithms.hpp"

namespace sim::impl {

/// NVLSTree: the switch reduces and multicasts inside a domain, each rank's NIC carries its share
/// of the result up and down a tree. Latency: base + 2 log2(N) levels. Source: NCCL 2.30 tuning.cc.
/// The tree of N domains ramps up as the switch does (calib::InSwitchCost): T + sqrt(T * ramp * N).
std::optional<Candidate> in_switch_tree(const Across& a) {
  const auto inside =
      calib::in_switch_time(a.profile, a.scale_up, a.domain_rate, a.size, a.per_domain);
  if (!inside) {
    return std::nullopt;
  }
  const bool pair = a.domains == 2;
  const units::Bytes wire = a.size * (a.share() * (pair ? 1.0 : 2.0));
  const units::BytesPerSecond rate =
      pair ? a.reached_rate() : std::min(a.reached_rate(), a.network.in_switch_tree_rate);
  const units::Seconds plateau = wire / rate;
  const units::Seconds ramp = units::seconds(
      std::sqrt(plateau.base() * a.profile.in_switch.ramp.base() * static_cast<double>(a.domains)));
  const double levels = 2.0 * tree_levels(a.domains);
  return Candidate{.time = {.latency = a.network.in_switch_tree_base +
                                       (a.network.in_switch_tree_hop + a.wire_latency) * levels,
                            .transfer = std::max(inside->transfer, plateau + ramp),
                            .algorithm = calib::Algorithm::NvlsTree,
                            .protocol = Protocol::Simple},
                   .wire_bytes = wire};
}

}  // namespace sim::impl
