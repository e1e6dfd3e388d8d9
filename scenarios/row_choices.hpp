#pragma once
// What a published run leaves unsaid its operators did not leave to chance: they recomputed no more
// than memory asked for, and took the micro-batch that was fastest. Where a row states neither, we
// choose as they would have.
#include <functional>

#include "scenarios/training_row.hpp"

namespace scenarios {

/// Predicted time of a step.
using StepTimer = std::function<units::Seconds(const sim::TrainingJob&)>;

/// Fills what the row leaves open, and says so in its assumptions. Recompute: the least number of
/// layers that brings the heaviest rank within kMemoryTolerance of the device's memory. Micro-batch
/// (and, if the row does not state it either, interleaving): of 1, 2, 4, 8 and 16 the one that
/// `time` finds fastest among those that fit without further recomputation.
void settle(MeasuredJob& job, const StepTimer& time);

/// Predicted over available memory up to which a job counts as fitting: the list of tensors is an
/// upper bound, most frameworks free or fuse some of them.
inline constexpr double kMemoryTolerance = 1.15;

}  // namespace scenarios
