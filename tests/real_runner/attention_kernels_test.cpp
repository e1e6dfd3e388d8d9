// The attention kernels run thread by thread on the host and are compared with the formula in
// double: softmax(scale q k^T) v and its derivative.
#include "real_runner/kernels/attention_kernels.cuh"

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "real_runner/plain_attention.hpp"

namespace real_runner {
namespace {

struct Case {
  int tokens, heads, kv_heads, causal;
};

struct Tensor {
  std::vector<bf16> data;
  int columns = 0;  // heads * head_dim
};

Tensor random_tensor(int tokens, int columns, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  Tensor t{.data = std::vector<bf16>(static_cast<std::size_t>(tokens * columns)),
           .columns = columns};
  for (bf16& x : t.data) {
    x = to_bf16(normal(generator));
  }
  return t;
}

/// Poisoned, so that an element that nobody writes shows.
Tensor unwritten(int tokens, int columns) {
  return {.data = std::vector<bf16>(static_cast<std::size_t>(tokens * columns), bf16{0xFFFF}),
          .columns = columns};
}

std::vector<float> floats(const Tensor& t) {
  std::vector<float> values;
  for (const bf16 x : t.data) {
    values.push_back(to_float(x));
  }
  return values;
}

template <int D>
void expect_right(const Case& c) {
  const Tensor q = random_tensor(c.tokens, c.heads * D, 1),
               k = random_tensor(c.tokens, c.kv_heads * D, 2);
  const Tensor v = random_tensor(c.tokens, c.kv_heads * D, 3),
               d_o = random_tensor(c.tokens, c.heads * D, 4);
  Tensor o = unwritten(c.tokens, c.heads * D);
  Tensor d_k = unwritten(c.tokens, c.kv_heads * D), d_v = d_k;
  const auto rows = static_cast<std::size_t>(c.tokens * c.heads);
  std::vector<float> lse(rows, NAN), delta(rows, NAN), d_q(rows * D, 0.0F);
  const AttentionArguments p{.q = {q.data.data(), q.columns},
                             .k = {k.data.data(), k.columns},
                             .v = {v.data.data(), v.columns},
                             .o = {o.data.data(), o.columns},
                             .lse = lse.data(),
                             .batch = 1,
                             .tokens = c.tokens,
                             .heads = c.heads,
                             .kv_heads = c.kv_heads,
                             .causal = c.causal,
                             .scale = 1 / std::sqrt(float{D})};
  const auto tiles = [&](int size) { return static_cast<unsigned>((c.tokens + size - 1) / size); };
  emulated::run({tiles(kForwardQueries), static_cast<unsigned>(c.heads), 1}, kForwardThreads,
                forward_shared_bytes(D), [&] { attention_forward<D>(p); });
  const PlainResult r = plain_attention({c.tokens, c.heads, c.kv_heads, D, c.causal != 0},
                                        floats(q), floats(k), floats(v), floats(d_o));
  EXPECT_LT(relative_error(r.o, floats(o)), kBf16Tolerance);
  EXPECT_LT(relative_error(r.lse, lse), 1e-3);

  emulated::run({static_cast<unsigned>(c.tokens), static_cast<unsigned>(c.heads), 1}, 32, 0, [&] {
    attention_delta<D>(p, {d_o.data.data(), d_o.columns}, delta.data());
  });
  const AttentionGradients gradients{.d_o = {d_o.data.data(), d_o.columns},
                                     .delta = delta.data(),
                                     .d_q = d_q.data(),
                                     .d_k = {d_k.data.data(), d_k.columns},
                                     .d_v = {d_v.data.data(), d_v.columns}};
  emulated::run({tiles(kBackwardKeys), static_cast<unsigned>(c.kv_heads), 1}, kBackwardThreads,
                backward_shared_bytes(D), [&] { attention_backward<D>(p, gradients); });
  EXPECT_LT(relative_error(r.d_q, d_q), kBf16Tolerance);
  EXPECT_LT(relative_error(r.d_k, floats(d_k)), kBf16Tolerance);
  EXPECT_LT(relative_error(r.d_v, floats(d_v)), kBf16Tolerance);
}

TEST(AttentionKernels, AgreeWithTheFormulaOnWholeTiles) {
  expect_right<64>({.tokens = 256, .heads = 1, .kv_heads = 1, .causal = 0});
}

TEST(AttentionKernels, HideWhatTheCausalMaskHides) {
  expect_right<64>({.tokens = 256, .heads = 1, .kv_heads = 1, .causal = 1});
}

TEST(AttentionKernels, LeaveNoTraceOfRowsBeyondTheSequence) {
  expect_right<64>({.tokens = 150, .heads = 2, .kv_heads = 2, .causal = 1});
  expect_right<64>({.tokens = 77, .heads = 1, .kv_heads = 1, .causal = 0});
}

TEST(AttentionKernels, ShareAKeyHeadAmongQueryHeads) {
  expect_right<64>({.tokens = 128, .heads = 4, .kv_heads = 2, .causal = 1});
}

TEST(AttentionKernels, AgreeWithTheFormulaForWideHeads) {
  expect_right<128>({.tokens = 160, .heads = 2, .kv_heads = 1, .causal = 1});
}

TEST(AttentionKernels, FitTheSharedMemoryOfAnA100AndOfAnH100) {
  // 163 and 227 KiB per block: CUDA C++ Programming Guide, table of compute capabilities.
  EXPECT_LE(backward_shared_bytes(128), std::size_t{163} * 1024);
  EXPECT_LE(forward_shared_bytes(128), std::size_t{113} * 1024);  // two blocks on an H100
}

}  // namespace
}  // namespace real_runner
