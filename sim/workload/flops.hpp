#pragma once
// FLOPs of a step by the conventions that publications use. A multiply-add counts 2.
#include "sim/plan/layout.hpp"
#include "sim/workload/model.hpp"
#include "topology/units.hpp"

namespace sim {

/// How core attention is counted under a causal mask.
enum class AttentionFlops {
  Causal,  ///< only the half that the mask leaves (Megatron-LM since 2024)
  Full  ///< all s x s products (PaLM, arXiv 2204.02311 appendix B; older Megatron-LM; llm-foundry)
};

/// Forward and backward FLOPs of one sequence, recomputation not counted: what MFU divides by.
/// Backward is twice forward; with LoRA the frozen weights have no weight gradient. The embedding
/// look-up counts nothing.
units::Flops model_flops_per_sequence(const ModelSpec& model, const Training& training,
                                      AttentionFlops convention);

/// What recomputation adds to that.
units::Flops recompute_flops_per_sequence(const ModelSpec& model, const Training& training,
                                          AttentionFlops convention);

}  // namespace sim
