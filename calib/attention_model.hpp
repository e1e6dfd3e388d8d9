#pragma once
// The model of one fused (flash) attention kernel, forward. A block of threads takes one tile of
// queries of one head of one sequence, walks over the keys that it may see, and starts with a fixed
// cost:
//
//   block  = start + 4 * tile * keys * head_dim / (peak / units * efficiency(head_dim))
//   work   = sum of all blocks / units;   longest = the block with the most keys * latency_factor
//   time   = launch + (longest^3 + work^3)^(1/3) + side traffic / bandwidth
//
// The causal mask halves the keys, a sliding window bounds them. Grouped queries (GQA) read fewer
// keys from memory and save no FLOPs. Side traffic is what serving and training kernels do around
// the products: rotary embedding, copies of Q, K, V, the output. Source of the tiling: Dao,
// FlashAttention-2, arXiv 2307.08691, section 3.
#include "calib/gemm_model.hpp"
#include "calib/shapes.hpp"
#include "topology/units.hpp"

namespace calib {

/// Seven free parameters per device; the tile of queries follows from the generation of the kernel.
struct AttentionCoefficients {
  double query_tile =
      128;  ///< rows: 128 for Hopper and later, 64 before; keys advance by a quarter of it
  double efficiency = 0.7;    ///< of the dense peak, for a very large head dimension; at most 1.5
  double head_dim_half = 25;  ///< head dimension that reaches half of it
  double unusual_head_dim =
      0.9;  ///< factor on the efficiency of head dimensions other than 64, 128 and 256
  units::Seconds block_start =
      units::microseconds(3);   ///< per tile of queries: prologue, softmax tail, write-out
  double latency_factor = 0.8;  ///< weight of the longest block where it alone decides
  units::Seconds launch = units::microseconds(12);  ///< shortest call, all its kernels
  double side_traffic = 3;  ///< bytes moved around the kernel, over the bytes of Q, K and V
  /// FLOP/s of the backward over those of the forward kernel; from papers, not fitted (see
  /// reference_hardware).
  double backward_rate = 0.8;
};

/// FLOPs that the forward kernel has to do: 4 per query, visible key and element of the head
/// dimension. Exact count of visible pairs for causal masks and windows.
units::Flops attention_flops(const AttentionShape& shape);

/// Time of the forward pass. `memory` gives the bandwidth terms. Zero for an empty shape.
units::Seconds attention_forward_time(const AttentionCoefficients& c, const GemmDevice& device,
                                      const GemmCoefficients& memory, const AttentionShape& shape);

/// Time of the backward pass: 2.5 times the FLOPs (five products instead of two; FlashAttention-2,
/// section 4.1) at `backward_rate` of the forward kernel's rate, twice its side traffic (dQ, dK, dV
/// besides Q, K, V).
units::Seconds attention_backward_time(const AttentionCoefficients& c, const GemmDevice& device,
                                       const GemmCoefficients& memory, const AttentionShape& shape);

}  // namespace calib
