#pragma once
// Parameters that one rank holds, before any sharding over data-parallel ranks. Elements.
#include "sim/training_job.hpp"

namespace sim {

struct RankParameters {
  double dense = 0;    ///< replicated over Axis::Data
  double experts = 0;  ///< replicated over Axis::ExpertData
  RankParameters& add(const RankParameters& other, double times) {
    dense += times * other.dense;
    experts += times * other.experts;
    return *this;
  }
};

/// Of one layer. Routed experts are split over ep and the experts' own tensor-parallel degree, all
/// else over tp; norms and the router are whole on every rank.
RankParameters layer_rank_parameters(const TrainingJob& job, LayerKind kind);
/// Of the input embedding.
RankParameters embedding_rank_parameters(const TrainingJob& job);
/// Of the final norm and the logits matrix; a tied matrix that shares a stage with the embedding
/// counts there.
RankParameters head_rank_parameters(const TrainingJob& job);

}  // namespace sim
