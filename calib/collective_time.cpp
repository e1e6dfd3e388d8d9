#include "calib/collective_time.hpp"

#include <algorithm>
#include <cmath>

namespace calib {

std::optional<CollectiveTime> faster(const std::optional<CollectiveTime>& a,
                                     const std::optional<CollectiveTime>& b) {
  if (!a || (b && b->total() < a->total())) {
    return b;
  }
  return a;
}

namespace {

RankTier tier_of(const CollectiveProfile& profile, int ranks) {
  RankTier widest;
  for (const RankTier& tier : profile.tiers) {
    if (tier.above_ranks > 0 && ranks > tier.above_ranks) {
      widest = tier;
    }
  }
  return widest;
}

units::BytesPerSecond mesh_rate(const topology::ScaleUp& scale_up, int ranks) {
  return std::min(scale_up.bandwidth, scale_up.peer_bandwidth * static_cast<double>(ranks - 1));
}

}  // namespace

units::BytesPerSecond domain_rate(const CollectiveProfile& profile,
                                  const topology::ScaleUp& scale_up, int ranks) {
  switch (scale_up.kind) {
    case topology::ScaleUpKind::Mesh:
      return mesh_rate(scale_up, ranks);
    case topology::ScaleUpKind::Pcie:
    case topology::ScaleUpKind::None:
      return scale_up.bandwidth * tier_of(profile, ranks).bandwidth;
    case topology::ScaleUpKind::Switched:
    case topology::ScaleUpKind::Torus:
      break;
  }
  return scale_up.bandwidth;
}

CollectiveTime ring_time(const CollectiveProfile& profile, units::BytesPerSecond rate,
                         Collective op, units::Bytes size, int ranks, Protocol protocol) {
  const RingCost& cost = profile.ring[static_cast<std::size_t>(protocol)];
  const double n = ranks;
  const double lines = protocol == Protocol::Simple ? 1.0 : tier_of(profile, ranks).lines;
  const units::Bytes copied = is_stream(op) ? units::Bytes{} : size * (profile.ring_local_copy / n);
  const units::Bytes sent = units::bytes(ring_bytes(op, size.base(), ranks));
  return {.latency = cost.base + cost.hop * static_cast<double>(ring_steps(op, ranks)),
          .transfer = (sent + copied) / (rate * cost.bandwidth * lines),
          .algorithm = Algorithm::Ring,
          .protocol = protocol};
}

std::optional<CollectiveTime> in_switch_time(const CollectiveProfile& profile,
                                             const topology::ScaleUp& scale_up,
                                             units::BytesPerSecond rate, units::Bytes size,
                                             int ranks) {
  const InSwitchCost& cost = profile.in_switch;
  if (!scale_up.in_switch_reduction || cost.min_ranks == 0 || ranks < cost.min_ranks) {
    return std::nullopt;
  }
  const double n = ranks;
  const units::Seconds plateau = size * ((n + 1.0) / n) / (rate * cost.bandwidth);
  const units::Seconds ramp = units::seconds(std::sqrt(plateau.base() * cost.ramp.base() * n));
  return CollectiveTime{.latency = cost.base,
                        .transfer = plateau + ramp,
                        .algorithm = Algorithm::Nvls,
                        .protocol = Protocol::Simple};
}

CollectiveTime pairwise_time(const CollectiveProfile& profile, units::BytesPerSecond rate,
                             Collective op, units::Bytes size, int ranks, Protocol protocol) {
  const PairwiseCost& cost = profile.pairwise;
  const bool message = op == Collective::SendRecv;
  const double peers = message ? 1.0 : ranks - 1.0;
  const units::Bytes to_one = message ? size : size / static_cast<double>(ranks);
  CollectiveTime time;
  time.algorithm = Algorithm::Pairwise;
  time.protocol = protocol;
  const units::Seconds further = cost.step * peers;
  if (protocol == Protocol::Ll) {
    time.latency = cost.ll_base + further;
    time.transfer = to_one / (rate * cost.ll_peer_bandwidth);
  } else {
    const double local = message ? 0.0 : cost.local_copy;
    time.latency = cost.simple_base + further;
    time.transfer = to_one * (peers + local) / (rate * cost.bandwidth);
  }
  return time;
}

std::optional<CollectiveTime> domain_time(const CollectiveProfile& profile,
                                          const topology::ScaleUp& scale_up, Collective op,
                                          units::Bytes size, int ranks, Allowed allowed) {
  std::optional<CollectiveTime> best;
  const bool pairwise = op == Collective::AllToAll || op == Collective::SendRecv;
  if (pairwise && allowed.has(Algorithm::Pairwise)) {
    const int linked = op == Collective::SendRecv ? 2 : ranks;
    const units::BytesPerSecond rate = domain_rate(profile, scale_up, linked);
    for (const Protocol protocol : {Protocol::Ll, Protocol::Simple}) {
      if (allowed.has(protocol)) {
        best = faster(best, pairwise_time(profile, rate, op, size, ranks, protocol));
      }
    }
  }
  if (pairwise) {
    return best;
  }
  const units::BytesPerSecond rate = domain_rate(profile, scale_up, ranks);
  if (allowed.has(Algorithm::Ring)) {
    for (const Protocol protocol : kProtocols) {
      if (allowed.has(protocol)) {
        best = faster(best, ring_time(profile, rate, op, size, ranks, protocol));
      }
    }
  }
  if (op == Collective::AllReduce && allowed.has(Algorithm::Nvls) &&
      allowed.has(Protocol::Simple)) {
    best = faster(best, in_switch_time(profile, scale_up, rate, size, ranks));
  }
  return best;
}

}  // namespace calib
