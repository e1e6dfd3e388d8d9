#pragma once
// Power of a whole cluster along a simulated timeline: what the passes, exchanges and bubbles of
// all pipeline stages add up to, moment by moment.
#include <vector>

#include "sim/engine/timeline.hpp"
#include "sim/power/power.hpp"
#include "sim/power/trace.hpp"
#include "sim/workload/part.hpp"
#include "topology/cluster_spec.hpp"

namespace sim {

/// The cluster draws `power` (IT equipment) from `at` on, until the next sample.
struct PowerSample {
  units::Seconds at;
  units::Watts power;
};

struct PowerSeries {
  std::vector<PowerSample> samples;  ///< in the order of time; the first at 0
  units::Seconds end;
  units::Watts mean, peak, trough;
  /// Largest change between the means of two neighbouring windows of kPowerResponse, the step
  /// repeating itself.
  units::Watts steepest_change;
};

/// A stage draws what its passes draw in the mean while one of them computes (collectives inside a
/// pass included), the optimizer's share while it updates, that of communication while it only
/// exchanges, and that of waiting otherwise; all replicas do the same at the same time.
/// @param timeline  of one replica: spans of every stage, as flow simulation records them.
/// @param parts  of the busiest stage, for the mix of work inside a pass.
/// @pre stages > 0, step > 0
PowerSeries power_series(const topology::ClusterSpec& cluster, const Timeline& timeline,
                         const PartTimes& parts, int stages, units::Seconds step);

}  // namespace sim
