#pragma once
// What one rank executes for one micro-batch: a list of kernels and collectives per layer and pass.
// Shapes only; sim/step/cost puts times on them.
#include <cstdint>
#include <string_view>
#include <vector>

#include "calib/shapes.hpp"
#include "sim/plan/layout.hpp"
#include "sim/plan/placement.hpp"
#include "sim/workload/model.hpp"
#include "sim/workload/part.hpp"
#include "topology/hardware.hpp"
#include "topology/units.hpp"

namespace sim {

enum class Work : std::uint8_t { Gemm, AttentionForward, AttentionBackward, Memory, Collective };

/// One kernel (or a few alike) or one collective. Only the fields of its `work` are meant.
struct Operator {
  Work work = Work::Memory;
  Part part = Part::MemoryBound;
  topology::Precision precision = topology::Precision::Bf16;
  calib::GemmShape gemm{};
  calib::AttentionShape attention{};
  /// Memory traffic; of a GEMM, that of its epilogue beyond writing its output; the collective's
  /// buffer (sim/collective's convention).
  units::Bytes size{};
  calib::Collective collective = calib::Collective::AllReduce;
  Axis axis = Axis::Tensor;
  int kernels = 1;              ///< launches; a collective counts as one
  bool core_attention = false;  ///< what selective recompute does again
  bool weight_gradient = false;
  bool expert = false;       ///< GEMM of routed experts
  bool convolution = false;  ///< implicit GEMM
  /// Of a memory-bound kernel: what its vector units compute beside the traffic.
  units::Flops vector{};
  bool hidden_by_next = false;  ///< a collective that runs beside the operator after it
  std::string_view name{};      ///< what it computes, for reports: "norm"
};

using Operators = std::vector<Operator>;

/// The sizes that decide the operators of a rank.
struct RankShape {
  const ModelSpec& model;
  const Layout& layout;
  const Training& training;
  const Framework& framework;
};

Operators layer_forward(const RankShape& shape, LayerKind kind, int window);
/// Backward without recomputation; weight gradients only for what is trained (see Job).
Operators layer_backward(const RankShape& shape, LayerKind kind, int window);

Operators embedding_forward(const RankShape& shape);
Operators embedding_backward(const RankShape& shape);
/// Final norm, logits and loss.
Operators head_forward(const RankShape& shape);
Operators head_backward(const RankShape& shape);

/// Tokens that one rank holds of one micro-batch: sequence / cp x micro-batch.
double tokens_per_rank(const RankShape& shape);

/// Bytes of the activation that one pipeline stage sends to the next for one micro-batch and rank.
units::Bytes boundary_bytes(const RankShape& shape);

/// FLOPs of the matrix products in `operators`: 2 m n k each; attention counts what its mask
/// leaves.
units::Flops matrix_flops(const Operators& operators);

}  // namespace sim
