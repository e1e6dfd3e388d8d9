#pragma once
// The shapes of the operations that a device profile puts a time on.
#include <cstdint>

namespace calib {

/// C[m, n] += A[m, k] B[k, n], `batch` times. FLOPs: 2 m n k batch.
struct GemmShape {
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t batch = 1;
  /// How often an element of A is used in one row of products: 1, but in the implicit GEMM of a
  /// convolution, whose A is a map that its windows overlap on, about the positions of its kernel.
  double reuse = 1.0;
};

enum class Mask { Full, Causal };

/// Scaled dot-product attention of `batch` sequences, fused (flash) kernel.
struct AttentionShape {
  std::int64_t batch = 0, query_length = 0, key_length = 0;
  std::int64_t heads = 0, kv_heads = 0, head_dim = 0;
  Mask mask = Mask::Causal;
  std::int64_t window = 0;  ///< sliding window in tokens, 0 = none
};

enum class Collective {
  AllReduce,
  AllGather,
  ReduceScatter,
  AllToAll,
  Broadcast,
  SendRecv,
  Reduce,  ///< to one rank
  Barrier  ///< no data; libraries all-reduce one element
};

}  // namespace calib
