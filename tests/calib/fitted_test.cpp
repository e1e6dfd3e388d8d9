#include "calib/fitted.hpp"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "calib/fit/covariance.hpp"

namespace calib {
namespace {

/// Measured / predicted is lognormal; its width grows with the time, and it leans high.
std::vector<HeldOut> some_held_out(int count) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  std::vector<HeldOut> held_out;
  for (int i = 0; i < count; ++i) {
    const double log_us = 8.0 * static_cast<double>(random()) / 4294967296.0;
    const double width = 0.02 + 0.02 * log_us;
    const units::Seconds predicted = units::microseconds(std::exp(log_us));
    held_out.push_back({.predicted = predicted,
                        .measured = predicted * std::exp(0.03 + width * normal(random)),
                        .group = i % 5});
  }
  return held_out;
}

TEST(Bands, HoldNinetyPercentOfWhatTheyHaveNotSeen) {
  EXPECT_NEAR(band_coverage(some_held_out(2000)), 0.90, 0.02);
  EXPECT_NEAR(band_coverage(some_held_out(300)), 0.90, 0.05);
}

TEST(Bands, AreWiderWhereErrorsAre) {
  const Bands bands = bands_from(some_held_out(2000));
  ASSERT_EQ(bands.size(), 6U);
  EXPECT_LT(bands.front().high - bands.front().low, bands.back().high - bands.back().low);
  EXPECT_GT(bands.front().high, 1.0);
  EXPECT_LT(bands.front().low, 1.0);
  // exp(0.03 + 1.645 width) at the width of the longest calls, 0.02 + 0.02 * 7.3.
  EXPECT_NEAR(bands.back().high, std::exp(0.03 + 1.645 * 0.166), 0.1);
}

TEST(Bands, FewRecordsMakeOneBandAndNoneMakeNone) {
  EXPECT_EQ(bands_from(some_held_out(100)).size(), 1U);
  EXPECT_TRUE(bands_from({}).empty());
  EXPECT_EQ(band_coverage({}), 0.0);
  EXPECT_EQ(band_of({}, "gemm bf16", units::seconds(1)).high, kUnknownBand.high);
}

TEST(Covariance, OfALineIsThatOfLeastSquares) {
  // y = a + b x with unit noise of 0.01 at x = 0..99: var(b) = s^2 / sum (x - mean)^2.
  std::mt19937 random(5);
  std::normal_distribution<double> normal(0.0, 0.01);
  std::vector<double> y;
  for (int x = 0; x < 100; ++x) {
    y.push_back(1.0 + 0.5 * x + normal(random));
  }
  const ResidualFunction line = [&y](std::span<const double> p, std::span<double> r) {
    for (std::size_t i = 0; i < y.size(); ++i) {
      r[i] = p[0] + p[1] * static_cast<double>(i) - y[i];
    }
  };
  const RobustFit fit = robust_least_squares(line, {0.0, 0.0}, 100, 1.0);
  const std::vector<double> covariance = robust_covariance(line, fit.x, 100, 1.0);
  EXPECT_NEAR(std::sqrt(covariance[3]), 0.01 / std::sqrt(83325.0), 0.2 * 0.01 / std::sqrt(83325.0));
  const FittedParameters named = fitted_parameters(
      {{.name = "a", .value = fit.x[0]}, {.name = "b", .value = fit.x[1]}}, covariance, 100);
  EXPECT_NEAR(named.correlation[1], -0.86, 0.05);  // -mean(x) / sqrt(mean(x^2))
}

}  // namespace
}  // namespace calib
