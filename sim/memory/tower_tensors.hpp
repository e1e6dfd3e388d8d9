#pragma once
// Activations of towers. Internal to sim/memory.
#include <vector>

#include "sim/memory/tensors.hpp"
#include "sim/training_job.hpp"

namespace sim {

struct TowerMemory {
  std::vector<Tensor> activations;  ///< that backward passes need, and what a frozen tower holds
  units::Bytes block_inputs;        ///< all that full recomputation keeps
  units::Bytes largest_block;       ///< what it makes again at a time
};
TowerMemory tower_memory(const TrainingJob& job);

}  // namespace sim
