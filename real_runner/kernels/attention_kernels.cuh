#pragma once
// Fused attention after FlashAttention-2 (Dao, arXiv 2307.08691), written for mma.sync: a reference
// that every device since A100 runs, not the fastest that there is. The score matrix never leaves
// the registers. Tensors are [batch, token, head, head_dim] in bf16, with a free token stride, so
// that a packed QKV projection needs no copy.
#include <cstdint>

#include "real_runner/kernels/block.cuh"

namespace real_runner {

/// One operand: element [b][s][h][d] is at data + (b * tokens + s) * token_stride + h * head_dim +
/// d.
template <class T>
struct Heads {
  T* data;
  std::int64_t token_stride;
};

struct AttentionArguments {
  Heads<const bf16> q, k, v;
  Heads<bf16> o;
  float* lse;  ///< [batch, heads, tokens]: log of the sum of exp of a query's scaled scores
  int batch, tokens, heads, kv_heads, causal;
  float scale;  ///< of scores: 1 / sqrt(head_dim)
};

struct AttentionGradients {
  Heads<const bf16> d_o;
  const float* delta;  ///< [batch, heads, tokens]: sum over d of d_o * o
  float* d_q;          ///< fp32 [batch, tokens, heads, head_dim], zero at the start
  Heads<bf16> d_k, d_v;
};

constexpr float kLog2E = 1.4426950408889634F;
constexpr float kMinusInfinity = -1e30F;  // exp2 of it is 0, and differences of it are no NaN
constexpr int kPad = 8;  // elements after a row of shared memory: ldmatrix meets no bank twice

constexpr int kForwardQueries = 128, kForwardKeys = 64, kForwardThreads = 256;
constexpr int kBackwardQueries = 32, kBackwardKeys = 128, kBackwardThreads = 256;

constexpr std::size_t forward_shared_bytes(int head_dim) {
  return sizeof(std::uint16_t) * static_cast<std::size_t>(head_dim + kPad) *
         static_cast<std::size_t>(kForwardQueries + 4 * kForwardKeys);
}
constexpr std::size_t backward_shared_bytes(int head_dim) {
  return sizeof(std::uint16_t) *
             (static_cast<std::size_t>(head_dim + kPad) *
                  static_cast<std::size_t>(2 * kBackwardKeys + 4 * kBackwardQueries) +
              static_cast<std::size_t>(kBackwardKeys * (kBackwardQueries + kPad))) +
         sizeof(float) * 4 * kBackwardQueries;
}

/// Rows first..first+Rows-1 of one head to shared memory, in the background; rows past `tokens` are
/// 0.
template <int Rows, int D, int Threads>
RUNNER_DEVICE void fetch_rows(bf16* shared, Heads<const bf16> from, std::int64_t batch_row,
                              int head, int first, int tokens) {
  constexpr int kChunksOfRow = D / kPerChunk;
  for (int i = static_cast<int>(thread_index()); i < Rows * kChunksOfRow; i += Threads) {
    const int row = i / kChunksOfRow, column = i % kChunksOfRow * kPerChunk;
    bf16* to = shared + row * (D + kPad) + column;
    if (first + row < tokens) {
      copy_16(to, from.data + (batch_row + first + row) * from.token_stride +
                      static_cast<std::int64_t>(head) * D + column);
    } else {
      *reinterpret_cast<Chunk*>(to) = Chunk{{0, 0, 0, 0}};
    }
  }
}

/// A operand: rows row..row+15, k..k+15 of a row-major tile in shared memory.
RUNNER_DEVICE void load_a(std::uint32_t (&a)[4], const bf16* tile, int stride, int row, int k) {
  const int lane = static_cast<int>(thread_index() % 32);
  load_tiles(a, tile + (row + lane % 16) * stride + k + lane / 16 * 8);
}
/// The same where the tile is stored transposed, [k][row].
RUNNER_DEVICE void load_a_transposed(std::uint32_t (&a)[4], const bf16* tile, int stride, int row,
                                     int k) {
  const int lane = static_cast<int>(thread_index() % 32);
  load_tiles_transposed(a, tile + (k + lane % 8 + lane / 16 * 8) * stride + row + lane / 8 % 2 * 8);
}
/// Two B operands, columns n..n+7 and n+8..n+15 with k..k+15, of a tile stored as [n][k].
RUNNER_DEVICE void load_b(std::uint32_t (&b)[4], const bf16* tile, int stride, int n, int k) {
  const int lane = static_cast<int>(thread_index() % 32);
  load_tiles(b, tile + (n + lane / 16 * 8 + lane % 8) * stride + k + lane / 8 % 2 * 8);
}
/// The same of a tile stored as [k][n].
RUNNER_DEVICE void load_b_transposed(std::uint32_t (&b)[4], const bf16* tile, int stride, int n,
                                     int k) {
  const int lane = static_cast<int>(thread_index() % 32);
  load_tiles_transposed(b, tile + (k + lane / 8 % 2 * 8 + lane % 8) * stride + n + lane / 16 * 8);
}
RUNNER_DEVICE void multiply_add_pair(float (&d0)[4], float (&d1)[4], const std::uint32_t (&a)[4],
                                     const std::uint32_t (&b)[4]) {
  const std::uint32_t first[2] = {b[0], b[1]}, second[2] = {b[2], b[3]};
  multiply_add(d0, a, first);
  multiply_add(d1, a, second);
}

/// Grid: (query tiles, heads, batch).
template <int D>
RUNNER_KERNEL attention_forward(AttentionArguments p) {
  constexpr int kStride = D + kPad, kTiles = kForwardKeys / 8, kOut = D / 8;
  bf16* const q = reinterpret_cast<bf16*>(shared_bytes());
  bf16* const k = q + kForwardQueries * kStride;   // two stages
  bf16* const v = k + 2 * kForwardKeys * kStride;  // two stages
  const int lane = static_cast<int>(thread_index() % 32),
            warp = static_cast<int>(thread_index() / 32);
  const int g = lane / 4, t = lane % 4;
  // Causal tiles with most work start first.
  const int first_query = static_cast<int>(grid_size() - 1 - block_index()) * kForwardQueries;
  const int head = static_cast<int>(block_index_y()), batch = static_cast<int>(block_index_z());
  const int kv_head = head / (p.heads / p.kv_heads);
  const std::int64_t batch_row = static_cast<std::int64_t>(batch) * p.tokens;
  const int last_key = p.causal != 0 && first_query + kForwardQueries < p.tokens
                           ? first_query + kForwardQueries
                           : p.tokens;
  const int key_tiles = (last_key + kForwardKeys - 1) / kForwardKeys;
  const auto fetch_keys = [&](int tile) {
    const int stage = tile % 2 * kForwardKeys * kStride;
    fetch_rows<kForwardKeys, D, kForwardThreads>(k + stage, p.k, batch_row, kv_head,
                                                 tile * kForwardKeys, p.tokens);
    fetch_rows<kForwardKeys, D, kForwardThreads>(v + stage, p.v, batch_row, kv_head,
                                                 tile * kForwardKeys, p.tokens);
  };

  fetch_rows<kForwardQueries, D, kForwardThreads>(q, p.q, batch_row, head, first_query, p.tokens);
  fetch_keys(0);
  commit_copies();

  float out[kOut][4] = {};
  float largest[2] = {kMinusInfinity, kMinusInfinity}, sum[2] = {0, 0};
  const float scale_log2 = p.scale * kLog2E;
  const int my_row = first_query + warp * 16 + g;  // and my_row + 8

  for (int tile = 0; tile < key_tiles; ++tile) {
    if (tile + 1 < key_tiles) {
      fetch_keys(tile + 1);
    }
    commit_copies();
    wait_copies<1>();
    sync_block();
    const bf16* const k_tile = k + tile % 2 * kForwardKeys * kStride;
    const bf16* const v_tile = v + tile % 2 * kForwardKeys * kStride;

    float s[kTiles][4] = {};
#pragma unroll
    for (int kk = 0; kk < D; kk += 16) {
      std::uint32_t a[4];
      load_a(a, q, kStride, warp * 16, kk);
#pragma unroll
      for (int n = 0; n < kTiles; n += 2) {
        std::uint32_t b[4];
        load_b(b, k_tile, kStride, n * 8, kk);
        multiply_add_pair(s[n], s[n + 1], a, b);
      }
    }

    const int first_key = tile * kForwardKeys;
    if (first_key + kForwardKeys > p.tokens ||
        (p.causal != 0 && first_key + kForwardKeys > first_query + warp * 16)) {
#pragma unroll
      for (int n = 0; n < kTiles; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const int key = first_key + n * 8 + 2 * t + i % 2, row = my_row + i / 2 * 8;
          if (key >= p.tokens || (p.causal != 0 && key > row)) {
            s[n][i] = kMinusInfinity;
          }
        }
      }
    }

    float next[2] = {largest[0], largest[1]};
#pragma unroll
    for (int n = 0; n < kTiles; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        next[i / 2] = fold<Fold::Largest>(next[i / 2], s[n][i]);
      }
    }
    float shrink[2];
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      next[half] = fold<Fold::Largest>(next[half], shuffle_xor(next[half], 1));
      next[half] = fold<Fold::Largest>(next[half], shuffle_xor(next[half], 2));
      shrink[half] = exp2_fast((largest[half] - next[half]) * scale_log2);
      largest[half] = next[half];
      sum[half] *= shrink[half];
    }
#pragma unroll
    for (int n = 0; n < kOut; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        out[n][i] *= shrink[i / 2];
      }
    }
#pragma unroll
    for (int n = 0; n < kTiles; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        s[n][i] = exp2_fast((s[n][i] - largest[i / 2]) * scale_log2);
        sum[i / 2] += s[n][i];
      }
    }

#pragma unroll
    for (int kk = 0; kk < kForwardKeys; kk += 16) {
      const int n0 = kk / 8;
      const std::uint32_t a[4] = {pack(s[n0][0], s[n0][1]), pack(s[n0][2], s[n0][3]),
                                  pack(s[n0 + 1][0], s[n0 + 1][1]),
                                  pack(s[n0 + 1][2], s[n0 + 1][3])};
#pragma unroll
      for (int n = 0; n < kOut; n += 2) {
        std::uint32_t b[4];
        load_b_transposed(b, v_tile, kStride, n * 8, kk);
        multiply_add_pair(out[n], out[n + 1], a, b);
      }
    }
    sync_block();  // before the stage is filled again
  }

#pragma unroll
  for (int half = 0; half < 2; ++half) {
    sum[half] += shuffle_xor(sum[half], 1);
    sum[half] += shuffle_xor(sum[half], 2);
    const int row = my_row + half * 8;
    if (row >= p.tokens) {
      continue;  // no exchange of the warp follows
    }
    const float share = 1.0F / sum[half];
    bf16* const to =
        p.o.data + (batch_row + row) * p.o.token_stride + static_cast<std::int64_t>(head) * D;
#pragma unroll
    for (int n = 0; n < kOut; ++n) {
      *reinterpret_cast<std::uint32_t*>(to + n * 8 + 2 * t) =
          pack(out[n][2 * half] * share, out[n][2 * half + 1] * share);
    }
    if (t == 0) {
      p.lse[(static_cast<std::int64_t>(batch) * p.heads + head) * p.tokens + row] =
          largest[half] * p.scale + log_of(sum[half]);
    }
  }
}

/// delta of the gradients: a warp per token and head. Grid: (batch * tokens, heads), 32 threads.
template <int D>
RUNNER_KERNEL attention_delta(AttentionArguments p, Heads<const bf16> d_o, float* delta) {
  const auto token = static_cast<std::int64_t>(block_index());
  const int head = static_cast<int>(block_index_y());
  float sum = 0;
  for (int d = static_cast<int>(thread_index()) * 2; d < D; d += 64) {
    const std::int64_t column = static_cast<std::int64_t>(head) * D + d;
    const bf16* a = p.o.data + token * p.o.token_stride + column;
    const bf16* b = d_o.data + token * d_o.token_stride + column;
    sum += to_float(a[0]) * to_float(b[0]) + to_float(a[1]) * to_float(b[1]);
  }
  for (int mask = 16; mask > 0; mask /= 2) {
    sum += shuffle_xor(sum, mask);
  }
  if (thread_index() == 0) {
    const std::int64_t batch = token / p.tokens;
    delta[(batch * p.heads + head) * p.tokens + token % p.tokens] = sum;
  }
}

/// Gradients: a block owns 128 keys of one kv head and walks over the queries of all heads that
/// read it. Scores are computed transposed, [keys, queries], so that the products with d_o and q
/// take them from registers. Grid: (key tiles, kv_heads, batch).
template <int D>
RUNNER_KERNEL attention_backward(AttentionArguments p, AttentionGradients grad) {
  constexpr int kStride = D + kPad, kTiles = kBackwardQueries / 8, kOut = D / 8;
  constexpr int kScoreStride = kBackwardQueries + kPad;
  bf16* const k = reinterpret_cast<bf16*>(shared_bytes());
  bf16* const v = k + kBackwardKeys * kStride;
  bf16* const q = v + kBackwardKeys * kStride;                                      // two stages
  bf16* const d_o = q + 2 * kBackwardQueries * kStride;                             // two stages
  bf16* const d_s = d_o + 2 * kBackwardQueries * kStride;                           // [key][query]
  float* const lse = reinterpret_cast<float*>(d_s + kBackwardKeys * kScoreStride);  // two stages
  float* const delta = lse + 2 * kBackwardQueries;                                  // two stages
  const int lane = static_cast<int>(thread_index() % 32),
            warp = static_cast<int>(thread_index() / 32);
  const int g = lane / 4, t = lane % 4;
  const int first_key = static_cast<int>(block_index()) * kBackwardKeys;
  const int kv_head = static_cast<int>(block_index_y()), batch = static_cast<int>(block_index_z());
  const int group = p.heads / p.kv_heads;
  const std::int64_t batch_row = static_cast<std::int64_t>(batch) * p.tokens;
  const int first_tile = p.causal != 0 ? first_key / kBackwardQueries : 0;
  const int tiles = (p.tokens + kBackwardQueries - 1) / kBackwardQueries - first_tile;
  const int steps = tiles * group;
  const auto fetch_queries = [&](int step) {
    const int head = kv_head * group + step / tiles;
    const int first = (first_tile + step % tiles) * kBackwardQueries;
    const int stage = step % 2 * kBackwardQueries;
    fetch_rows<kBackwardQueries, D, kBackwardThreads>(q + stage * kStride, p.q, batch_row, head,
                                                      first, p.tokens);
    fetch_rows<kBackwardQueries, D, kBackwardThreads>(d_o + stage * kStride, grad.d_o, batch_row,
                                                      head, first, p.tokens);
    const int i = static_cast<int>(thread_index());
    if (i < kBackwardQueries) {
      const bool there = first + i < p.tokens;
      const std::int64_t at =
          (static_cast<std::int64_t>(batch) * p.heads + head) * p.tokens + first + i;
      lse[stage + i] = there ? p.lse[at] : -kMinusInfinity;  // its probabilities become 0
      delta[stage + i] = there ? grad.delta[at] : 0.0F;
    }
  };

  fetch_rows<kBackwardKeys, D, kBackwardThreads>(k, p.k, batch_row, kv_head, first_key, p.tokens);
  fetch_rows<kBackwardKeys, D, kBackwardThreads>(v, p.v, batch_row, kv_head, first_key, p.tokens);
  fetch_queries(0);
  commit_copies();

  float d_k[kOut][4] = {}, d_v[kOut][4] = {};
  const float scale_log2 = p.scale * kLog2E;

  for (int step = 0; step < steps; ++step) {
    if (step + 1 < steps) {
      fetch_queries(step + 1);
    }
    commit_copies();
    wait_copies<1>();
    sync_block();
    const int stage = step % 2 * kBackwardQueries;
    const bf16* const q_tile = q + stage * kStride;
    const bf16* const d_o_tile = d_o + stage * kStride;
    const int head = kv_head * group + step / tiles;
    const int first_query = (first_tile + step % tiles) * kBackwardQueries;

    float s[kTiles][4] = {}, d_p[kTiles][4] = {};
#pragma unroll
    for (int kk = 0; kk < D; kk += 16) {
      std::uint32_t a[4], c[4];
      load_a(a, k, kStride, warp * 16, kk);
      load_a(c, v, kStride, warp * 16, kk);
#pragma unroll
      for (int n = 0; n < kTiles; n += 2) {
        std::uint32_t b[4];
        load_b(b, q_tile, kStride, n * 8, kk);
        multiply_add_pair(s[n], s[n + 1], a, b);
        load_b(b, d_o_tile, kStride, n * 8, kk);
        multiply_add_pair(d_p[n], d_p[n + 1], c, b);
      }
    }

    // s becomes the probabilities, d_p the gradient of the scaled scores.
#pragma unroll
    for (int n = 0; n < kTiles; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int column = n * 8 + 2 * t + i % 2;
        const int key = first_key + warp * 16 + g + i / 2 * 8, query = first_query + column;
        const bool seen = key < p.tokens && (p.causal == 0 || key <= query);
        const float probability =
            seen ? exp2_fast(s[n][i] * scale_log2 - lse[stage + column] * kLog2E) : 0.0F;
        s[n][i] = probability;
        d_p[n][i] = probability * (d_p[n][i] - delta[stage + column]);
      }
      const int key = warp * 16 + g, column = n * 8 + 2 * t;
      *reinterpret_cast<std::uint32_t*>(d_s + key * kScoreStride + column) =
          pack(d_p[n][0], d_p[n][1]);
      *reinterpret_cast<std::uint32_t*>(d_s + (key + 8) * kScoreStride + column) =
          pack(d_p[n][2], d_p[n][3]);
    }

#pragma unroll
    for (int kk = 0; kk < kBackwardQueries; kk += 16) {
      const int n0 = kk / 8;
      const std::uint32_t a[4] = {pack(s[n0][0], s[n0][1]), pack(s[n0][2], s[n0][3]),
                                  pack(s[n0 + 1][0], s[n0 + 1][1]),
                                  pack(s[n0 + 1][2], s[n0 + 1][3])};
      const std::uint32_t c[4] = {pack(d_p[n0][0], d_p[n0][1]), pack(d_p[n0][2], d_p[n0][3]),
                                  pack(d_p[n0 + 1][0], d_p[n0 + 1][1]),
                                  pack(d_p[n0 + 1][2], d_p[n0 + 1][3])};
#pragma unroll
      for (int n = 0; n < kOut; n += 2) {
        std::uint32_t b[4];
        load_b_transposed(b, d_o_tile, kStride, n * 8, kk);
        multiply_add_pair(d_v[n], d_v[n + 1], a, b);
        load_b_transposed(b, q_tile, kStride, n * 8, kk);
        multiply_add_pair(d_k[n], d_k[n + 1], c, b);
      }
    }
    sync_block();  // all of d_s is written

    // d_q [32 queries, D] = d_s^T k: a warp takes 16 queries and a quarter of D.
    constexpr int kColumns = D / 4, kQueryTiles = kColumns / 8;
    const int query_row = warp % 2 * 16, first_column = warp / 2 * kColumns;
    float d_q[kQueryTiles][4] = {};
#pragma unroll
    for (int kk = 0; kk < kBackwardKeys; kk += 16) {
      std::uint32_t a[4];
      load_a_transposed(a, d_s, kScoreStride, query_row, kk);
#pragma unroll
      for (int n = 0; n < kQueryTiles; n += 2) {
        std::uint32_t b[4];
        load_b_transposed(b, k, kStride, first_column + n * 8, kk);
        multiply_add_pair(d_q[n], d_q[n + 1], a, b);
      }
    }
#pragma unroll
    for (int n = 0; n < kQueryTiles; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int query = first_query + query_row + g + i / 2 * 8;
        if (query < p.tokens) {
          add_to(grad.d_q + ((batch_row + query) * p.heads + head) * D + first_column + n * 8 +
                     2 * t + i % 2,
                 d_q[n][i] * p.scale);
        }
      }
    }
    sync_block();  // before the stage and d_s are filled again
  }

#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int key = first_key + warp * 16 + g + half * 8;
    if (key >= p.tokens) {
      continue;
    }
    const std::int64_t column = static_cast<std::int64_t>(kv_head) * D;
    bf16* const to_k = grad.d_k.data + (batch_row + key) * grad.d_k.token_stride + column;
    bf16* const to_v = grad.d_v.data + (batch_row + key) * grad.d_v.token_stride + column;
#pragma unroll
    for (int n = 0; n < kOut; ++n) {
      *reinterpret_cast<std::uint32_t*>(to_k + n * 8 + 2 * t) =
          pack(d_k[n][2 * half] * p.scale, d_k[n][2 * half + 1] * p.scale);
      *reinterpret_cast<std::uint32_t*>(to_v + n * 8 + 2 * t) =
          pack(d_v[n][2 * half], d_v[n][2 * half + 1]);
    }
  }
}

/// d_q from fp32 to bf16 with a free token stride. Grid: any; one thread per chunk of 8.
RUNNER_KERNEL attention_query_gradient(const float* from, Heads<bf16> to, std::int64_t tokens,
                                       int columns) {
  const std::int64_t chunks = tokens * columns / kPerChunk;
  for (std::int64_t i = static_cast<std::int64_t>(block_index()) * block_size() + thread_index();
       i < chunks; i += static_cast<std::int64_t>(grid_size()) * block_size()) {
    const std::int64_t token = i * kPerChunk / columns, column = i * kPerChunk % columns;
    Floats f;
    for (int j = 0; j < kPerChunk; ++j) {
      f.v[j] = from[i * kPerChunk + j];
    }
    store(to.data + token * to.token_stride + column, f);
  }
}

}  // namespace real_runner
