#pragma once
// What of a model is trained, and how wide its gradients are.
#include <algorithm>

#include "sim/training_job.hpp"
#include "sim/workload/tower_layers.hpp"

namespace sim {

/// LoRA and QLoRA: the model's own weights are frozen, two thin matrices per linear layer are
/// trained.
inline bool adapters_only(const Training& training) {
  return training.job == Job::Lora || training.job == Job::Qlora;
}

/// Share of a layer's weights that have adapters. The output projection is as large as that of the
/// queries.
inline double adapted_share(const TrainingJob& job) {
  if (job.training.lora_targets == LoraTargets::All) {
    return 1.0;
  }
  const ModelSpec& m = job.model;
  const LayerParameters p = layer_parameters(m, layer_kind(m, 0));
  const double inputs = (m.heads + 2.0 * m.kv_heads) / (2.0 * m.heads + 2.0 * m.kv_heads);
  const double of_attention = job.training.lora_targets == LoraTargets::Qkv ? inputs : 1.0;
  return of_attention * p.attention / (p.attention + p.mlp + p.expert);
}

/// Share of a layer's parameters that is trained: with adapters two matrices of rank r per linear
/// layer; of towers those that are not frozen.
inline double trained_share(const TrainingJob& job) {
  if (job.model.has_towers()) {
    const TowerTotals t = totals(job.model.towers);
    return t.trained / t.parameters;
  }
  return adapters_only(job.training)
             ? std::min(1.0, adapted_share(job) * 2.0 * job.training.lora_rank / job.model.hidden)
             : 1.0;
}

/// Whether the framework keeps and reduces gradients as narrow as the weights.
inline bool narrow_gradients(const Framework& framework, const Training& training) {
  return framework.fp16_gradients && training.precision == topology::Precision::Fp16;
}

/// Bytes per parameter of the main gradient, to which each micro-batch adds its own.
inline double gradient_bytes(const Framework& framework, const Training& training) {
  return narrow_gradients(framework, training) ? 2.0 : framework.gradient_bytes;
}

/// Bytes per parameter when gradients are reduced over data-parallel ranks.
inline double reduce_bytes(const TrainingJob& job) {
  return narrow_gradients(job.framework, job.training) ? 2.0 : job.framework.reduce_bytes;
}

}  // namespace sim
