#pragma once
// Which layouts can train a model on a cluster at all.
#include "sim/training_job.hpp"

namespace sim {

/// Whether the degrees divide what they split, groups fit into scale-up domains and the batch is
/// whole: the rules that scenarios/consistency.hpp explains to people (a test holds the two
/// together). Memory is not looked at.
bool can_train(const TrainingJob& job);

}  // namespace sim
