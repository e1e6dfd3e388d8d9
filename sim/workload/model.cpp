#include "sim/workload/model.hpp"

#include <utility>

#include "sim/workload/tower_layers.hpp"

namespace sim {

namespace {

double attention_parameters(const ModelSpec& m) {
  const double h = m.hidden;
  if (m.mla) {
    // DeepSeek-V2, arXiv 2405.04434 section 2.1: low-rank queries and keys/values, decoupled RoPE
    // key.
    const LatentAttention& a = *m.mla;
    const double query_width = static_cast<double>(m.heads) * (a.qk_nope_dim + a.qk_rope_dim);
    const double query = a.q_rank > 0 ? a.q_rank * (h + query_width) : h * query_width;
    const double key_value = h * (a.kv_rank + a.qk_rope_dim) +
                             static_cast<double>(a.kv_rank) * m.heads * (a.qk_nope_dim + a.v_dim);
    return query + key_value + static_cast<double>(m.heads) * a.v_dim * h;
  }
  const double query = static_cast<double>(m.heads) * m.head_dim;
  const double key_value = 2.0 * m.kv_heads * m.head_dim;
  const double bias = m.linear_bias ? query + key_value + h : 0.0;
  return h * (2.0 * query + key_value) + bias;
}

double mlp_parameters(const ModelSpec& m, double ffn) {
  const double matrices = m.mlp == MlpKind::Gated ? 3.0 : 2.0;
  const double bias = m.linear_bias ? (matrices - 1.0) * ffn + m.hidden : 0.0;
  return matrices * m.hidden * ffn + bias;
}

double norm_parameters(const ModelSpec& m) {
  return m.rms_norm ? m.hidden : 2.0 * m.hidden;
}

}  // namespace

bool is_moe_layer(const ModelSpec& m, int layer) {
  return m.moe && layer >= m.moe->first_dense_layers &&
         (layer - m.moe->first_dense_layers) % m.moe->every == m.moe->every - 1;
}

LayerParameters layer_parameters(const ModelSpec& m, LayerKind kind) {
  LayerParameters p;
  if (kind == LayerKind::Towers) {
    p.mlp = totals(m.towers).parameters;
    return p;
  }
  p.norms = 2.0 * norm_parameters(m);
  p.attention = attention_parameters(m);
  if (kind == LayerKind::CrossAttention) {
    p.attention *= 2.0;
    p.norms += norm_parameters(m);
  }
  if (kind == LayerKind::Moe) {
    const MoeSpec& moe = *m.moe;
    p.router = static_cast<double>(m.hidden) * moe.experts;
    p.expert = mlp_parameters(m, moe.ffn_hidden);
    p.mlp = moe.shared_experts > 0 ? moe.shared_experts * mlp_parameters(m, moe.shared_ffn_hidden)
                                   : 0.0;
  } else {
    p.mlp = mlp_parameters(m, m.ffn_hidden);
  }
  return p;
}

LayerKind layer_kind(const ModelSpec& m, int layer) {
  if (m.has_towers()) {
    return LayerKind::Towers;
  }
  if (layer < m.encoder_layers) {
    return LayerKind::Encoder;
  }
  if (m.encoder_layers > 0) {
    return LayerKind::CrossAttention;
  }
  return is_moe_layer(m, layer) ? LayerKind::Moe : LayerKind::Dense;
}

ModelSpec tower_model(std::string name, std::vector<Tower> towers) {
  ModelSpec m;
  m.name = std::move(name);
  m.layers = m.hidden = m.ffn_hidden = m.heads = m.kv_heads = m.head_dim = 1;
  m.causal = false;
  m.towers = std::move(towers);
  return m;
}

ParameterCount parameters(const ModelSpec& m) {
  ParameterCount count;
  if (m.has_towers()) {
    count.dense = count.active = totals(m.towers).parameters;
    return count;
  }
  count.embedding =
      static_cast<double>(m.vocab) * m.hidden + static_cast<double>(m.max_positions) * m.hidden;
  count.output = m.tied_embeddings ? 0.0 : static_cast<double>(m.vocab) * m.hidden;
  count.dense = norm_parameters(m);
  double active_experts = 0.0;
  const int total_layers = m.encoder_layers + m.layers + m.mtp_layers;
  for (int i = 0; i < total_layers; ++i) {
    const LayerKind kind = layer_kind(m, i);
    const LayerParameters p = layer_parameters(m, kind);
    count.dense += p.norms + p.attention + p.router + p.mlp;
    if (kind == LayerKind::Moe) {
      count.experts += p.expert * m.moe->experts;
      active_experts += p.expert * m.moe->top_k;
    }
    if (i >= m.encoder_layers + m.layers) {  // an MTP module joins two hidden states
      count.dense += 2.0 * m.hidden * m.hidden + 2.0 * norm_parameters(m);
    }
  }
  count.active = count.embedding + count.output + count.dense + active_experts;
  return count;
}

}  // namespace sim
