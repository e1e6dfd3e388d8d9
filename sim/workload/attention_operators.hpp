#pragma once
// Operators of the attention block: norm, projections, core attention, context exchange, residual.
// Internal to sim/workload.
#include "sim/workload/operator_builder.hpp"

namespace sim {

/// `window`: tokens of a sliding window, 0 = full attention.
void attention_forward(OperatorBuilder& b, const RankShape& shape, LayerKind kind, int window);
void attention_backward(OperatorBuilder& b, const RankShape& shape, LayerKind kind, int window);

}  // namespace sim
