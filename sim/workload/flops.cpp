#include "sim/workload/flops.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "sim/plan/trained.hpp"
#include "sim/workload/tower_layers.hpp"

namespace sim {

namespace {

/// Forward FLOPs of one sequence by what recompute modes tell apart.
struct Forward {
  double linear = 0;  ///< all linear layers of the transformer layers
  double core = 0;    ///< core attention
  double logits = 0;
};

/// Keys that a query sees on average, times queries: s^2 in full, about half under a causal mask, s
/// * w less the missing triangle in a window.
double score_products(double s, bool causal, double window) {
  if (window > 0 && window < s) {
    return causal ? s * window - window * window / 2.0 : s * std::min(s, 2.0 * window);
  }
  return causal ? s * s / 2.0 : s * s;
}

Forward forward_flops(const ModelSpec& m, double s, AttentionFlops convention) {
  Forward f;
  const bool half = convention == AttentionFlops::Causal && m.causal;
  const double head_width =
      m.mla ? m.mla->qk_nope_dim + m.mla->qk_rope_dim + m.mla->v_dim : 2.0 * m.head_dim;
  const int layers = m.encoder_layers + m.layers + m.mtp_layers;
  std::array<std::array<int, 2>, kLayerKinds> count{};  // by kind, without and with a window
  for (int i = 0; i < layers; ++i) {
    ++count[static_cast<std::size_t>(layer_kind(m, i))][m.is_windowed(i) ? 1 : 0];
  }
  for (std::size_t i = 0; i < 2 * count.size(); ++i) {
    const double n = count[i / 2][i % 2];
    if (n == 0.0) {
      continue;
    }
    const auto kind = static_cast<LayerKind>(i / 2);
    const bool windowed = i % 2 == 1;
    const LayerParameters p = layer_parameters(m, kind);
    const double experts = kind == LayerKind::Moe ? p.expert * m.moe->top_k : 0.0;
    f.linear += n * 2.0 * s * (p.attention + p.router + p.mlp + experts);
    const double products = score_products(s, half && kind != LayerKind::Encoder,
                                           windowed && half ? m.sliding_window : 0.0);
    const double cross = kind == LayerKind::CrossAttention ? s * s : 0.0;
    f.core += n * 2.0 * m.heads * head_width * (products + cross);
  }
  f.logits = 2.0 * s * m.hidden * m.vocab * (1.0 + m.mtp_layers);
  return f;
}

}  // namespace

units::Flops model_flops_per_sequence(const ModelSpec& m, const Training& t,
                                      AttentionFlops convention) {
  if (m.has_towers()) {
    return units::flops(totals(m.towers).model);
  }
  const Forward f = forward_flops(m, t.sequence_length, convention);
  const double linear_passes = adapters_only(t) ? 2.0 : 3.0;
  return units::flops(linear_passes * (f.linear + f.logits) + 3.0 * f.core);
}

units::Flops recompute_flops_per_sequence(const ModelSpec& m, const Training& t,
                                          AttentionFlops convention) {
  if (m.has_towers()) {
    return units::flops(t.recompute == Recompute::Full ? totals(m.towers).recomputable : 0.0);
  }
  const Forward f = forward_flops(m, t.sequence_length, convention);
  switch (t.recompute) {
    case Recompute::None:
      return {};
    case Recompute::Selective:
      return units::flops(f.core);
    case Recompute::Full:
      break;
  }
  const double layers = m.encoder_layers + m.layers;
  const double share = t.recompute_layers < 0 ? 1.0 : std::min(1.0, t.recompute_layers / layers);
  return units::flops(share * (f.linear + f.core));
}

}  // namespace sim
