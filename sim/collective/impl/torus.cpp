#include <algorithm>
#include <cstddef>

#include "sim/collective/impl/algorithms.hpp"

namespace sim::impl {
namespace {

/// The part of the torus that a group fills: whole axes first, in the order of the extents, then a
/// line.
struct Block {
  int axes = 0;  ///< that carry traffic
  double links =
      0.0;  ///< directed links per rank among them: 2 on a closed axis, 1 (on average) on a line
  double steps = 0.0;    ///< hops to the farthest rank, axis by axis
  double longest = 1.0;  ///< ranks on the longest axis
};

Block block_of(const topology::ClusterSpec& cluster, int ranks) {
  Block block;
  int left = ranks;
  for (std::size_t axis = 0; axis < cluster.torus.size() && left > 1; ++axis) {
    const int extent = cluster.torus[axis];
    const int used = std::min(extent, left);
    if (used < 2) {
      continue;
    }
    const bool closed = used == extent && used > 2;
    ++block.axes;
    block.links += closed ? 2.0 : 1.0;
    block.steps += closed ? used / 2.0 : used - 1.0;
    block.longest = std::max(block.longest, static_cast<double>(used) * (closed ? 1.0 : 2.0));
    left = (left + extent - 1) / extent;
  }
  if (block.axes == 0 || left > 1) {  // extents unknown or too small: one closed ring of all ranks
    block = {.axes = 1, .links = 2.0, .steps = ranks / 2.0, .longest = static_cast<double>(ranks)};
  }
  return block;
}

}  // namespace

/// Both directions of every axis work at once: all-gather and reduce-scatter move S (n-1)/n over
/// the links of the block's axes, all-reduce is one after the other. All-to-all is bound by the
/// longest axis: S/n to each rank over k/4 hops on average on two directed links, S k / 8 per link.
/// Latency: one hop per step. Source: Austin et al., How to Scale Your Model, 2025, chapter on TPUs
/// (ICI); Bruck et al., 1997, for all-to-all.
calib::CollectiveTime torus(const topology::ClusterSpec& cluster,
                            const calib::CollectiveProfile& profile, Collective op,
                            units::Bytes size, int ranks) {
  const topology::ScaleUp& scale_up = cluster.accelerator.scale_up;
  const calib::RingCost& cost = profile.ring[static_cast<std::size_t>(Protocol::Simple)];
  const Block block = block_of(cluster, ranks);
  const units::BytesPerSecond link = scale_up.peer_bandwidth * cost.bandwidth;
  const units::BytesPerSecond rate =
      std::min(link * block.links, scale_up.bandwidth * cost.bandwidth);
  const double passes = op == Collective::AllReduce ? 2.0 : 1.0;
  calib::CollectiveTime time{
      .latency = cost.base + scale_up.latency * (block.steps * passes),
      .transfer = units::bytes(calib::ring_bytes(op, size.base(), ranks)) / rate,
      .algorithm = calib::Algorithm::Torus,
      .protocol = Protocol::Simple};
  if (op == Collective::AllToAll) {
    time.transfer = std::max(time.transfer, size * (block.longest / 8.0) / link);
  } else if (op == Collective::SendRecv) {
    time.latency = cost.base + scale_up.latency;
    time.transfer = size / link;
  }
  return time;
}

}  // namespace sim::impl
