#include "sim/workload/attention_operators.hpp"

#include <algorithm>

namespace sim {

using calib::AttentionShape;
using calib::Collective;

namespace {

/// Widths of the attention of one rank.
struct AttentionWidths {
  double heads, kv_heads, head_dim;  // head_dim of queries and keys
  double value_dim;
  double query, key, value;  // elements per token
};
AttentionWidths attention_widths(const RankShape& s) {
  const double tp = s.layout.tp;
  AttentionWidths w{};
  w.heads = s.model.heads / tp;
  w.kv_heads = std::max(1.0, s.model.kv_heads / tp);
  w.head_dim = s.model.mla ? s.model.mla->qk_nope_dim + s.model.mla->qk_rope_dim : s.model.head_dim;
  w.value_dim = s.model.mla ? s.model.mla->v_dim : s.model.head_dim;
  w.query = w.heads * w.head_dim;
  w.key = w.kv_heads * w.head_dim;
  w.value = w.kv_heads * w.value_dim;
  return w;
}

AttentionShape attention_shape(const RankShape& s, LayerKind kind, int window) {
  const AttentionWidths w = attention_widths(s);
  const bool causal = s.model.causal && kind != LayerKind::Encoder;
  AttentionShape a;
  a.batch = s.training.micro_batch;
  a.query_length = std::max(1, s.training.sequence_length / s.layout.cp);
  a.key_length = s.training.sequence_length;
  a.heads = whole(w.heads);
  a.kv_heads = whole(w.kv_heads);
  a.head_dim = whole((w.head_dim + w.value_dim) / 2.0);
  a.mask = causal ? calib::Mask::Causal : calib::Mask::Full;
  a.window = window;
  if (causal && s.layout.cp > 1) {
    // Ranks take balanced (zigzag) chunks, one early and one late: each query sees half of the keys
    // on average, in blocks that are hardly masked.
    a.mask = calib::Mask::Full;
    a.key_length = std::max<std::int64_t>(1, a.key_length / 2);
  }
  return a;
}

/// Elements of the s x s score matrix of one rank.
double score_elements(const AttentionShape& a) {
  return static_cast<double>(a.batch) * static_cast<double>(a.heads) *
         static_cast<double>(a.query_length) * static_cast<double>(a.key_length);
}

/// How often scale + mask + softmax read or write a score. Fused, forward: read and write once;
/// backward: read the gradient and the result, write once. A fused causal kernel does not read what
/// the mask hides, and writes it as zeros (Megatron-LM, scaled_upper_triang_masked_softmax).
struct SoftmaxPasses {
  double forward, backward;
};
SoftmaxPasses softmax_passes(const RankShape& s, const AttentionShape& a) {
  if (!s.framework.fused_softmax) {
    return {6.0, 7.0};
  }
  const double seen = a.mask == calib::Mask::Causal ? 0.5 : 1.0;
  return {1.0 + seen, 1.0 + 2.0 * seen};
}

void core_attention_forward(OperatorBuilder& b, const RankShape& s, LayerKind kind, int window) {
  const AttentionShape a = attention_shape(s, kind, window);
  const std::size_t first = b.size();
  b.name("attention");
  if (s.framework.flash_attention) {
    b.add({.work = Work::AttentionForward,
           .part = Part::Attention,
           .precision = attention_precision(s.training),
           .attention = a});
  } else {
    const double scores = score_elements(a);
    const auto batch = static_cast<double>(a.batch * a.heads);
    const auto q = static_cast<double>(a.query_length);
    const auto k = static_cast<double>(a.key_length);
    const auto d = static_cast<double>(a.head_dim);
    b.product(q, k, d, batch);
    b.memory(scores * softmax_passes(s, a).forward * b.width(), s.framework.fused_softmax ? 1 : 3,
             Part::Attention);
    if (s.model.dropout) {
      b.memory(scores * (2.0 * b.width() + 1.0), 1, Part::Attention);
    }
    b.product(q, d, k, batch);
  }
  b.mark_core_attention(first);
}

void core_attention_backward(OperatorBuilder& b, const RankShape& s, LayerKind kind, int window) {
  const AttentionShape a = attention_shape(s, kind, window);
  b.name("attention");
  if (s.framework.flash_attention) {
    b.add({.work = Work::AttentionBackward,
           .part = Part::Attention,
           .precision = attention_precision(s.training),
           .attention = a,
           .kernels = 3});
    return;
  }
  const double scores = score_elements(a);
  const auto batch = static_cast<double>(a.batch * a.heads);
  const auto q = static_cast<double>(a.query_length);
  const auto k = static_cast<double>(a.key_length);
  const auto d = static_cast<double>(a.head_dim);
  b.product(q, k, d, batch);  // gradient of the probabilities
  b.product(k, d, q, batch);  // of the values
  if (s.model.dropout) {
    b.memory(scores * (2.0 * b.width() + 1.0), 1, Part::Attention);
  }
  b.memory(scores * softmax_passes(s, a).backward * b.width(), s.framework.fused_softmax ? 1 : 3,
           Part::Attention);
  b.product(q, d, k, batch);  // of the queries
  b.product(k, d, q, batch);  // of the keys
}

/// Exchange of keys and values (ring, all-gather) or of heads (Ulysses) between context-parallel
/// ranks.
void context_exchange(OperatorBuilder& b, const RankShape& s, double scale) {
  if (s.layout.cp <= 1) {
    return;
  }
  const AttentionWidths w = attention_widths(s);
  const double all_tokens = b.tokens() * s.layout.cp;
  if (s.layout.context_parallel == ContextParallel::Ulysses) {
    // DeepSpeed-Ulysses, arXiv 2309.14509: all-to-all of q, k, v before and of the output after
    // attention.
    const double elements = b.tokens() * (w.query + w.key + w.value + w.heads * w.value_dim);
    b.collective(Collective::AllToAll, Axis::Context, Part::CpComm, scale * elements * b.width());
    return;
  }
  b.collective(Collective::AllGather, Axis::Context, Part::CpComm,
               scale * all_tokens * (w.key + w.value) * b.width());
  if (s.layout.context_parallel == ContextParallel::Ring) {
    b.last().hidden_by_next = true;  // the next block travels while this one is multiplied
  }
}

/// The projections to queries, keys and values: (input width, output width) of each matrix.
struct Projection {
  double in, out;
};
std::vector<Projection> input_projections(const RankShape& s) {
  const AttentionWidths w = attention_widths(s);
  const double h = s.model.hidden;
  if (!s.model.mla) {
    return {{h, w.query + w.key + w.value}};
  }
  const LatentAttention& a = *s.model.mla;
  std::vector<Projection> p;
  if (a.q_rank > 0) {
    p.push_back({h, static_cast<double>(a.q_rank)});
    p.push_back({static_cast<double>(a.q_rank), w.query});
  } else {
    p.push_back({h, w.query});
  }
  p.push_back({h, static_cast<double>(a.kv_rank + a.qk_rope_dim)});
  p.push_back({static_cast<double>(a.kv_rank), w.heads * (a.qk_nope_dim + a.v_dim)});
  return p;
}

}  // namespace

void attention_forward(OperatorBuilder& b, const RankShape& s, LayerKind kind, int window) {
  const AttentionWidths w = attention_widths(s);
  b.name("norm");
  b.memory(b.local_tokens() * s.model.hidden * norm_traffic(s, b.width()));
  b.enter_tensor_parallel();
  b.role(LinearRole::Qkv);
  b.name("QKV projection");
  for (const Projection& p : input_projections(s)) {
    b.linear_forward(b.tokens(), p.out, p.in, 1.0, Input::FusedCast);
  }
  if (s.model.max_positions == 0) {  // of queries and keys
    b.name("rotary embedding");
    b.memory(b.tokens() * (w.query + w.key) * 2.0 * b.width(), s.framework.fused_norm ? 1 : 4);
  }
  context_exchange(b, s, 1.0);
  core_attention_forward(b, s, kind, window);
  b.role(LinearRole::AttentionOutput);
  b.name("attention output");
  b.linear_forward(b.tokens(), s.model.hidden, w.heads * w.value_dim);
  b.leave_tensor_parallel();
  b.name("residual");
  b.memory(b.local_tokens() * s.model.hidden * residual_traffic(s, b.width()), residual_kernels(s));
}

void attention_backward(OperatorBuilder& b, const RankShape& s, LayerKind kind, int window) {
  const AttentionWidths w = attention_widths(s);
  b.name("residual");
  b.memory(b.local_tokens() * s.model.hidden * residual_traffic(s, b.width()) * 0.5);
  b.enter_tensor_parallel();
  b.role(LinearRole::AttentionOutput);
  b.name("attention output");
  b.linear_backward(b.tokens(), s.model.hidden, w.heads * w.value_dim);
  context_exchange(b, s, 2.0);  // keys and values again, and their gradients
  core_attention_backward(b, s, kind, window);
  if (s.model.max_positions == 0) {
    b.name("rotary embedding");
    b.memory(b.tokens() * (w.query + w.key) * 2.0 * b.width(), s.framework.fused_norm ? 1 : 4);
  }
  const std::size_t first = b.size();
  b.role(LinearRole::Qkv);
  b.name("QKV projection");
  for (const Projection& p : input_projections(s)) {
    b.linear_backward(b.tokens(), p.out, p.in);
  }
  b.reduce_input_gradient(first);
  b.name("norm");
  b.memory(b.local_tokens() * s.model.hidden * 1.5 * norm_traffic(s, b.width()), 2);
}

}  // namespace sim
