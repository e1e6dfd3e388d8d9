#pragma once
// Operators that memory traffic bounds, one kernel each, fused as training frameworks fuse them.
// Tensors are row-major bf16 unless said otherwise; columns are multiples of 8. Row operators: a
// block per row, so that a row is read from memory once and then found in the cache.
#include <cstdint>

#include "real_runner/kernels/block.cuh"

namespace real_runner {

constexpr int kRowThreads = 256;

/// 16 bytes of fp32.
struct alignas(16) Four {
  float v[4];
};

namespace detail {

RUNNER_DEVICE std::int64_t first_item() {
  return static_cast<std::int64_t>(block_index()) * block_size() + thread_index();
}
RUNNER_DEVICE std::int64_t item_step() {
  return static_cast<std::int64_t>(grid_size()) * block_size();
}

/// A well mixed number of a counter. Source: Steele, Lea and Flood, OOPSLA 2014 (SplitMix64).
RUNNER_DEVICE std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

RUNNER_DEVICE float sigmoid(float x) {
  return 1.0F / (1.0F + exp_fast(-x));
}

}  // namespace detail

/// Numbers of mean 0 and deviation `deviation`, about normal: the sum of four uniform ones
/// (Irwin-Hall). Power and clocks depend on the data, so nothing is measured on zeros.
template <class Store>
RUNNER_DEVICE void for_random(std::int64_t count, std::uint64_t seed, float deviation, Store put) {
  for (std::int64_t i = detail::first_item(); i < count; i += detail::item_step()) {
    const std::uint64_t bits = detail::mixed(static_cast<std::uint64_t>(i) ^ (seed << 40));
    float sum = 0;
    for (int part = 0; part < 4; ++part) {
      sum += static_cast<float>(bits >> (16 * part) & 0xFFFFU) * (1.0F / 65536.0F);
    }
    // Four uniform numbers: mean 2, variance 4 / 12.
    put(i, (sum - 2.0F) * 1.7320508F * deviation);
  }
}
RUNNER_KERNEL fill_random_bf16(bf16* to, std::int64_t count, std::uint64_t seed, float deviation) {
  for_random(count, seed, deviation, [&](std::int64_t i, float x) { to[i] = to_bf16(x); });
}
RUNNER_KERNEL fill_random_fp32(float* to, std::int64_t count, std::uint64_t seed, float deviation) {
  for_random(count, seed, deviation, [&](std::int64_t i, float x) { to[i] = x; });
}
RUNNER_KERNEL fill_value_fp32(float* to, std::int64_t count, float value) {
  for (std::int64_t i = detail::first_item(); i < count; i += detail::item_step()) {
    to[i] = value;
  }
}
RUNNER_KERNEL fill_value_bf16(bf16* to, std::int64_t count, float value) {
  for (std::int64_t i = detail::first_item(); i < count; i += detail::item_step()) {
    to[i] = to_bf16(value);
  }
}
/// Row numbers below `bound`. `permute`: every number once, by an affine map.
/// @pre permute: bound == count, and `factor` has no divisor in common with it
RUNNER_KERNEL fill_indices(std::int32_t* to, std::int64_t count, std::int64_t bound, int permute,
                           std::int64_t factor) {
  for (std::int64_t i = detail::first_item(); i < count; i += detail::item_step()) {
    const std::uint64_t x = permute != 0 ? static_cast<std::uint64_t>(i * factor + 1)
                                         : detail::mixed(static_cast<std::uint64_t>(i)) >> 1;
    to[i] = static_cast<std::int32_t>(x % static_cast<std::uint64_t>(bound));
  }
}

RUNNER_KERNEL copy_chunks(const Chunk* RUNNER_RESTRICT from, Chunk* RUNNER_RESTRICT to,
                          std::int64_t chunks) {
  for (std::int64_t i = detail::first_item(); i < chunks; i += detail::item_step()) {
    to[i] = from[i];
  }
}

/// a = b + s c. Source: McCalpin's STREAM.
RUNNER_KERNEL triad(Four* RUNNER_RESTRICT a, const Four* RUNNER_RESTRICT b,
                    const Four* RUNNER_RESTRICT c, float s, std::int64_t fours) {
  for (std::int64_t i = detail::first_item(); i < fours; i += detail::item_step()) {
    const Four x = b[i], y = c[i];
    a[i] =
        Four{{x.v[0] + s * y.v[0], x.v[1] + s * y.v[1], x.v[2] + s * y.v[2], x.v[3] + s * y.v[3]}};
  }
}

RUNNER_KERNEL add(const bf16* RUNNER_RESTRICT a, const bf16* RUNNER_RESTRICT b,
                  bf16* RUNNER_RESTRICT y, std::int64_t count) {
  for (std::int64_t i = detail::first_item(); i < count / kPerChunk; i += detail::item_step()) {
    Floats f = load(a + i * kPerChunk);
    const Floats h = load(b + i * kPerChunk);
    for (int j = 0; j < kPerChunk; ++j) {
      f.v[j] += h.v[j];
    }
    store(y + i * kPerChunk, f);
  }
}

/// Exact (erf) GELU. Source: Hendrycks and Gimpel, arXiv 1606.08415.
RUNNER_KERNEL gelu(const bf16* RUNNER_RESTRICT x, bf16* RUNNER_RESTRICT y, std::int64_t count) {
  for (std::int64_t i = detail::first_item(); i < count / kPerChunk; i += detail::item_step()) {
    Floats f = load(x + i * kPerChunk);
    for (int j = 0; j < kPerChunk; ++j) {
      f.v[j] = 0.5F * f.v[j] * (1.0F + erf_of(f.v[j] * 0.70710678F));
    }
    store(y + i * kPerChunk, f);
  }
}

/// y = silu(gate) * up; x: [rows, 2 columns], gate first. Source: Shazeer, arXiv 2002.05202.
RUNNER_KERNEL swiglu(const bf16* RUNNER_RESTRICT x, bf16* RUNNER_RESTRICT y, std::int64_t rows,
                     int columns) {
  const std::int64_t chunks = rows * columns / kPerChunk;
  for (std::int64_t i = detail::first_item(); i < chunks; i += detail::item_step()) {
    const std::int64_t row = i * kPerChunk / columns, column = i * kPerChunk % columns;
    const bf16* at = x + row * 2 * columns + column;
    Floats gate = load(at);
    const Floats up = load(at + columns);
    for (int j = 0; j < kPerChunk; ++j) {
      gate.v[j] = gate.v[j] * detail::sigmoid(gate.v[j]) * up.v[j];
    }
    store(y + i * kPerChunk, gate);
  }
}

/// d_x: [rows, 2 columns] from x and d_y.
RUNNER_KERNEL swiglu_backward(const bf16* RUNNER_RESTRICT x, const bf16* RUNNER_RESTRICT d_y,
                              bf16* RUNNER_RESTRICT d_x, std::int64_t rows, int columns) {
  const std::int64_t chunks = rows * columns / kPerChunk;
  for (std::int64_t i = detail::first_item(); i < chunks; i += detail::item_step()) {
    const std::int64_t row = i * kPerChunk / columns, column = i * kPerChunk % columns;
    const std::int64_t at = row * 2 * columns + column;
    Floats gate = load(x + at), up = load(x + at + columns);
    const Floats d = load(d_y + i * kPerChunk);
    for (int j = 0; j < kPerChunk; ++j) {
      const float s = detail::sigmoid(gate.v[j]), g = gate.v[j];
      gate.v[j] = d.v[j] * up.v[j] * s * (1.0F + g * (1.0F - s));
      up.v[j] = d.v[j] * g * s;
    }
    store(d_x + at, gate);
    store(d_x + at + columns, up);
  }
}

/// y = residual + (kept ? x / (1 - p) : 0), p = 26 / 256, about 0.1; the mask is kept for backward.
constexpr unsigned kDropBelow = 26;
RUNNER_KERNEL dropout_add(const bf16* RUNNER_RESTRICT x, const bf16* RUNNER_RESTRICT residual,
                          bf16* RUNNER_RESTRICT y, std::uint64_t* RUNNER_RESTRICT mask,
                          std::uint64_t seed, std::int64_t count) {
  constexpr float kScale = 256.0F / (256.0F - kDropBelow);
  for (std::int64_t i = detail::first_item(); i < count / kPerChunk; i += detail::item_step()) {
    const std::uint64_t bits = detail::mixed(static_cast<std::uint64_t>(i) ^ (seed << 40));
    const Floats f = load(x + i * kPerChunk);
    Floats out = load(residual + i * kPerChunk);
    std::uint64_t kept = 0;
    for (int j = 0; j < kPerChunk; ++j) {
      if ((bits >> (8 * j) & 0xFFU) >= kDropBelow) {
        kept |= std::uint64_t{1} << (8 * j);
        out.v[j] += f.v[j] * kScale;
      }
    }
    store(y + i * kPerChunk, out);
    mask[i] = kept;
  }
}

/// y[row] = table[index[row]]: embedding, or the permutation of tokens to experts. Grid: rows.
RUNNER_KERNEL gather_rows(const bf16* RUNNER_RESTRICT table,
                          const std::int32_t* RUNNER_RESTRICT index, bf16* RUNNER_RESTRICT y,
                          int columns) {
  const auto row = static_cast<std::int64_t>(block_index());
  const bf16* from = table + static_cast<std::int64_t>(index[row]) * columns;
  for (int c = static_cast<int>(thread_index()) * kPerChunk; c < columns;
       c += kRowThreads * kPerChunk) {
    *reinterpret_cast<Chunk*>(y + row * columns + c) = *reinterpret_cast<const Chunk*>(from + c);
  }
}

/// table[index[row]] += d_y[row]. Grid: rows.
RUNNER_KERNEL scatter_add_rows(const bf16* RUNNER_RESTRICT d_y,
                               const std::int32_t* RUNNER_RESTRICT index, bf16* table,
                               int columns) {
  const auto row = static_cast<std::int64_t>(block_index());
  for (int c = static_cast<int>(thread_index()); c < columns; c += kRowThreads) {
    add_to(table + static_cast<std::int64_t>(index[row]) * columns + c,
           to_float(d_y[row * columns + c]));
  }
}

constexpr float kNormEpsilon = 1e-5F;  // Llama's and PyTorch's default

/// y = x / rms(x) * weight; inverse[row] = 1 / rms. Grid: rows. Source: Zhang and Sennrich, arXiv
/// 1910.07467.
RUNNER_KERNEL rms_norm(const bf16* RUNNER_RESTRICT x, const bf16* RUNNER_RESTRICT weight,
                       bf16* RUNNER_RESTRICT y, float* RUNNER_RESTRICT inverse, int columns) {
  auto* const scratch = reinterpret_cast<float*>(shared_bytes());
  const auto row = static_cast<std::int64_t>(block_index());
  const int first = static_cast<int>(thread_index()) * kPerChunk;
  float squares = 0;
  for (int c = first; c < columns; c += kRowThreads * kPerChunk) {
    const Floats f = load(x + row * columns + c);
    for (int j = 0; j < kPerChunk; ++j) {
      squares += f.v[j] * f.v[j];
    }
  }
  squares = over_block<Fold::Sum>(squares, scratch);
  const float scale = reciprocal_sqrt(squares / static_cast<float>(columns) + kNormEpsilon);
  for (int c = first; c < columns; c += kRowThreads * kPerChunk) {
    Floats f = load(x + row * columns + c);
    const Floats w = load(weight + c);
    for (int j = 0; j < kPerChunk; ++j) {
      f.v[j] *= scale * w.v[j];
    }
    store(y + row * columns + c, f);
  }
  if (thread_index() == 0) {
    inverse[row] = scale;
  }
}

/// d_x and, added to it, d_weight (fp32). With s = 1 / rms and u = weight * d_y:
/// d_x = s (u - x s^2 mean(u x)), d_weight = sum over rows of d_y x s. Grid: any number of blocks,
/// each takes every grid_size()-th row and sums d_weight in shared memory:
/// rms_norm_backward_shared_bytes(columns).
constexpr std::size_t rms_norm_backward_shared_bytes(int columns) {
  return sizeof(float) * (32 + static_cast<std::size_t>(columns));
}
RUNNER_KERNEL rms_norm_backward(const bf16* RUNNER_RESTRICT x, const bf16* RUNNER_RESTRICT weight,
                                const float* RUNNER_RESTRICT inverse,
                                const bf16* RUNNER_RESTRICT d_y, bf16* RUNNER_RESTRICT d_x,
                                float* d_weight, std::int64_t rows, int columns) {
  auto* const scratch = reinterpret_cast<float*>(shared_bytes());
  float* const sums = scratch + 32;  // a thread touches its own columns only
  const int first = static_cast<int>(thread_index()) * kPerChunk;
  for (int c = first; c < columns; c += kRowThreads * kPerChunk) {
    for (int j = 0; j < kPerChunk; ++j) {
      sums[c + j] = 0;
    }
  }
  for (std::int64_t row = block_index(); row < rows; row += grid_size()) {
    const float s = inverse[row];
    float product = 0;
    for (int c = first; c < columns; c += kRowThreads * kPerChunk) {
      const Floats f = load(x + row * columns + c), d = load(d_y + row * columns + c);
      const Floats w = load(weight + c);
      for (int j = 0; j < kPerChunk; ++j) {
        product += w.v[j] * d.v[j] * f.v[j];
        sums[c + j] += d.v[j] * f.v[j] * s;
      }
    }
    product = over_block<Fold::Sum>(product, scratch);
    const float shift = product * s * s / static_cast<float>(columns);
    for (int c = first; c < columns; c += kRowThreads * kPerChunk) {
      const Floats f = load(x + row * columns + c), w = load(weight + c);
      Floats d = load(d_y + row * columns + c);
      for (int j = 0; j < kPerChunk; ++j) {
        d.v[j] = s * (w.v[j] * d.v[j] - f.v[j] * shift);
      }
      store(d_x + row * columns + c, d);
    }
  }
  for (int c = first; c < columns; c += kRowThreads * kPerChunk) {
    for (int j = 0; j < kPerChunk; ++j) {
      add_to(d_weight + c + j, sums[c + j]);
    }
  }
}

/// y = (x - mean) / deviation * weight + bias; mean and 1 / deviation are kept. Grid: rows.
/// Source: Ba, Kiros and Hinton, arXiv 1607.06450.
RUNNER_KERNEL layer_norm(const bf16* RUNNER_RESTRICT x, const bf16* RUNNER_RESTRICT weight,
                         const bf16* RUNNER_RESTRICT bias, bf16* RUNNER_RESTRICT y,
                         float* RUNNER_RESTRICT mean_inverse, int columns) {
  auto* const scratch = reinterpret_cast<float*>(shared_bytes());
  const auto row = static_cast<std::int64_t>(block_index());
  const int first = static_cast<int>(thread_index()) * kPerChunk;
  float sum = 0, squares = 0;
  for (int c = first; c < columns; c += kRowThreads * kPerChunk) {
    const Floats f = load(x + row * columns + c);
    for (int j = 0; j < kPerChunk; ++j) {
      sum += f.v[j];
    }
  }
  const float mean = over_block<Fold::Sum>(sum, scratch) / static_cast<float>(columns);
  for (int c = first; c < columns; c += kRowThreads * kPerChunk) {
    const Floats f = load(x + row * columns + c);
    for (int j = 0; j < kPerChunk; ++j) {
      squares += (f.v[j] - mean) * (f.v[j] - mean);
    }
  }
  squares = over_block<Fold::Sum>(squares, scratch);
  const float scale = reciprocal_sqrt(squares / static_cast<float>(columns) + kNormEpsilon);
  for (int c = first; c < columns; c += kRowThreads * kPerChunk) {
    Floats f = load(x + row * columns + c);
    const Floats w = load(weight + c), b = load(bias + c);
    for (int j = 0; j < kPerChunk; ++j) {
      f.v[j] = (f.v[j] - mean) * scale * w.v[j] + b.v[j];
    }
    store(y + row * columns + c, f);
  }
  if (thread_index() == 0) {
    mean_inverse[2 * row] = mean;
    mean_inverse[2 * row + 1] = scale;
  }
}

namespace detail {

struct RowMaximum {
  float largest, sum;  ///< sum of exp(x - largest)
};
/// One pass over the row. All threads get the result.
RUNNER_DEVICE RowMaximum softmax_sums(const bf16* row, int columns, float* scratch) {
  const int first = static_cast<int>(thread_index()) * kPerChunk;
  float largest = -1e30F, sum = 0;
  for (int c = first; c < columns; c += kRowThreads * kPerChunk) {
    const Floats f = load(row + c);
    float here = largest;
    for (int j = 0; j < kPerChunk; ++j) {
      here = fold<Fold::Largest>(here, f.v[j]);
    }
    sum *= exp_fast(largest - here);
    largest = here;
    for (int j = 0; j < kPerChunk; ++j) {
      sum += exp_fast(f.v[j] - largest);
    }
  }
  const float all = over_block<Fold::Largest>(largest, scratch);
  return {all, over_block<Fold::Sum>(sum * exp_fast(largest - all), scratch)};
}

}  // namespace detail

/// Over each row. Grid: rows.
RUNNER_KERNEL softmax(const bf16* RUNNER_RESTRICT x, bf16* RUNNER_RESTRICT y, int columns) {
  auto* const scratch = reinterpret_cast<float*>(shared_bytes());
  const auto row = static_cast<std::int64_t>(block_index());
  const auto sums = detail::softmax_sums(x + row * columns, columns, scratch);
  const float share = 1.0F / sums.sum;
  for (int c = static_cast<int>(thread_index()) * kPerChunk; c < columns;
       c += kRowThreads * kPerChunk) {
    Floats f = load(x + row * columns + c);
    for (int j = 0; j < kPerChunk; ++j) {
      f.v[j] = exp_fast(f.v[j] - sums.largest) * share;
    }
    store(y + row * columns + c, f);
  }
}

/// loss[row] = -log softmax(logits)[label]; the logits become their gradient times `scale`. Grid:
/// rows.
RUNNER_KERNEL cross_entropy(bf16* logits, const std::int32_t* RUNNER_RESTRICT label,
                            float* RUNNER_RESTRICT loss, float scale, int columns) {
  auto* const scratch = reinterpret_cast<float*>(shared_bytes());
  const auto row = static_cast<std::int64_t>(block_index());
  bf16* const mine = logits + row * columns;
  const auto sums = detail::softmax_sums(mine, columns, scratch);
  const int wanted = label[row];
  if (thread_index() == 0) {
    loss[row] = sums.largest + log_of(sums.sum) - to_float(mine[wanted]);
  }
  sync_block();  // the label's logit has been read
  const float share = 1.0F / sums.sum;
  for (int c = static_cast<int>(thread_index()) * kPerChunk; c < columns;
       c += kRowThreads * kPerChunk) {
    Floats f = load(mine + c);
    for (int j = 0; j < kPerChunk; ++j) {
      f.v[j] = (exp_fast(f.v[j] - sums.largest) * share - (c + j == wanted ? 1.0F : 0.0F)) * scale;
    }
    store(mine + c, f);
  }
}

struct AdamW {
  float rate, beta1, beta2, epsilon, decay;
  float correction1, correction2;  ///< 1 / (1 - beta^step)
};

/// fp32 weight and moments, bf16 gradient in, bf16 weight out. Source: Loshchilov and Hutter, arXiv
/// 1711.05101. `count` is a multiple of 8.
RUNNER_KERNEL adamw(float* RUNNER_RESTRICT weight, float* RUNNER_RESTRICT m,
                    float* RUNNER_RESTRICT v, const bf16* RUNNER_RESTRICT gradient,
                    bf16* RUNNER_RESTRICT weight_bf16, AdamW p, std::int64_t count) {
  for (std::int64_t i = detail::first_item(); i < count / kPerChunk; i += detail::item_step()) {
    const Floats g = load(gradient + i * kPerChunk);
    Floats out;
    for (int half = 0; half < 2; ++half) {
      Four* const weights = reinterpret_cast<Four*>(weight) + 2 * i + half;
      Four* const firsts = reinterpret_cast<Four*>(m) + 2 * i + half;
      Four* const seconds = reinterpret_cast<Four*>(v) + 2 * i + half;
      Four w = *weights, m1 = *firsts, m2 = *seconds;
      for (int j = 0; j < 4; ++j) {
        const float d = g.v[4 * half + j];
        m1.v[j] = p.beta1 * m1.v[j] + (1.0F - p.beta1) * d;
        m2.v[j] = p.beta2 * m2.v[j] + (1.0F - p.beta2) * d * d;
        const float step = m1.v[j] * p.correction1 / (sqrt_of(m2.v[j] * p.correction2) + p.epsilon);
        w.v[j] -= p.rate * (step + p.decay * w.v[j]);
        out.v[4 * half + j] = w.v[j];
      }
      *weights = w;
      *firsts = m1;
      *seconds = m2;
    }
    store(weight_bf16 + i * kPerChunk, out);
  }
}

}  // namespace real_runner
