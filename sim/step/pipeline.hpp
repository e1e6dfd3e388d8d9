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
  bool weight = false;  ///< of a backward pass: the weight gradients that were put off
};

/// 1F1B (arXiv 2006.09503) with one chunk per stage, else Megatron's interleaved 1F1B (arXiv
/// 2104.04473, section 2.2): micro-batches go in groups of pp, and 2 (pp - stage - 1) + (v - 1) pp
/// forward passes come first. ZB-H1 (arXiv 2401.10241, section 2.3) is 1F1B whose stage i puts off
/// i weight gradients until its last backward passes are done.
std::vector<PassRef> stage_schedule(const StepGraph& graph, int stage);

}  // namespace sim
