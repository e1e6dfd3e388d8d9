// The memory-bound kernels run thread by thread on the host and are compared with their formulas in
// double.
#include "real_runner/kernels/memory_kernels.cuh"

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace real_runner {
namespace {

constexpr int kRows = 3, kColumns = 2056;  // a thread of 256 has a second chunk
constexpr std::size_t kScratch = 32 * sizeof(float);
constexpr emulated::Grid kGrid{.x = kRows};
constexpr double kBf16 = 1.0 / 128;  // half an ulp is 1/256 relative; operands add theirs

struct Numbers {
  std::vector<bf16> data;
  explicit Numbers(std::size_t count, unsigned seed = 1) : data(count) {
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    for (bf16& x : data) {
      x = to_bf16(normal(generator));
    }
  }
  static Numbers unwritten(std::size_t count) {
    Numbers n(0);
    n.data.assign(count, bf16{0xFFFF});
    return n;
  }
  [[nodiscard]] double operator[](std::size_t i) const { return to_float(data[i]); }
  bf16* operator&() { return data.data(); }  // NOLINT(google-runtime-operator)
};

std::size_t at(int row, int column, int columns = kColumns) {
  return static_cast<std::size_t>(row * columns + column);
}

using Expected = std::function<double(int row, int column)>;

void expect_all(const Numbers& actual, const Expected& expected, int columns = kColumns) {
  for (int r = 0; r < kRows; ++r) {
    for (int c = 0; c < columns; ++c) {
      const double wanted = expected(r, c);
      ASSERT_NEAR(actual[at(r, c, columns)], wanted, kBf16 * std::max(std::abs(wanted), 0.02))
          << "row " << r << " column " << c;
    }
  }
}

struct Moments {
  double mean = 0, mean_square = 0;
};
Moments moments(const Numbers& x, int row) {
  Moments m;
  for (int c = 0; c < kColumns; ++c) {
    m.mean += x[at(row, c)] / kColumns;
    m.mean_square += x[at(row, c)] * x[at(row, c)] / kColumns;
  }
  return m;
}

constexpr std::size_t kCount = std::size_t{kRows} * kColumns;

TEST(MemoryKernels, RmsNormDividesByTheRootMeanSquare) {
  Numbers x(kCount), weight(kColumns, 2), y = Numbers::unwritten(kCount);
  std::vector<float> inverse(kRows, NAN);
  emulated::run(kGrid, kRowThreads, kScratch,
                [&] { rms_norm(&x, &weight, &y, inverse.data(), kColumns); });
  expect_all(y, [&](int r, int c) {
    return x[at(r, c)] / std::sqrt(moments(x, r).mean_square + kNormEpsilon) *
           weight[static_cast<std::size_t>(c)];
  });
}

TEST(MemoryKernels, RmsNormBackwardIsTheDerivative) {
  Numbers x(kCount), weight(kColumns, 2), d_y(kCount, 3), d_x = Numbers::unwritten(kCount);
  std::vector<float> inverse(kRows), d_weight(kColumns, 0.0F);
  for (int r = 0; r < kRows; ++r) {
    inverse[static_cast<std::size_t>(r)] =
        static_cast<float>(1 / std::sqrt(moments(x, r).mean_square + kNormEpsilon));
  }
  emulated::run({.x = 2}, kRowThreads, rms_norm_backward_shared_bytes(kColumns), [&] {
    rms_norm_backward(&x, &weight, inverse.data(), &d_y, &d_x, d_weight.data(), kRows, kColumns);
  });
  std::vector<double> product(kRows, 0);
  for (int r = 0; r < kRows; ++r) {
    for (int c = 0; c < kColumns; ++c) {
      product[static_cast<std::size_t>(r)] +=
          weight[static_cast<std::size_t>(c)] * d_y[at(r, c)] * x[at(r, c)];
    }
  }
  expect_all(d_x, [&](int r, int c) {
    const double s = inverse[static_cast<std::size_t>(r)];
    return s * (weight[static_cast<std::size_t>(c)] * d_y[at(r, c)] -
                x[at(r, c)] * s * s * product[static_cast<std::size_t>(r)] / kColumns);
  });
  for (int c = 0; c < kColumns; ++c) {
    double wanted = 0;
    for (int r = 0; r < kRows; ++r) {
      wanted +=
          d_y[at(r, c)] * x[at(r, c)] * static_cast<double>(inverse[static_cast<std::size_t>(r)]);
    }
    ASSERT_NEAR(d_weight[static_cast<std::size_t>(c)], wanted, 1e-4);
  }
}

TEST(MemoryKernels, LayerNormHasMeanAndDeviationOfTheRow) {
  Numbers x(kCount), weight(kColumns, 2), bias(kColumns, 3), y = Numbers::unwritten(kCount);
  std::vector<float> kept(2 * kRows, NAN);
  emulated::run(kGrid, kRowThreads, kScratch,
                [&] { layer_norm(&x, &weight, &bias, &y, kept.data(), kColumns); });
  expect_all(y, [&](int r, int c) {
    const Moments m = moments(x, r);
    const double deviation = std::sqrt(m.mean_square - m.mean * m.mean + kNormEpsilon);
    const auto column = static_cast<std::size_t>(c);
    return (x[at(r, c)] - m.mean) / deviation * weight[column] + bias[column];
  });
}

double log_sum_exp(const Numbers& x, int row, int columns = kColumns) {
  double sum = 0;
  for (int c = 0; c < columns; ++c) {
    sum += std::exp(x[at(row, c, columns)]);
  }
  return std::log(sum);
}

TEST(MemoryKernels, SoftmaxAddsUpToOne) {
  Numbers x(kCount), y = Numbers::unwritten(kCount);
  emulated::run(kGrid, kRowThreads, kScratch, [&] { softmax(&x, &y, kColumns); });
  double sum = 0;
  for (int c = 0; c < kColumns; ++c) {
    sum += y[at(1, c)];
    ASSERT_NEAR(y[at(1, c)], std::exp(x[at(1, c)] - log_sum_exp(x, 1)), kBf16 * 0.01);
  }
  EXPECT_NEAR(sum, 1, 0.01);
}

TEST(MemoryKernels, CrossEntropyGivesLossAndGradient) {
  Numbers logits(kCount);
  const Numbers before = logits;
  const std::vector<std::int32_t> label{0, 2055, 77};
  std::vector<float> loss(kRows, NAN);
  emulated::run(kGrid, kRowThreads, kScratch,
                [&] { cross_entropy(&logits, label.data(), loss.data(), 2.0F, kColumns); });
  for (int r = 0; r < kRows; ++r) {
    const auto row = static_cast<std::size_t>(r);
    EXPECT_NEAR(loss[row], log_sum_exp(before, r) - before[at(r, label[row])], 1e-3);
  }
  expect_all(logits, [&](int r, int c) {
    const double hit = label[static_cast<std::size_t>(r)] == c ? 1 : 0;
    return 2 * (std::exp(before[at(r, c)] - log_sum_exp(before, r)) - hit);
  });
}

double silu(double x) {
  return x / (1 + std::exp(-x));
}

TEST(MemoryKernels, SwigluGatesItsSecondHalf) {
  Numbers x(2 * kCount), y = Numbers::unwritten(kCount);
  emulated::run({.x = 2}, kRowThreads, 0, [&] { swiglu(&x, &y, kRows, kColumns); });
  expect_all(y, [&](int r, int c) {
    return silu(x[at(r, c, 2 * kColumns)]) * x[at(r, c + kColumns, 2 * kColumns)];
  });
}

TEST(MemoryKernels, SwigluBackwardIsTheDerivative) {
  Numbers x(2 * kCount), d_y(kCount, 2), d_x = Numbers::unwritten(2 * kCount);
  emulated::run({.x = 2}, kRowThreads, 0,
                [&] { swiglu_backward(&x, &d_y, &d_x, kRows, kColumns); });
  const int wide = 2 * kColumns;
  expect_all(
      d_x,
      [&](int r, int c) {
        constexpr double kStep = 1e-5;
        if (c >= kColumns) {
          return d_y[at(r, c - kColumns)] * silu(x[at(r, c - kColumns, wide)]);
        }
        const double gate = x[at(r, c, wide)];
        const double slope = (silu(gate + kStep) - silu(gate - kStep)) / (2 * kStep);
        return d_y[at(r, c)] * x[at(r, c + kColumns, wide)] * slope;
      },
      wide);
}

TEST(MemoryKernels, GeluIsTheExactOne) {
  Numbers x(kCount), y = Numbers::unwritten(kCount);
  emulated::run({.x = 2}, kRowThreads, 0, [&] { gelu(&x, &y, kCount); });
  expect_all(y, [&](int r, int c) {
    return x[at(r, c)] * 0.5 * std::erfc(-x[at(r, c)] / std::sqrt(2.0));
  });
}

TEST(MemoryKernels, DropoutKeepsNineTenthsAndSaysWhich) {
  Numbers x(kCount), residual(kCount, 2), y = Numbers::unwritten(kCount);
  std::vector<std::uint64_t> mask(kCount / kPerChunk);
  emulated::run({.x = 2}, kRowThreads, 0,
                [&] { dropout_add(&x, &residual, &y, mask.data(), 7, kCount); });
  double kept = 0;
  expect_all(y, [&](int r, int c) {
    const std::size_t i = at(r, c);
    const bool keep = (mask[i / kPerChunk] >> (8 * (i % kPerChunk)) & 0xFFU) != 0;
    kept += keep ? 1 : 0;
    return residual[i] + (keep ? x[i] * 256 / 230 : 0);
  });
  EXPECT_NEAR(kept / kCount, 230.0 / 256, 0.02);
}

TEST(MemoryKernels, GatherTakesTheRowsThatTheIndexNames) {
  constexpr int kTable = 5;
  Numbers table(std::size_t{kTable} * kColumns), y = Numbers::unwritten(kCount);
  const std::vector<std::int32_t> index{4, 0, 4};
  emulated::run(kGrid, kRowThreads, 0, [&] { gather_rows(&table, index.data(), &y, kColumns); });
  expect_all(y, [&](int r, int c) { return table[at(index[static_cast<std::size_t>(r)], c)]; });
  Numbers sums = Numbers::unwritten(std::size_t{kTable} * kColumns);
  for (bf16& s : sums.data) {
    s = to_bf16(0);
  }
  emulated::run(kGrid, kRowThreads, 0,
                [&] { scatter_add_rows(&y, index.data(), &sums, kColumns); });
  EXPECT_EQ(sums[at(0, 9)], table[at(0, 9)]);
  EXPECT_NEAR(sums[at(4, 9)], 2 * table[at(4, 9)], kBf16);
  EXPECT_EQ(sums[at(1, 9)], 0);
}

TEST(MemoryKernels, PermutationNamesEveryRowOnce) {
  std::vector<std::int32_t> index(4096, -1);
  emulated::run({.x = 2}, 64, 0, [&] { fill_indices(index.data(), 4096, 4096, 1, 1021); });
  EXPECT_EQ(std::set<std::int32_t>(index.begin(), index.end()).size(), index.size());
}

TEST(MemoryKernels, RandomNumbersHaveTheDeviationAskedFor) {
  std::vector<float> x(20000);
  emulated::run({.x = 4}, 64, 0, [&] { fill_random_fp32(x.data(), 20000, 3, 2.0F); });
  double mean = 0, square = 0;
  for (const float v : x) {
    mean += v / 20000.0;
    square += static_cast<double>(v) * v / 20000;
  }
  EXPECT_NEAR(mean, 0, 0.05);  // 3.5 standard errors
  EXPECT_NEAR(std::sqrt(square), 2, 0.05);
}

TEST(MemoryKernels, AdamwTakesTheStepOfThePaper) {
  constexpr std::size_t kFew = 4096;
  Numbers gradient(kFew), out = Numbers::unwritten(kFew);
  std::vector<float> weight(kFew, 0.5F), m(kFew, 0.1F), v(kFew, 0.2F);
  const AdamW p{.rate = 0.01F,
                .beta1 = 0.9F,
                .beta2 = 0.95F,
                .epsilon = 1e-8F,
                .decay = 0.1F,
                .correction1 = 2.0F,
                .correction2 = 3.0F};
  emulated::run({.x = 2}, kRowThreads, 0, [&] {
    adamw(weight.data(), m.data(), v.data(), &gradient, &out, p, static_cast<std::int64_t>(kFew));
  });
  for (std::size_t i = 0; i < kFew; ++i) {
    const double m1 = 0.9 * 0.1 + 0.1 * gradient[i],
                 m2 = 0.95 * 0.2 + 0.05 * gradient[i] * gradient[i];
    const double wanted = 0.5 - 0.01 * (m1 * 2 / (std::sqrt(m2 * 3) + 1e-8) + 0.1 * 0.5);
    ASSERT_NEAR(weight[i], wanted, 1e-6);
    ASSERT_NEAR(out[i], wanted, kBf16 * 0.5);
    ASSERT_NEAR(m[i], m1, 1e-6);
    ASSERT_NEAR(v[i], m2, 1e-6);
  }
}

TEST(MemoryKernels, TriadCopyAndAddTouchEveryElement) {
  constexpr std::int64_t kFours = 1000;
  std::vector<Four> a(kFours), b(kFours, Four{{1, 2, 3, 4}}), c(kFours, Four{{10, 20, 30, 40}});
  emulated::run({.x = 2}, 64, 0, [&] { triad(a.data(), b.data(), c.data(), 2.0F, kFours); });
  for (const Four& x : a) {
    ASSERT_EQ(x.v[3], 84);
  }
  std::vector<Chunk> from(kFours, Chunk{{1, 2, 3, 4}}), to(kFours);
  emulated::run({.x = 2}, 64, 0, [&] { copy_chunks(from.data(), to.data(), kFours); });
  for (const Chunk& x : to) {
    ASSERT_EQ(x.words[3], 4U);
  }
  Numbers x(kCount), r(kCount, 2), y = Numbers::unwritten(kCount);
  emulated::run({.x = 2}, 64, 0, [&] { add(&x, &r, &y, kCount); });
  expect_all(y, [&](int row, int column) { return x[at(row, column)] + r[at(row, column)]; });
}

}  // namespace
}  // namespace real_runner
