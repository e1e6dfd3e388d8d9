#include "sim/workload/operators.hpp"

#include <algorithm>
#include <cmath>

namespace sim {

namespace {

using calib::AttentionShape;
using calib::Collective;
using topology::Precision;
using units::Bytes;
using units::bytes;

/// Activations are 2 bytes wide in every mixed-precision recipe, 4 in fp32 and tf32.
double activation_bytes(const Training& t) {
  return t.precision == Precision::Fp32 || t.precision == Precision::Tf32 ? 4.0 : 2.0;
}

bool eight_bit_gemms(const Training& t) {
  return t.precision == Precision::Fp8 || t.precision == Precision::Fp4 ||
         t.precision == Precision::Int8;
}

/// Precision of attention and of everything that is not a linear layer.
Precision attention_precision(const Training& t) {
  return eight_bit_gemms(t) ? Precision::Bf16 : t.precision;
}

std::int64_t whole(double x) {
  return static_cast<std::int64_t>(std::llround(std::max(1.0, x)));
}

/// Collects the operators of one pass.
class Builder {
 public:
  explicit Builder(const RankShape& s)
      : shape_(s),
        width_(activation_bytes(s.training)),
        tokens_(tokens_per_rank(s)),
        local_tokens_(s.layout.sequence_parallel ? tokens_ / s.layout.tp : tokens_),
        trains_base_(s.training.job != Job::Lora && s.training.job != Job::Qlora) {}

  [[nodiscard]] double tokens() const { return tokens_; }
  /// Tokens of norms, dropout and residuals: split over TP under sequence parallelism.
  [[nodiscard]] double local_tokens() const { return local_tokens_; }
  [[nodiscard]] double width() const { return width_; }
  [[nodiscard]] std::size_t size() const { return ops_.size(); }
  Operators take() { return std::move(ops_); }
  Operator& last() { return ops_.back(); }
  void add(const Operator& op) { ops_.push_back(op); }

  /// Batched product of two activations: no weight, never in 8 bits.
  void product(double m, double n, double k, double batch) {
    ops_.push_back({.work = Work::Gemm,
                    .part = Part::Attention,
                    .precision = attention_precision(shape_.training),
                    .gemm = {whole(m), whole(n), whole(k), whole(batch)}});
  }
  void mark_core_attention(std::size_t first) {
    for (std::size_t i = first; i < ops_.size(); ++i) {
      ops_[i].core_attention = true;
    }
  }

  void memory(double traffic_bytes, int kernels = 1, Part part = Part::MemoryBound) {
    if (traffic_bytes > 0.0) {
      ops_.push_back(
          {.work = Work::Memory, .part = part, .size = bytes(traffic_bytes), .kernels = kernels});
    }
  }
  void gemm(double m, double n, double k, double batch = 1.0) {
    if (hide_at_next_gemm_) {  // the gather runs in chunks beside this GEMM
      const auto is_collective = [](const Operator& o) { return o.work == Work::Collective; };
      const auto gather = std::find_if(ops_.rbegin(), ops_.rend(), is_collective);
      gather->hidden_by_next = true;
      std::rotate(gather.base() - 1, gather.base(), ops_.end());
      hide_at_next_gemm_ = false;
    }
    // Grouped GEMMs of experts are one library call per expert (Transformer Engine's
    // GroupedLinear).
    ops_.push_back({.work = Work::Gemm,
                    .part = Part::Gemm,
                    .precision = shape_.training.precision,
                    .gemm = {whole(m), whole(n), whole(k), whole(batch)},
                    .kernels = static_cast<int>(whole(batch))});
  }
  void collective(Collective op, Axis axis, Part part, double size_bytes) {
    ops_.push_back({.work = Work::Collective,
                    .part = part,
                    .size = bytes(size_bytes),
                    .collective = op,
                    .axis = axis});
  }

  /// y[m, n] = x[m, k] W[k, n]; with eight-bit GEMMs the input is cast (and transposed for the
  /// backward pass).
  void linear_forward(double m, double n, double k, double batch = 1.0) {
    cast(m * k * batch, batch);
    gemm(m, n, k, batch);
    dequantise(n * k * batch);
    if (!trains_base_) {
      const double r = shape_.training.lora_rank;
      gemm(m, r, k, batch);
      gemm(m, n, r, batch);
    }
  }
  /// Data gradient, then weight gradient where the weight is trained.
  void linear_backward(double m, double n, double k, double batch = 1.0) {
    cast(m * n * batch, batch);
    gemm(m, k, n, batch);
    dequantise(n * k * batch);
    if (trains_base_) {
      gemm(k, n, m, batch);
      ops_.back().weight_gradient = true;
      accumulate_gradient(n * k * batch);
    } else {
      const double r = shape_.training.lora_rank;
      gemm(m, r, n, batch);  // gradient of the low-rank activation
      gemm(m, k, r, batch);
      gemm(r, n, m, batch);
      gemm(k, r, m, batch);
    }
  }

  /// All-reduce, or under sequence parallelism its two halves at either end of a pair of linear
  /// layers.
  void enter_tensor_parallel() {
    if (shape_.layout.tp > 1 && shape_.layout.sequence_parallel) {
      collective(Collective::AllGather, Axis::Tensor, Part::TpComm,
                 tokens_ * shape_.model.hidden * width_);
      hide_at_next_gemm_ = shape_.framework.overlap_tp;
    }
  }
  void leave_tensor_parallel() {
    if (shape_.layout.tp <= 1) {
      return;
    }
    collective(shape_.layout.sequence_parallel ? Collective::ReduceScatter : Collective::AllReduce,
               Axis::Tensor, Part::TpComm, tokens_ * shape_.model.hidden * width_);
    if (shape_.framework.overlap_tp) {  // in chunks beside the GEMM that makes it
      const auto is_gemm = [](const Operator& o) { return o.work == Work::Gemm; };
      const auto gemm = std::find_if(ops_.rbegin(), ops_.rend(), is_gemm);
      if (gemm != ops_.rend()) {
        ops_.back().hidden_by_next = true;
        std::rotate(gemm.base() - 1, ops_.end() - 1, ops_.end());
      }
    }
  }

  /// The gradient of a column-parallel input is reduced over TP; Megatron lets that run beside the
  /// weight gradients. `first`: index of the first operator of the linear layer's backward pass.
  void reduce_input_gradient(std::size_t first) {
    if (shape_.layout.tp <= 1) {
      return;
    }
    leave_tensor_parallel();
    if (!shape_.framework.overlap_tp_backward || shape_.framework.overlap_tp) {
      return;
    }
    for (std::size_t i = first; i < ops_.size(); ++i) {
      if (ops_[i].weight_gradient) {
        Operator reduce = ops_.back();
        reduce.hidden_by_next = true;
        ops_.pop_back();
        ops_.insert(ops_.begin() + static_cast<std::ptrdiff_t>(i), reduce);
        return;
      }
    }
  }

 private:
  /// Transformer Engine casts activations to 8 bits and keeps a transpose: read 2 B, write 1 + 1 B.
  void cast(double elements, double batch) {
    if (eight_bit_gemms(shape_.training)) {
      memory(elements * 4.0, static_cast<int>(whole(batch)));
    }
  }
  /// QLoRA stores 4-bit weights and expands them to 16 bits before each product: read 0.5 B, write
  /// 2 B.
  void dequantise(double elements) {
    if (shape_.training.job == Job::Qlora) {
      memory(elements * 2.5);
    }
  }
  /// Adds the fresh gradient to the main gradient: in the GEMM's epilogue, which reads and writes
  /// the main one, or in a kernel of its own, which reads the fresh one too.
  void accumulate_gradient(double elements) {
    const double main = 2.0 * shape_.framework.gradient_bytes;
    if (shape_.framework.fused_gradient_accumulation) {
      ops_.back().size = bytes(elements * main);
    } else {
      memory(elements * (width_ + main));
    }
  }

  const RankShape& shape_;
  double width_;
  double tokens_;
  double local_tokens_;
  bool trains_base_;
  bool hide_at_next_gemm_ = false;
  Operators ops_;
};

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

/// Bytes that normalisation moves per element: in + out, more passes where it is not fused.
double norm_traffic(const RankShape& s, double width) {
  return (s.framework.fused_norm ? 2.0 : 5.0) * width;
}
/// Bias + dropout + residual add: read branch and residual, write sum (and the dropout mask).
double residual_traffic(const RankShape& s, double width) {
  const double passes = s.framework.fused_residual ? 3.0 : (s.model.dropout ? 7.0 : 5.0);
  return passes * width + (s.model.dropout ? 1.0 : 0.0);
}
int residual_kernels(const RankShape& s) {
  return s.framework.fused_residual ? 1 : (s.model.dropout ? 3 : 2);
}

/// MLP activation, per element of one of its inputs: GELU reads and writes one, SwiGLU reads two
/// and writes one.
double activation_traffic(const RankShape& s, double width) {
  const double fused = s.model.mlp == MlpKind::Gated ? 3.0 : 2.0;
  const double extra = s.model.mlp == MlpKind::Gated ? 2.0 : (s.model.linear_bias ? 2.0 : 0.0);
  return (fused + (s.framework.fused_mlp_activation ? 0.0 : extra)) * width;
}

AttentionShape attention_shape(const RankShape& s, LayerKind kind, int window) {
  const AttentionWidths w = attention_widths(s);
  const bool causal = s.model.causal && kind != LayerKind::Encoder;
  AttentionShape a;
  a.batch = s.training.micro_batch;
  // Context-parallel ranks take balanced (zigzag) chunks, so each does 1/cp of the masked products.
  a.query_length = std::max(1, s.training.sequence_length / s.layout.cp);
  a.key_length = s.training.sequence_length;
  a.heads = whole(w.heads);
  a.kv_heads = whole(w.kv_heads);
  a.head_dim = whole((w.head_dim + w.value_dim) / 2.0);
  a.mask = causal ? calib::Mask::Causal : calib::Mask::Full;
  a.window = window;
  return a;
}

/// Elements of the s x s score matrix of one rank.
double score_elements(const AttentionShape& a) {
  return static_cast<double>(a.batch) * static_cast<double>(a.heads) *
         static_cast<double>(a.query_length) * static_cast<double>(a.key_length);
}

/// Traffic per score of scale + mask + softmax, forward: read and write once when fused, else three
/// times.
double softmax_passes(const RankShape& s) {
  return s.framework.fused_softmax ? 2.0 : 6.0;
}

void core_attention_forward(Builder& b, const RankShape& s, LayerKind kind, int window) {
  const AttentionShape a = attention_shape(s, kind, window);
  const std::size_t first = b.size();
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
    b.memory(scores * softmax_passes(s) * b.width(), s.framework.fused_softmax ? 1 : 3,
             Part::Attention);
    if (s.model.dropout) {
      b.memory(scores * (2.0 * b.width() + 1.0), 1, Part::Attention);
    }
    b.product(q, d, k, batch);
  }
  b.mark_core_attention(first);
}

void core_attention_backward(Builder& b, const RankShape& s, LayerKind kind, int window) {
  const AttentionShape a = attention_shape(s, kind, window);
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
  b.memory(scores * (softmax_passes(s) + 1.0) * b.width(), s.framework.fused_softmax ? 1 : 3,
           Part::Attention);
  b.product(q, d, k, batch);  // of the queries
  b.product(k, d, q, batch);  // of the keys
}

/// Exchange of keys and values (ring, all-gather) or of heads (Ulysses) between context-parallel
/// ranks.
void context_exchange(Builder& b, const RankShape& s, double scale) {
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

void attention_forward(Builder& b, const RankShape& s, LayerKind kind, int window) {
  const AttentionWidths w = attention_widths(s);
  b.memory(b.local_tokens() * s.model.hidden * norm_traffic(s, b.width()));
  b.enter_tensor_parallel();
  for (const Projection& p : input_projections(s)) {
    b.linear_forward(b.tokens(), p.out, p.in);
  }
  if (s.model.max_positions == 0) {  // rotary embedding of queries and keys
    b.memory(b.tokens() * (w.query + w.key) * 2.0 * b.width(), s.framework.fused_norm ? 1 : 4);
  }
  context_exchange(b, s, 1.0);
  core_attention_forward(b, s, kind, window);
  b.linear_forward(b.tokens(), s.model.hidden, w.heads * w.value_dim);
  b.leave_tensor_parallel();
  b.memory(b.local_tokens() * s.model.hidden * residual_traffic(s, b.width()), residual_kernels(s));
}

void attention_backward(Builder& b, const RankShape& s, LayerKind kind, int window) {
  const AttentionWidths w = attention_widths(s);
  b.memory(b.local_tokens() * s.model.hidden * residual_traffic(s, b.width()) * 0.5);
  b.enter_tensor_parallel();
  b.linear_backward(b.tokens(), s.model.hidden, w.heads * w.value_dim);
  context_exchange(b, s, 2.0);  // keys and values again, and their gradients
  core_attention_backward(b, s, kind, window);
  if (s.model.max_positions == 0) {
    b.memory(b.tokens() * (w.query + w.key) * 2.0 * b.width(), s.framework.fused_norm ? 1 : 4);
  }
  const std::size_t first = b.size();
  for (const Projection& p : input_projections(s)) {
    b.linear_backward(b.tokens(), p.out, p.in);
  }
  b.reduce_input_gradient(first);
  b.memory(b.local_tokens() * s.model.hidden * 1.5 * norm_traffic(s, b.width()), 2);
}

/// MLP of `tokens` with `ffn` columns on this rank, `batch` of them (experts).
void mlp_forward(Builder& b, const RankShape& s, double tokens, double ffn, double batch) {
  const double gates = s.model.mlp == MlpKind::Gated ? 2.0 : 1.0;
  b.linear_forward(tokens, gates * ffn, s.model.hidden, batch);
  b.memory(tokens * ffn * batch * activation_traffic(s, b.width()),
           s.framework.fused_mlp_activation ? 1 : 2);
  b.linear_forward(tokens, s.model.hidden, ffn, batch);
}

void mlp_backward(Builder& b, const RankShape& s, double tokens, double ffn, double batch) {
  const double gates = s.model.mlp == MlpKind::Gated ? 2.0 : 1.0;
  if (s.framework.recompute_cheap_activations) {
    b.memory(tokens * ffn * batch * activation_traffic(s, b.width()));
    b.memory(b.local_tokens() * s.model.hidden * 2.0 * norm_traffic(s, b.width()));
  }
  b.linear_backward(tokens, s.model.hidden, ffn, batch);
  b.memory(tokens * ffn * batch * 1.6 * activation_traffic(s, b.width()),
           s.framework.fused_mlp_activation ? 1 : 2);
  const std::size_t first = b.size();
  b.linear_backward(tokens, gates * ffn, s.model.hidden, batch);
  if (batch == 1.0) {
    b.reduce_input_gradient(first);
  }
}

/// How routed tokens meet experts on one rank.
struct ExpertLoad {
  double routed;      ///< copies of tokens that this rank sends to experts
  double per_expert;  ///< tokens that each local expert gets when the load is even
  double experts;     ///< local experts
  double ffn;         ///< columns of an expert on this rank
};
ExpertLoad expert_load(const RankShape& s, double tokens) {
  const MoeSpec& moe = *s.model.moe;
  const double etp = s.layout.expert_tp > 0 ? s.layout.expert_tp : s.layout.tp;
  const double local = std::max(1.0, static_cast<double>(moe.experts) / s.layout.ep);
  ExpertLoad load{};
  load.routed = tokens / s.layout.tp * etp * moe.top_k;
  load.per_expert = load.routed / local;
  load.experts = local;
  load.ffn = moe.ffn_hidden / etp;
  return load;
}

void moe_forward(Builder& b, const RankShape& s) {
  const MoeSpec& moe = *s.model.moe;
  const double h = s.model.hidden;
  const ExpertLoad load = expert_load(s, b.tokens());
  const double routed_bytes = b.tokens() / s.layout.tp * moe.top_k * h * b.width();
  b.gemm(b.tokens() / s.layout.tp, moe.experts, h);
  b.memory(b.tokens() / s.layout.tp * moe.experts * 16.0, 6);  // softmax, top-k, histogram in fp32
  b.memory(load.routed * h * 2.0 * b.width(), 2);              // permute
  if (s.layout.ep > 1) {
    b.collective(Collective::AllToAll, Axis::Expert, Part::EpComm, routed_bytes);
  }
  mlp_forward(b, s, load.per_expert, load.ffn, load.experts);
  if (s.layout.ep > 1) {
    b.collective(Collective::AllToAll, Axis::Expert, Part::EpComm, routed_bytes);
  }
  b.memory(load.routed * h * 2.0 * b.width(), 2);  // unpermute and weighted sum
  if (moe.shared_experts > 0) {
    mlp_forward(b, s, b.tokens(),
                static_cast<double>(moe.shared_experts) * moe.shared_ffn_hidden / s.layout.tp, 1.0);
  }
}

void moe_backward(Builder& b, const RankShape& s) {
  const MoeSpec& moe = *s.model.moe;
  const double h = s.model.hidden;
  const ExpertLoad load = expert_load(s, b.tokens());
  const double routed_bytes = b.tokens() / s.layout.tp * moe.top_k * h * b.width();
  if (moe.shared_experts > 0) {
    mlp_backward(b, s, b.tokens(),
                 static_cast<double>(moe.shared_experts) * moe.shared_ffn_hidden / s.layout.tp,
                 1.0);
  }
  b.memory(load.routed * h * 3.0 * b.width(), 2);
  if (s.layout.ep > 1) {
    b.collective(Collective::AllToAll, Axis::Expert, Part::EpComm, routed_bytes);
  }
  mlp_backward(b, s, load.per_expert, load.ffn, load.experts);
  if (s.layout.ep > 1) {
    b.collective(Collective::AllToAll, Axis::Expert, Part::EpComm, routed_bytes);
  }
  b.memory(load.routed * h * 2.0 * b.width(), 2);
  b.memory(b.tokens() / s.layout.tp * moe.experts * 16.0, 6);
  b.gemm(b.tokens() / s.layout.tp, h, moe.experts);
  b.gemm(h, moe.experts, b.tokens() / s.layout.tp);
}

/// Vocabulary rows of one rank.
double local_vocab(const RankShape& s) {
  return std::ceil(static_cast<double>(s.model.vocab) / s.layout.tp);
}

/// Bytes per logit that softmax cross-entropy moves: cast to fp32, maximum, exponent and sum,
/// subtraction; one read and one write when fused.
double loss_traffic(const RankShape& s, double width) {
  return s.framework.fused_cross_entropy ? 2.0 * width : 4.0 * width + 16.0;
}

}  // namespace

double tokens_per_rank(const RankShape& s) {
  return static_cast<double>(s.training.sequence_length) / s.layout.cp * s.training.micro_batch;
}

Bytes boundary_bytes(const RankShape& s) {
  // Under sequence parallelism the activation is split over TP; without it Megatron's
  // scatter-gather sends 1/tp from each rank too (arXiv 2104.04473, section 4.1).
  return bytes(tokens_per_rank(s) * s.model.hidden * activation_bytes(s.training) / s.layout.tp);
}

Operators layer_forward(const RankShape& s, LayerKind kind, int window) {
  Builder b(s);
  attention_forward(b, s, kind, window);
  if (kind == LayerKind::CrossAttention) {
    attention_forward(b, s, LayerKind::Encoder, 0);
  }
  b.memory(b.local_tokens() * s.model.hidden * norm_traffic(s, b.width()));
  b.enter_tensor_parallel();
  if (kind == LayerKind::Moe) {
    moe_forward(b, s);
  } else {
    mlp_forward(b, s, b.tokens(), static_cast<double>(s.model.ffn_hidden) / s.layout.tp, 1.0);
  }
  b.leave_tensor_parallel();
  b.memory(b.local_tokens() * s.model.hidden * residual_traffic(s, b.width()), residual_kernels(s));
  return b.take();
}

Operators layer_backward(const RankShape& s, LayerKind kind, int window) {
  Builder b(s);
  b.memory(b.local_tokens() * s.model.hidden * residual_traffic(s, b.width()) * 0.5);
  b.enter_tensor_parallel();
  if (kind == LayerKind::Moe) {
    moe_backward(b, s);
    b.leave_tensor_parallel();
  } else {
    mlp_backward(b, s, b.tokens(), static_cast<double>(s.model.ffn_hidden) / s.layout.tp, 1.0);
  }
  b.memory(b.local_tokens() * s.model.hidden * 1.5 * norm_traffic(s, b.width()), 2);
  if (kind == LayerKind::CrossAttention) {
    attention_backward(b, s, LayerKind::Encoder, 0);
  }
  attention_backward(b, s, kind, window);
  return b.take();
}

Operators embedding_forward(const RankShape& s) {
  Builder b(s);
  const double elements = b.tokens() * s.model.hidden;
  b.memory(elements * 3.0 * b.width(), 3, Part::Embedding);
  if (s.layout.tp > 1) {
    b.collective(s.layout.sequence_parallel ? Collective::ReduceScatter : Collective::AllReduce,
                 Axis::Tensor, Part::TpComm, elements * b.width());
  }
  return b.take();
}

Operators embedding_backward(const RankShape& s) {
  Builder b(s);
  if (s.training.job == Job::Lora || s.training.job == Job::Qlora) {
    return b.take();
  }
  const double elements = b.tokens() * s.model.hidden;
  b.memory(elements * (b.width() + 2.0 * s.framework.gradient_bytes), 3, Part::Embedding);
  return b.take();
}

Operators head_forward(const RankShape& s) {
  Builder b(s);
  b.memory(b.local_tokens() * s.model.hidden * norm_traffic(s, b.width()));
  b.enter_tensor_parallel();
  b.gemm(b.tokens(), local_vocab(s), s.model.hidden);
  b.last().precision = attention_precision(s.training);  // logits stay in 16 bits
  b.memory(b.tokens() * local_vocab(s) * loss_traffic(s, b.width()),
           s.framework.fused_cross_entropy ? 2 : 8, Part::Loss);
  return b.take();
}

Operators head_backward(const RankShape& s) {
  Builder b(s);
  b.memory(b.tokens() * local_vocab(s) * loss_traffic(s, b.width()) * 0.5,
           s.framework.fused_cross_entropy ? 1 : 3, Part::Loss);
  const std::size_t first = b.size();
  b.gemm(b.tokens(), s.model.hidden, local_vocab(s));
  b.last().precision = attention_precision(s.training);
  if (s.training.job != Job::Lora && s.training.job != Job::Qlora) {
    b.gemm(s.model.hidden, local_vocab(s), b.tokens());
    b.last().precision = attention_precision(s.training);
    b.last().weight_gradient = true;
  }
  b.reduce_input_gradient(first);
  b.memory(b.local_tokens() * s.model.hidden * 1.5 * norm_traffic(s, b.width()), 2);
  return b.take();
}

units::Flops matrix_flops(const Operators& operators) {
  double flops = 0.0;
  for (const Operator& o : operators) {
    if (o.work == Work::Gemm) {
      flops += 2.0 * static_cast<double>(o.gemm.m) * static_cast<double>(o.gemm.n) *
               static_cast<double>(o.gemm.k) * static_cast<double>(o.gemm.batch);
    } else if (o.work != Work::Memory && o.work != Work::Collective) {
      const AttentionShape& a = o.attention;
      const double kept = a.mask == calib::Mask::Causal ? 0.5 : 1.0;
      const double products = o.work == Work::AttentionForward ? 2.0 : 5.0;
      const double keys = a.window > 0 ? std::min<double>(2.0 * static_cast<double>(a.window),
                                                          static_cast<double>(a.key_length))
                                       : static_cast<double>(a.key_length);
      flops += products * 2.0 * kept * static_cast<double>(a.batch * a.heads * a.query_length) *
               keys * static_cast<double>(a.head_dim);
    }
  }
  return units::flops(flops);
}

}  // namespace sim
