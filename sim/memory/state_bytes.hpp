#pragma once
// Bytes of the model's states per parameter, for memory and for checkpoints.
#include "sim/training_job.hpp"

namespace sim {

/// Of the copy that computes: 4 for fp32, 2 for 16 bits and below, 0.516 for QLoRA's frozen weights.
double computing_weight_bytes(const Training& training);
/// Of optimizer state per trained parameter, the fp32 master weight included.
double optimizer_state_bytes(const TrainingJob& job);

}  // namespace sim
