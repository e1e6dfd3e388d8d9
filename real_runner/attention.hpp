#pragma once
// Fused attention: launches kernels/attention_kernels.cuh. Ours, a reference that every device
// runs; not FlashAttention, and slower than it.
#include <cstdint>

#include "calib/records.hpp"
#include "real_runner/device.hpp"
#include "real_runner/stopwatch.hpp"

namespace real_runner {

struct AttentionSizes {
  int batch = 1, tokens = 0, heads = 0, kv_heads = 0, head_dim = 0;
  bool causal = true;
};

/// Tensors in bf16 [batch, token, head, head_dim]; a token begins every `stride` elements.
struct AttentionTensor {
  void* data = nullptr;
  std::int64_t stride = 0;
};

/// o and lse (fp32 [batch, heads, tokens]) from q, k, v.
struct AttentionOperands {
  AttentionTensor q, k, v, o;
  float* lse = nullptr;
};

/// d_q, d_k, d_v from d_o. Scratch: delta, fp32 as lse; d_q_sum, fp32 [batch, token, head,
/// head_dim].
struct AttentionGradientOperands {
  AttentionTensor d_o, d_q, d_k, d_v;
  float* delta = nullptr;
  float* d_q_sum = nullptr;
};

/// @throws NotHere if head_dim is neither 64 nor 128, or shared memory does not hold the tiles
void attention_forward(const Device& device, cudaStream_t stream, const AttentionSizes& sizes,
                       const AttentionOperands& operands);
void attention_backward(const Device& device, cudaStream_t stream, const AttentionSizes& sizes,
                        const AttentionOperands& operands,
                        const AttentionGradientOperands& gradients);

/// Largest relative error of o, d_q, d_k and d_v against plain_attention() on small random tensors
/// with these heads; kBf16Tolerance bounds it where the kernels are right.
double attention_error(const Device& device, AttentionSizes sizes);

/// Fills in `what.measured`.
void measure(const Device& device, const SamplingPolicy& policy, calib::AttentionMeasurement& what);

}  // namespace real_runner
