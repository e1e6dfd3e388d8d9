#include <algorithm>

#include "sim/collective/impl/algorithms.hpp"

namespace sim::impl {
namespace {

// NCCL 2.30 tuning.cc, CollNet rows: over NVLink 3.7 us (direct) and 2.8 us (chain) a hop, over the
// network 31 and 30 us once; direct adds 0.4 us for each further rank of a domain.
constexpr units::Seconds kDirectHop = units::microseconds(3.7);
constexpr units::Seconds kDirectPeer = units::microseconds(0.4);
constexpr units::Seconds kDirectNetwork = units::microseconds(31);
constexpr units::Seconds kChainHop = units::microseconds(2.8);
constexpr units::Seconds kChainNetwork = units::microseconds(30);
/// NCCL's limit on the ranks that talk to one head directly.
constexpr int kDirectRanks = 9;
/// Of line rate: 543 GB/s of busbw on 8 NICs of 50 GB/s, flat from 4 to 64 B200 nodes over NDR with
/// SHARP on (published nccl-tests sweep, 2026).
constexpr double kEfficiency = 0.68;

}  // namespace

/// The switches reduce: every NIC sends its share S/k of the data once and receives it once,
/// however many domains there are.
std::optional<Candidate> in_network(const Across& a, calib::Algorithm algorithm) {
  const bool direct = algorithm == calib::Algorithm::CollNetDirect;
  const bool switched = a.scale_up.kind == topology::ScaleUpKind::Switched;
  if (direct && a.per_domain > 1 && (!switched || a.per_domain > kDirectRanks)) {
    return std::nullopt;
  }
  const calib::RingCost& cost = a.profile.ring[static_cast<std::size_t>(Protocol::Simple)];
  const double near = a.per_domain - 1;
  const units::Bytes wire = a.size * a.share();
  const units::Seconds latency =
      direct ? (kDirectHop * std::min(1.0, near) + kDirectPeer * near) * 2.0 + kDirectNetwork
             : kChainHop * (2.0 * near) + kChainNetwork;
  const units::Bytes inside = a.size * (direct ? 2.0 * near * a.share() : near > 0 ? 2.0 : 0.0);
  return Candidate{.time = {.latency = latency + a.wire_latency,
                            .transfer = std::max(wire / (a.line_rate * kEfficiency),
                                                 inside / (a.domain_rate * cost.bandwidth)),
                            .algorithm = algorithm,
                            .protocol = Protocol::Simple},
                   .wire_bytes = wire};
}

}  // namespace sim::impl
