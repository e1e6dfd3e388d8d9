#pragma once
// From a job to its StepGraph.
#include "sim/step/graph.hpp"
#include "sim/training_job.hpp"

namespace sim {

class LayerTimesCache;

/// Puts a time on every pass of every kind of chunk, and on what follows the last backward pass.
/// @pre the layout fits the model and the cluster: degrees divide what they split.
/// `cache`: shares layer costs between the layouts of a search; see LayerTimesCache for what must
/// be alike.
StepGraph build_step(const TrainingJob& job, const Profiles& profiles,
                     LayerTimesCache* cache = nullptr);

}  // namespace sim
