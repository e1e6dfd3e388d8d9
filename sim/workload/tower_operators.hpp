#pragma once
// What a rank runs to pass a micro-batch through a model's towers. Internal to sim/workload.
#include "sim/workload/operators.hpp"

namespace sim {

enum class TowerSet {
  All,
  WithBackward  ///< what recomputation repeats
};

/// Towers one after the other.
Operators towers_forward(const RankShape& shape, TowerSet which);
/// The towers with a backward pass, in reverse. Weight gradients only where weights are trained.
Operators towers_backward(const RankShape& shape);

}  // namespace sim
