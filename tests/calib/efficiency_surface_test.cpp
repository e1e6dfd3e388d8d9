#include "calib/efficiency_surface.hpp"

#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "calib/fit/efficiency_surface.hpp"
#include "calib/gemm_model.hpp"

#include "some_profile.hpp"

namespace calib {
namespace {

/// Octaves 4 to 8 of m, 5 to 7 of n, 6 to 9 of k; log factor 0.1 m + 0.01 n - 0.001 k, of octaves.
EfficiencySurface plane() {
  EfficiencySurface s{.first = {4, 5, 6}, .count = {5, 3, 4}, .log_time = {}};
  for (int m = 4; m <= 8; ++m) {
    for (int n = 5; n <= 7; ++n) {
      for (int k = 6; k <= 9; ++k) {
        s.log_time.push_back(0.1 * m + 0.01 * n - 0.001 * k);
      }
    }
  }
  return s;
}

TEST(EfficiencySurface, IsLinearBetweenOctaves) {
  EXPECT_NEAR(plane().factor({16, 32, 64, 1}), std::exp(0.4 + 0.05 - 0.006), 1e-12);
  EXPECT_NEAR(plane().factor({256, 128, 512, 1}), std::exp(0.8 + 0.07 - 0.009), 1e-12);
  const double m = std::log2(100), n = std::log2(50), k = std::log2(300);
  EXPECT_NEAR(plane().factor({100, 50, 300, 1}), std::exp(0.1 * m + 0.01 * n - 0.001 * k), 1e-12);
}

TEST(EfficiencySurface, TakesItsEdgeOutside) {
  EXPECT_NEAR(plane().factor({1, 1, 1, 1}), plane().factor({16, 32, 64, 1}), 1e-12);
  EXPECT_NEAR(plane().factor({1 << 20, 1 << 20, 1 << 20, 1}), plane().factor({256, 128, 512, 1}),
              1e-12);
}

TEST(EfficiencySurface, NoProductIsFasterThanThePeak) {
  EfficiencySurface fast = plane();
  fast.log_time.assign(fast.log_time.size(), std::log(0.01));
  GemmCoefficients c;
  c.surface = std::make_shared<const EfficiencySurface>(fast);
  const GemmShape shape{8192, 8192, 8192, 1};
  EXPECT_DOUBLE_EQ(product_time(c, some_device(), shape).base(),
                   2.0 * std::pow(8192.0, 3) / some_device().peak.base());
}

/// Records of a device whose library is 30 % slower around n = 1024 than the model says.
struct Bump {
  std::vector<GemmRecord> records;
  std::vector<double> errors;
};
Bump bump(double noise) {
  std::mt19937 random(3);
  Bump b;
  for (std::int64_t m = 16; m <= 16384; m *= 2) {
    for (std::int64_t n = 64; n <= 16384; n += n / 2) {
      for (std::int64_t k = 64; k <= 16384; k *= 2) {
        GemmRecord r;
        r.shape = {m, n, k, 1};
        r.time = units::microseconds(10);
        const double off = std::log2(static_cast<double>(n)) - 10.0;
        const double wobble = noise * (static_cast<double>(random() % 2001) / 1000.0 - 1.0);
        b.records.push_back(r);
        b.errors.push_back(0.3 * std::exp(-off * off / 4.0) + wobble);
      }
    }
  }
  return b;
}

TEST(EfficiencySurface, FindsASmoothRemainderUnderNoiseAndWildRecords) {
  Bump b = bump(0.05);
  for (std::size_t i = 0; i < b.errors.size(); i += 20) {
    b.errors[i] += 1.5;
  }
  const EfficiencySurface s = fit_efficiency_surface(b.records, b.errors);
  EXPECT_NEAR(std::log(s.factor({1024, 1024, 1024, 1})), 0.3, 0.04);
  // The only record at this corner is wild: a tenth of its error comes through.
  EXPECT_NEAR(std::log(s.factor({1024, 64, 1024, 1})), 0.0, 0.16);
  EXPECT_NEAR(std::log(s.factor({1024, 96, 1024, 1})), 0.0, 0.09);
  EXPECT_NEAR(std::log(s.factor({700, 1500, 3000, 1})),
              0.3 * std::exp(-std::pow(std::log2(1500) - 10, 2) / 4), 0.05);
}

TEST(EfficiencySurface, IsFlatWhereNothingIsLeftOver) {
  Bump b = bump(0.0);
  b.errors.assign(b.errors.size(), 0.0);
  for (const double x : fit_efficiency_surface(b.records, b.errors).log_time) {
    EXPECT_EQ(x, 0.0);
  }
}

}  // namespace
}  // namespace calib
