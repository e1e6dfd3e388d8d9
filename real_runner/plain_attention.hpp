#pragma once
// Attention as the formula says, in double, on the host: what the fused kernels are checked
// against.
#include <vector>

namespace real_runner {

struct PlainAttention {
  int tokens = 0, heads = 0, kv_heads = 0, head_dim = 0;
  bool causal = true;
};

/// Row-major [tokens, heads * head_dim] (d_k, d_v: kv heads); lse: [heads, tokens].
struct PlainResult {
  std::vector<double> o, lse, d_q, d_k, d_v;
};

/// softmax(q k^T / sqrt(head_dim)) v of one sequence, and the derivative for the gradient `d_o` of
/// o.
PlainResult plain_attention(const PlainAttention& shape, const std::vector<float>& q,
                            const std::vector<float>& k, const std::vector<float>& v,
                            const std::vector<float>& d_o);

/// |actual - expected| / |expected| over all elements; infinite where an element is not a number.
double relative_error(const std::vector<double>& expected, const std::vector<float>& actual);

/// What a right result in bf16 stays below: operands and probabilities are rounded to 8 bits of
/// mantissa, 1/512 on average each, and a few of these errors add up.
inline constexpr double kBf16Tolerance = 0.01;

}  // namespace real_runner
