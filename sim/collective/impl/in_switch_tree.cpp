#include <algorithm>

#include "sim/collective/impl/algorithms.hpp"

namespace sim::impl {

/// NVLSTree: the switch reduces and multicasts inside a domain, each rank's NIC carries its share
/// of the result up and down a tree. Latency: base + 2 log2(N) levels. Source: NCCL 2.30 tuning.cc.
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
  const double levels = tree_levels(a.domains);
  return Candidate{
      .time = {.latency = inside->latency +
                          (a.network.in_switch_tree_hop + a.wire_latency) * (2.0 * levels),
               .transfer = std::max(inside->transfer, wire / rate),
               .algorithm = calib::Algorithm::NvlsTree,
               .protocol = Protocol::Simple},
      .wire_bytes = wire};
}

}  // namespace sim::impl
