#include "sim/workload/operators.hpp"

#include <algorithm>
#include <cmath>

#include "sim/workload/attention_operators.hpp"
#include "sim/workload/operator_builder.hpp"
#include "sim/workload/tower_operators.hpp"

namespace sim {

using calib::AttentionShape;
using calib::Collective;
using units::Bytes;
using units::bytes;

namespace {

/// MLP activation, per element of one of its inputs: GELU reads and writes one, SwiGLU reads two
/// and writes one.
double activation_traffic(const RankShape& s, double width) {
  const double fused = s.model.mlp == MlpKind::Gated ? 3.0 : 2.0;
  const double extra = s.model.mlp == MlpKind::Gated ? 2.0 : (s.model.linear_bias ? 2.0 : 0.0);
  return (fused + (s.framework.fused_mlp_activation ? 0.0 : extra)) * width;
}

/// MLP of `tokens` with `ffn` columns on this rank, `batch` of them (experts).
void mlp_forward(OperatorBuilder& b, const RankShape& s, double tokens, double ffn, double batch) {
  const double gates = s.model.mlp == MlpKind::Gated ? 2.0 : 1.0;
  b.role(LinearRole::Mlp);
  const Input input =
      batch == 1.0 ? Input::FusedCast : Input::Activation;  // experts: permuted first
  b.name("MLP up");
  b.linear_forward(tokens, gates * ffn, s.model.hidden, batch, input);
  b.name("MLP activation");
  b.memory(tokens * ffn * batch * activation_traffic(s, b.width()),
           s.framework.fused_mlp_activation ? 1 : 2);
  b.name("MLP down");
  b.linear_forward(tokens, s.model.hidden, ffn, batch, Input::FusedCast);
}

void mlp_backward(OperatorBuilder& b, const RankShape& s, double tokens, double ffn, double batch) {
  const double gates = s.model.mlp == MlpKind::Gated ? 2.0 : 1.0;
  b.role(LinearRole::Mlp);
  if (s.framework.recompute_cheap_activations) {
    b.name("MLP activation");
    b.memory(tokens * ffn * batch * activation_traffic(s, b.width()));
    b.name("norm");
    b.memory(b.local_tokens() * s.model.hidden * 2.0 * norm_traffic(s, b.width()));
  }
  b.name("MLP down");
  b.linear_backward(tokens, s.model.hidden, ffn, batch);
  b.name("MLP activation");
  b.memory(tokens * ffn * batch * 1.6 * activation_traffic(s, b.width()),
           s.framework.fused_mlp_activation ? 1 : 2);
  const std::size_t first = b.size();
  b.name("MLP up");
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

void moe_forward(OperatorBuilder& b, const RankShape& s) {
  const MoeSpec& moe = *s.model.moe;
  const double h = s.model.hidden;
  const ExpertLoad load = expert_load(s, b.tokens());
  const double routed_bytes = b.tokens() / s.layout.tp * moe.top_k * h * b.width();
  b.name("router");
  b.gemm(b.tokens() / s.layout.tp, moe.experts, h);
  b.memory(b.tokens() / s.layout.tp * moe.experts * 16.0, 6);  // softmax, top-k, histogram in fp32
  b.name("token permutation");
  b.memory(load.routed * h * 2.0 * b.width(), 2);
  if (s.layout.ep > 1) {
    b.collective(Collective::AllToAll, Axis::Expert, Part::EpComm, routed_bytes);
  }
  b.experts(Experts::Routed);
  mlp_forward(b, s, load.per_expert, load.ffn, load.experts);
  b.experts(Experts::None);
  if (s.layout.ep > 1) {
    b.collective(Collective::AllToAll, Axis::Expert, Part::EpComm, routed_bytes);
  }
  b.name("token permutation");
  b.memory(load.routed * h * 2.0 * b.width(), 2);  // back, and weighted sum
  if (moe.shared_experts > 0) {
    mlp_forward(b, s, b.tokens(),
                static_cast<double>(moe.shared_experts) * moe.shared_ffn_hidden / s.layout.tp, 1.0);
  }
}

void moe_backward(OperatorBuilder& b, const RankShape& s) {
  const MoeSpec& moe = *s.model.moe;
  const double h = s.model.hidden;
  const ExpertLoad load = expert_load(s, b.tokens());
  const double routed_bytes = b.tokens() / s.layout.tp * moe.top_k * h * b.width();
  if (moe.shared_experts > 0) {
    mlp_backward(b, s, b.tokens(),
                 static_cast<double>(moe.shared_experts) * moe.shared_ffn_hidden / s.layout.tp,
                 1.0);
  }
  b.name("token permutation");
  b.memory(load.routed * h * 3.0 * b.width(), 2);
  if (s.layout.ep > 1) {
    b.collective(Collective::AllToAll, Axis::Expert, Part::EpComm, routed_bytes);
  }
  b.experts(Experts::Routed);
  mlp_backward(b, s, load.per_expert, load.ffn, load.experts);
  b.experts(Experts::None);
  if (s.layout.ep > 1) {
    b.collective(Collective::AllToAll, Axis::Expert, Part::EpComm, routed_bytes);
  }
  b.name("token permutation");
  b.memory(load.routed * h * 2.0 * b.width(), 2);
  b.name("router");
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
  if (kind == LayerKind::Towers) {
    return towers_forward(s, TowerSet::All);
  }
  OperatorBuilder b(s);
  attention_forward(b, s, kind, window);
  if (kind == LayerKind::CrossAttention) {
    attention_forward(b, s, LayerKind::Encoder, 0);
  }
  b.name("norm");
  b.memory(b.local_tokens() * s.model.hidden * norm_traffic(s, b.width()));
  b.enter_tensor_parallel();
  if (kind == LayerKind::Moe) {
    moe_forward(b, s);
  } else {
    mlp_forward(b, s, b.tokens(), static_cast<double>(s.model.ffn_hidden) / s.layout.tp, 1.0);
  }
  b.leave_tensor_parallel();
  b.name("residual");
  b.memory(b.local_tokens() * s.model.hidden * residual_traffic(s, b.width()), residual_kernels(s));
  return b.take();
}

Operators layer_backward(const RankShape& s, LayerKind kind, int window) {
  if (kind == LayerKind::Towers) {
    return towers_backward(s);
  }
  OperatorBuilder b(s);
  b.name("residual");
  b.memory(b.local_tokens() * s.model.hidden * residual_traffic(s, b.width()) * 0.5);
  b.enter_tensor_parallel();
  if (kind == LayerKind::Moe) {
    moe_backward(b, s);
    b.leave_tensor_parallel();
  } else {
    mlp_backward(b, s, b.tokens(), static_cast<double>(s.model.ffn_hidden) / s.layout.tp, 1.0);
  }
  b.name("norm");
  b.memory(b.local_tokens() * s.model.hidden * 1.5 * norm_traffic(s, b.width()), 2);
  if (kind == LayerKind::CrossAttention) {
    attention_backward(b, s, LayerKind::Encoder, 0);
  }
  attention_backward(b, s, kind, window);
  return b.take();
}

Operators embedding_forward(const RankShape& s) {
  OperatorBuilder b(s);
  const double elements = b.tokens() * s.model.hidden;
  b.name("embedding");
  b.memory(elements * 3.0 * b.width(), 3, Part::Embedding);
  if (s.layout.tp > 1) {
    b.collective(s.layout.sequence_parallel ? Collective::ReduceScatter : Collective::AllReduce,
                 Axis::Tensor, Part::TpComm, elements * b.width());
  }
  return b.take();
}

Operators embedding_backward(const RankShape& s) {
  OperatorBuilder b(s);
  if (adapters_only(s.training)) {
    return b.take();
  }
  const double elements = b.tokens() * s.model.hidden;
  b.name("embedding");
  b.memory(elements * (b.width() + 2.0 * gradient_bytes(s.framework, s.training)), 3,
           Part::Embedding);
  return b.take();
}

Operators head_forward(const RankShape& s) {
  OperatorBuilder b(s);
  b.name("norm");
  b.memory(b.local_tokens() * s.model.hidden * norm_traffic(s, b.width()));
  b.enter_tensor_parallel();
  b.name("logits");
  b.gemm(b.tokens(), local_vocab(s), s.model.hidden);
  b.last().precision = attention_precision(s.training);  // logits stay in 16 bits
  b.name("loss");
  b.memory(b.tokens() * local_vocab(s) * loss_traffic(s, b.width()),
           s.framework.fused_cross_entropy ? 2 : 8, Part::Loss);
  return b.take();
}

Operators head_backward(const RankShape& s) {
  OperatorBuilder b(s);
  b.name("loss");
  b.memory(b.tokens() * local_vocab(s) * loss_traffic(s, b.width()) * 0.5,
           s.framework.fused_cross_entropy ? 1 : 3, Part::Loss);
  const std::size_t first = b.size();
  b.name("logits");
  b.gemm(b.tokens(), s.model.hidden, local_vocab(s));
  b.last().precision = attention_precision(s.training);
  if (!adapters_only(s.training)) {
    b.gemm(s.model.hidden, local_vocab(s), b.tokens());
    b.last().precision = attention_precision(s.training);
    b.last().weight_gradient = true;
  }
  b.reduce_input_gradient(first);
  b.name("norm");
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
      const double kept = a.mask == calib::Mask::Causal ? 0.5 : 1.0;  // of what key_length says
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
