#include "sim/plan/rank_parameters.hpp"

namespace sim {

RankParameters layer_rank_parameters(const TrainingJob& job, LayerKind kind) {
  const LayerParameters p = layer_parameters(job.model, kind);
  const Layout& l = job.layout;
  const double expert_tp = l.expert_tp > 0 ? l.expert_tp : l.tp;
  RankParameters r;
  r.dense = p.norms + p.router + (p.attention + p.mlp) / l.tp;
  if (kind == LayerKind::Moe) {
    r.experts = p.expert * job.model.moe->experts / (static_cast<double>(l.ep) * expert_tp);
  }
  return r;
}

RankParameters embedding_rank_parameters(const TrainingJob& job) {
  const double rows =
      static_cast<double>(job.model.vocab) / job.layout.tp + job.model.max_positions;
  return {.dense = rows * job.model.hidden, .experts = 0.0};
}

RankParameters head_rank_parameters(const TrainingJob& job) {
  const bool shares_embedding = job.model.tied_embeddings && job.layout.pp == 1;
  const double rows = shares_embedding ? 0.0 : static_cast<double>(job.model.vocab) / job.layout.tp;
  return {.dense = (rows + 1.0) * job.model.hidden, .experts = 0.0};
}

}  // namespace sim
