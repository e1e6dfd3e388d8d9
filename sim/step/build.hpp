#pragma once
// From a job to its StepGraph.
#include "sim/step/graph.hpp"
#include "sim/training_job.hpp"

namespace sim {

/// Puts a time on every pass of every kind of chunk, and on what follows the last backward pass.
/// @pre the layout fits the model and the cluster: degrees divide what they split.
StepGraph build_step(const TrainingJob& job, const Profiles& profiles);

/// Parameters that one rank holds of one layer, before any sharding over data-parallel ranks. Elements.
struct RankParameters {
  double dense = 0;    ///< replicated over Axis::Data
  double experts = 0;  ///< replicated over Axis::ExpertData
};
RankParameters layer_rank_parameters(const TrainingJob& job, LayerKind kind);
/// Of the input embedding, and of the logits matrix (final norm included).
RankParameters embedding_rank_parameters(const TrainingJob& job);
RankParameters head_rank_parameters(const TrainingJob& job);

}  // namespace sim
