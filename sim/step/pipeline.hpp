#pragma once
// The order in which a pipeline stage runs its passes.
#include <cstdint>
#include <vector>

namespace sim {

struct StepGraph;

/// One pass of one micro-batch through one chunk of a stage.
struct PassRef {
  std::int32_t micro_batch = 0;
  std::int16_t virtual_stage = 0;
  bool forward = true;
};

/// 1F1B (arXiv 2006.09503) with one chunk per stage, else Megatron's interleaved 1F1B (arXiv
/// 2104.04473, section 2.2): micro-batches go in groups of pp, and 2 (pp - stage - 1) + (v - 1) pp
/// forward passes come first.
std::vector<PassRef> stage_schedule(const StepGraph& graph, int stage);

}  // namespace sim
