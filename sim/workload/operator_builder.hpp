#pragma once
// Collects the operators of one pass of one rank. Internal to sim/workload.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "sim/plan/trained.hpp"
#include "sim/workload/operators.hpp"

namespace sim {

/// Activations are 2 bytes wide in every mixed-precision recipe, 4 in fp32 and tf32.
inline double activation_bytes(const Training& t) {
  return t.precision == topology::Precision::Fp32 || t.precision == topology::Precision::Tf32 ? 4.0
                                                                                              : 2.0;
}

inline bool eight_bit_gemms(const Training& t) {
  return t.precision == topology::Precision::Fp8 || t.precision == topology::Precision::Fp4 ||
         t.precision == topology::Precision::Int8;
}

/// Precision of attention and of everything that is not a linear layer.
inline topology::Precision attention_precision(const Training& t) {
  return eight_bit_gemms(t) ? topology::Precision::Bf16 : t.precision;
}

/// `x` as an extent of a shape: rounded, at least 1.
inline std::int64_t whole(double x) {
  return static_cast<std::int64_t>(std::llround(std::max(1.0, x)));
}

/// Bytes that normalisation moves per element: in + out, more passes where it is not fused.
inline double norm_traffic(const RankShape& s, double width) {
  return (s.framework.fused_norm ? 2.0 : 5.0) * width;
}
/// Bias + dropout + residual add: read branch and residual, write sum (and the dropout mask).
inline double residual_traffic(const RankShape& s, double width) {
  const double passes = s.framework.fused_residual ? 3.0 : (s.model.dropout ? 7.0 : 5.0);
  return passes * width + (s.model.dropout ? 1.0 : 0.0);
}
inline int residual_kernels(const RankShape& s) {
  return s.framework.fused_residual ? 1 : (s.model.dropout ? 3 : 2);
}

/// Appends kernels and collectives in the order in which a rank runs them.
enum class Experts { None, Routed };
enum class Input { Activation, FusedCast };
enum class LinearRole { Qkv, AttentionOutput, Mlp };

/// Whether linear layers of this role have adapters.
inline bool has_adapters(const Training& t, LinearRole role) {
  return adapters_only(t) &&
         (t.lora_targets == LoraTargets::All ||
          (role == LinearRole::AttentionOutput && t.lora_targets == LoraTargets::Attention) ||
          role == LinearRole::Qkv);
}

/// Collects the operators of one pass.
class OperatorBuilder {
 public:
  explicit OperatorBuilder(const RankShape& s)
      : shape_(s),
        width_(activation_bytes(s.training)),
        tokens_(tokens_per_rank(s)),
        local_tokens_(s.layout.sequence_parallel ? tokens_ / s.layout.tp : tokens_),
        trains_base_(!adapters_only(s.training)) {}

  [[nodiscard]] double tokens() const { return tokens_; }
  /// Tokens of norms, dropout and residuals: split over TP under sequence parallelism.
  [[nodiscard]] double local_tokens() const { return local_tokens_; }
  [[nodiscard]] double width() const { return width_; }
  [[nodiscard]] std::size_t size() const { return ops_.size(); }
  Operators take() { return std::move(ops_); }
  Operator& last() { return ops_.back(); }
  void add(Operator op) {
    op.name = name_;
    ops_.push_back(op);
  }
  /// What the operators that follow compute, until the next call: a string that lives as long as
  /// the program.
  void name(std::string_view what) { name_ = what; }

  /// Batched product of two activations: no weight, never in 8 bits.
  void product(double m, double n, double k, double batch) {
    ops_.push_back({.work = Work::Gemm,
                    .part = Part::Attention,
                    .precision = attention_precision(shape_.training),
                    .gemm = {whole(m), whole(n), whole(k), whole(batch)},
                    .name = name_});
  }
  void mark_core_attention(std::size_t first) {
    for (std::size_t i = first; i < ops_.size(); ++i) {
      ops_[i].core_attention = true;
    }
  }

  void memory(double traffic_bytes, int kernels = 1, Part part = Part::MemoryBound) {
    if (traffic_bytes > 0.0) {
      ops_.push_back({.work = Work::Memory,
                      .part = part,
                      .size = units::bytes(traffic_bytes),
                      .kernels = kernels,
                      .name = name_});
    }
  }
  /// Whether the GEMMs that follow belong to routed experts.
  void experts(Experts which) { expert_ = which == Experts::Routed; }
  /// What the linear layers that follow are, until the next call.
  void role(LinearRole role) { adapted_ = has_adapters(shape_.training, role); }

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
                    .kernels = static_cast<int>(whole(batch)),
                    .expert = expert_,
                    .name = name_});
  }
  void collective(calib::Collective op, Axis axis, Part part, double size_bytes) {
    ops_.push_back({.work = Work::Collective,
                    .part = part,
                    .size = units::bytes(size_bytes),
                    .collective = op,
                    .axis = axis});
  }

  /// y[m, n] = x[m, k] W[k, n]; with eight-bit GEMMs the input is cast (and transposed for the
  /// backward pass), unless the norm or activation that makes it writes it in 8 bits at once, as
  /// Transformer Engine's LayerNormLinear and LayerNormMLP do: twice one byte instead of two.
  void linear_forward(double m, double n, double k, double batch = 1.0,
                      Input input = Input::Activation) {
    if (input == Input::Activation) {
      cast(m * k * batch, batch);
    }
    gemm(m, n, k, batch);
    dequantise(n * k * batch);
    if (adapted_) {
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
    } else if (adapted_) {
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
      collective(calib::Collective::AllGather, Axis::Tensor, Part::TpComm,
                 tokens_ * shape_.model.hidden * width_);
      hide_at_next_gemm_ = shape_.framework.overlap_tp;
    }
  }
  void leave_tensor_parallel() {
    if (shape_.layout.tp <= 1) {
      return;
    }
    collective(shape_.layout.sequence_parallel ? calib::Collective::ReduceScatter
                                               : calib::Collective::AllReduce,
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
    gather_input_again(first);
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
      ops_.back().name = "cast to 8 bits";
    }
  }
  /// QLoRA stores 4-bit weights and expands them to 16 bits before each product: read 0.5 B, write
  /// 2 B.
  void dequantise(double elements) {
    if (shape_.training.job == Job::Qlora) {
      memory(elements * 2.5);
      ops_.back().name = "expansion of 4-bit weights";
    }
  }
  /// Adds the fresh gradient to the main gradient: in the GEMM's epilogue, which reads and writes
  /// the main one, or in a kernel of its own, which reads the fresh one too.
  void accumulate_gradient(double elements) {
    const double main = 2.0 * gradient_bytes(shape_.framework, shape_.training);
    if (shape_.framework.fused_gradient_accumulation) {
      ops_.back().size = units::bytes(elements * main);
    } else {
      memory(elements * (width_ + main));
      ops_.back().name = "gradient accumulation";
    }
  }

  /// Under sequence parallelism Megatron keeps only this rank's part of the input, and gathers it
  /// for the weight gradient beside the data gradient (arXiv 2205.05198, section 4.2.2).
  void gather_input_again(std::size_t first) {
    const bool weight_gradient = trains_base_ || adapted_;
    if (!weight_gradient || !shape_.layout.sequence_parallel ||
        !shape_.framework.overlap_tp_backward) {
      return;
    }
    const auto is_gemm = [](const Operator& o) { return o.work == Work::Gemm; };
    const auto data_gradient =
        std::find_if(ops_.begin() + static_cast<std::ptrdiff_t>(first), ops_.end(), is_gemm);
    if (data_gradient != ops_.end()) {
      ops_.insert(data_gradient, {.work = Work::Collective,
                                  .part = Part::TpComm,
                                  .size = units::bytes(tokens_ * shape_.model.hidden * width_),
                                  .collective = calib::Collective::AllGather,
                                  .axis = Axis::Tensor,
                                  .hidden_by_next = true});
    }
  }

  const RankShape& shape_;
  double width_;
  double tokens_;
  double local_tokens_;
  bool trains_base_;
  bool hide_at_next_gemm_ = false;
  bool expert_ = false;
  bool adapted_ = false;
  std::string_view name_ = "other";
  Operators ops_;
};

}  // namespace sim
