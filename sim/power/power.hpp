#pragma once
// Electric power of a job, averaged over one step.
#include "sim/workload/part.hpp"
#include "topology/cluster_spec.hpp"
#include "topology/units.hpp"

namespace sim {

struct StepPower {
  units::Watts accelerator;  ///< mean of one
  units::Watts network;      ///< switches and transceivers; NICs count with their nodes
  units::Watts cluster;      ///< all nodes and the network, without cooling
  units::Joules energy;      ///< of one step, all nodes and the network
};

/// Share of the range from idle to the power cap that an accelerator draws while it does `part`.
/// Matrix products run at the cap; collectives alone draw 250 to 350 W of an H100's 70 to 700 W;
/// waiting draws a little above idle. Source: measured ranges for HGX H100 nodes, arXiv 2412.08602
/// and arXiv 2506.14551 (a node in training draws about 76 % of its rating); a good model of this
/// kind errs by about 11 %.
double power_share(Part part);
/// The same of one accelerator: from its own measurements where its profile has any (attention
/// and waiting as above), and under its power cap: what would
/// draw more than the cap draws the cap, and takes longer (capped_speed).
double power_share(const topology::Accelerator& accelerator, Part part);
double uncapped_power_share(const topology::Accelerator& accelerator, Part part);

/// Mean power over a step with these parts; nodes add their host share, NICs included, and the
/// network its switches and transceivers.
/// @pre step > 0
StepPower step_power(const topology::ClusterSpec& cluster, const PartTimes& parts,
                     units::Seconds step);

}  // namespace sim
