#include "sim/collective/impl/algorithms.hpp"

namespace sim::impl {
namespace {

// NCCL 2.30 tuning.cc, PAT: base 8 us; log2(N) network steps of which 3.5 overlap; 2.8 us of set-up
// per rank; a quarter of the bandwidth is lost.
constexpr units::Seconds kBase = units::microseconds(8);
constexpr double kOverlap = 3.5;
constexpr units::Seconds kPerRank = units::microseconds(2.8);
constexpr double kBandwidth = 0.75;

}  // namespace

Candidate parallel_aggregated_trees(const Across& a) {
  const units::Bytes wire = units::bytes(calib::ring_bytes(a.op, a.size.base(), a.ranks));
  const units::Seconds level = a.network.simple_hop + a.wire_latency;
  return {.time = {.latency = kBase + level * (tree_levels(a.domains) / kOverlap) +
                              kPerRank * static_cast<double>(a.ranks),
                   .transfer = wire / (a.reached_rate() * kBandwidth),
                   .algorithm = calib::Algorithm::Pat,
                   .protocol = Protocol::Simple},
          .wire_bytes = wire};
}

}  // namespace sim::impl
