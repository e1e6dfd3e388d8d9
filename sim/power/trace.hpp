#pragma once
// Power of a whole cluster along one step: all devices compute and exchange at the same time, so
// the cluster swings with them.
#include <string_view>
#include <vector>

#include "sim/power/power.hpp"
#include "sim/workload/part.hpp"
#include "topology/cluster_spec.hpp"

namespace sim {

/// A stretch of the step in which the cluster's power is level.
struct PowerPhase {
  std::string_view what;  ///< "micro-batches", "gradient exchange", "optimizer", "host"
  units::Seconds duration;
  units::Watts power;  ///< IT equipment of the whole cluster
};

struct PowerTrace {
  std::vector<PowerPhase> phases;  ///< in their order; the last is followed by the first again
  units::Watts mean, peak, trough;
  [[nodiscard]] units::Watts swing() const { return peak - trough; }
  /// Steepest change between two phases, over kPowerResponse or the shorter phase.
  units::Watts steepest_change;
  units::Seconds within;
};

/// Devices settle at a new power within about this time: the averaging window of the on-board
/// meters of A100 and H100. Source: Yang et al., "Part-time Power Measurements", arXiv 2312.02741.
inline constexpr units::Seconds kPowerResponse = units::milliseconds(100);

/// Phases of a step. Inside the micro-batches pipeline stages compute, exchange and wait at
/// different moments, so only their mean shows; what ends the step is the same for all. This
/// synchronous swing is what Choukse et al., arXiv 2508.14318, measured.
/// @pre step > 0
PowerTrace power_trace(const topology::ClusterSpec& cluster, const PartTimes& parts,
                       units::Seconds step);

/// IT power that a site has to provide: ratings of all nodes, the network at full load. Source of
/// the habit: sites are planned by name plates, arXiv 2412.08602.
units::Watts critical_power(const topology::ClusterSpec& cluster, units::Watts node_rating);

}  // namespace sim
