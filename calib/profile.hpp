#pragma once
// Fitted cost models of one accelerator: coefficients, residuals and where they come from. Plain values,
// read from and written to small JSON files under scenarios/catalog/profiles; evaluated by free functions.
#include "topology/hardware.hpp"
#include "topology/units.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace calib {

/// C[m, n] += A[m, k] B[k, n], `batch` times. FLOPs: 2 m n k batch.
struct GemmShape {
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t batch = 1;
};

enum class Mask { Full, Causal };

/// Scaled dot-product attention of `batch` sequences, fused (flash) kernel.
struct AttentionShape {
  std::int64_t batch = 0, query_length = 0, key_length = 0;
  std::int64_t heads = 0, kv_heads = 0, head_dim = 0;
  Mask mask = Mask::Causal;
  std::int64_t window = 0;  ///< sliding window in tokens, 0 = none
};

enum class Collective { AllReduce, AllGather, ReduceScatter, AllToAll, Broadcast, SendRecv };

/// How good a fit is: relative errors |predicted/measured - 1| over `records`.
struct Residual {
  int records = 0;
  double median = 0.0, mean = 0.0, p90 = 0.0, max = 0.0;
  double bias = 0.0;  ///< signed mean of predicted/measured - 1
};
}  // namespace calib
