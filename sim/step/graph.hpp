#pragma once
// The StepGraph: one optimizer step of a job, written once per kind of model chunk and shared by
// all the ranks and micro-batches that do the same. The closed form reads it as it is; flow
// simulation walks it per rank.
#include <cstdint>
#include <vector>

#include "sim/plan/rank_parameters.hpp"
#include "sim/step/cost.hpp"
#include "sim/training_job.hpp"
#include "sim/workload/part.hpp"
#include "topology/units.hpp"

namespace sim {

/// One pass (forward or backward) of one micro-batch through one model chunk.
struct Pass {
  units::Seconds duration;  ///< end to end, network uncontended
  PartTimes parts;          ///< exclusive; add up to `duration`
  units::Seconds local;     ///< the part of `duration` outside `network`
  std::vector<ForkJoin>
      network;  ///< collectives across scale-up domains and the compute beside them
};

/// A data-parallel collective of one chunk, cut in the piece that compute can hide and the bucket
/// that it cannot.
struct Sync {
  TimedCollective hideable, bucket;
  [[nodiscard]] units::Seconds time() const { return hideable.cost.time + bucket.cost.time; }
};

/// What a chunk holds decides its cost; chunks of one class share it.
struct ChunkClass {
  int layers = 0;
  bool embedding = false, head = false;
  RankParameters parameters;
  Pass forward, backward;
  /// Weight gradients, where the schedule takes them out of `backward` (zero bubble).
  Pass weight;
  std::vector<Sync> gather_parameters;  ///< before (or under) the first forward pass of the step
  std::vector<Sync> reduce_gradients;   ///< under (or after) the last backward pass
};

/// After its last backward pass each stage updates its parameters.
struct StageTail {
  PartTimes parts;  ///< optimizer, gradient norm, host; add up to the tail's local time
  std::vector<TimedCollective>
      collectives;  ///< that nothing hides: tied embeddings, gathers without overlap
};

struct StepGraph {
  int pp = 1, virtual_stages = 1, micro_batches = 1;
  Schedule schedule = Schedule::OneForwardOneBackward;
  TimedCollective boundary;     ///< activation or gradient to the neighbouring stage
  bool blocking_sends = false;  ///< the sender waits for its send (no overlap)
  bool overlap_gather = true, overlap_reduce = true;
  std::vector<ChunkClass> classes;
  std::vector<std::uint16_t>
      class_of_chunk;            ///< [pp * virtual_stages], chunk = virtual_stage * pp + stage
  std::vector<StageTail> tails;  ///< [pp]
  units::Seconds step_host;
  double overlap_tax = 0.0;  ///< see StepParameters
  Groups groups;
  /// Model FLOPs of the whole job and step: forward + backward, recompute not counted.
  units::Flops model_flops, model_flops_full_attention;
  units::Flops hardware_flops;  ///< with recompute
  [[nodiscard]] bool splits_backward() const { return schedule == Schedule::ZeroBubble; }
  /// The pass after whose last run gradients are whole.
  [[nodiscard]] const Pass& gradient_pass(const ChunkClass& chunk) const {
    return splits_backward() ? chunk.weight : chunk.backward;
  }
  [[nodiscard]] const ChunkClass& chunk(int stage, int virtual_stage) const {
    const auto index = static_cast<std::size_t>(virtual_stage) * static_cast<std::size_t>(pp) +
                       static_cast<std::size_t>(stage);
    return classes[class_of_chunk[index]];
  }
};

/// Compute that is lost, once per step, to the parameter gathers beside a chunk's first forward
/// pass, and to the gradient reductions beside its last backward (or weight gradient) pass (see
/// StepParameters).
units::Seconds gather_tax(const StepGraph& graph, const ChunkClass& chunk);
units::Seconds reduce_tax(const StepGraph& graph, const ChunkClass& chunk);

}  // namespace sim
