#include <algorithm>
#include <cmath>

#include "sim/collective/impl/algorithms.hpp"

namespace sim::impl {
namespace {

// NCCL 2.30 paths.cc: one channel per 14 GB/s of NIC for each peer, halved until those of all
// peers, eight to a batch, fit into the point-to-point channels of a GPU. Measured: sends on 400
// Gbit/s NICs reach 43, 26 and 14.5 GB/s in communicators of 16, 64 and 128 ranks.
constexpr units::BytesPerSecond kChannelNic = units::gigabytes_per_second(14);
constexpr int kPointToPointChannels = 16;
constexpr int kBatch = 8;

int channels_per_peer(units::BytesPerSecond line_rate, int ranks) {
  int channels = std::max(1, static_cast<int>(std::ceil(line_rate / kChannelNic)));
  const int batches = (ranks + kBatch - 1) / kBatch;
  while (channels > 1 && channels * batches > kPointToPointChannels) {
    channels = (channels + 1) / 2;
  }
  return channels;
}

}  // namespace

units::BytesPerSecond peer_rate(const Across& a) {
  const double channels = channels_per_peer(a.line_rate, a.ranks);
  return std::min(a.line_rate * a.network.pair_efficiency, a.network.peer_channel_rate * channels);
}

namespace {

/// What an all-to-all moves, and how long either network needs for it.
struct Moved {
  units::Bytes wire;  ///< of a rank, through its NIC
  units::Seconds inside, outside;
};

/// What goes to other domains is first gathered inside the domain on the GPU whose NIC shares the
/// target's rail (PXN), so that all of it crosses the scale-up network too. Ceiling: busbw = N /
/// (N-1) of the NIC rate (nccl-tests issue 130). Above the leaves, oversubscribed links bound what
/// leaves them.
Moved moved_by(const Across& a) {
  const double n = a.ranks;
  const double near = a.per_domain - 1;
  const double far = a.ranks - a.per_domain;
  Moved t{.wire = a.size * (far / n), .inside = {}, .outside = {}};
  const double leaving_leaf =
      a.domains > a.leaf_domains ? 1.0 - static_cast<double>(a.leaf_domains) / a.domains : 0.0;
  const units::Seconds above_leaves =
      a.size * (leaving_leaf * a.oversubscription) / a.reached_rate();
  t.outside = std::max(t.wire / std::min(a.reached_rate(), peer_rate(a) * far), above_leaves);
  const units::Bytes forwarded = t.wire * (near * a.share());
  if (near > 0) {
    t.inside = (a.size * ((near + a.profile.pairwise.local_copy) / n) + forwarded) /
               (a.domain_rate * a.profile.pairwise.bandwidth);
  }
  return t;
}

}  // namespace

/// n sends and n receives at once, both networks at work together.
Candidate all_to_all(const Across& a) {
  const calib::PairwiseCost& cost = a.profile.pairwise;
  const double near = a.per_domain - 1;
  const double far = a.ranks - a.per_domain;
  const Moved t = moved_by(a);
  return {
      .time = {.latency = cost.simple_base + cost.step * near + a.network.message * (far - 1.0) +
                          a.network.simple_hop + a.wire_latency,
               .transfer = std::max(t.inside, t.outside),
               .algorithm = calib::Algorithm::Pairwise,
               .protocol = Protocol::Simple},
      .wire_bytes = t.wire};
}

/// Fewer and larger messages, but one network after the other. Source: Rajbhandari et al.,
/// "DeepSpeed-MoE", 2022.
Candidate hierarchical_all_to_all(const Across& a) {
  const calib::PairwiseCost& cost = a.profile.pairwise;
  const double near = a.per_domain - 1;
  const Moved t = moved_by(a);
  return {.time = {.latency = (cost.simple_base + cost.step * near) + cost.simple_base +
                              a.network.message * (a.domains - 2.0) + a.network.simple_hop +
                              a.wire_latency,
                   .transfer = t.inside + t.outside,
                   .algorithm = calib::Algorithm::Hierarchical,
                   .protocol = Protocol::Simple},
          .wire_bytes = t.wire};
}

/// One message through the NIC. NCCL sends it with the Simple protocol: 28 us for 1 KiB as for 16
/// KiB (nccl-tests sendrecv, B200 over NDR InfiniBand).
Candidate send(const Across& a) {
  return {
      .time = {.latency = a.profile.pairwise.simple_base + a.network.simple_hop + a.wire_latency,
               .transfer = a.size / peer_rate(a),
               .algorithm = calib::Algorithm::Pairwise,
               .protocol = Protocol::Simple},
      .wire_bytes = a.size};
}

}  // namespace sim::impl
