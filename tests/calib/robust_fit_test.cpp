// Robust least squares on problems with a known answer.
#include <cmath>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "calib/fit/robust.hpp"

namespace {

TEST(RobustFit, FindsALineThroughPoints) {
  const auto residuals = [](std::span<const double> x, std::span<double> r) {
    for (std::size_t i = 0; i < r.size(); ++i) {
      const double t = static_cast<double>(i);
      r[i] = x[0] + x[1] * t - (3.0 - 0.5 * t);
    }
  };
  const calib::RobustFit fit = calib::robust_least_squares(residuals, {0.0, 0.0}, 10, 0.1);
  EXPECT_NEAR(fit.x[0], 3.0, 1e-3);
  EXPECT_NEAR(fit.x[1], -0.5, 1e-3);
}

TEST(RobustFit, DoesNotFollowAWildPoint) {
  const auto residuals = [](std::span<const double> x, std::span<double> r) {
    for (std::size_t i = 0; i < r.size(); ++i) {
      r[i] = x[0] - (i == 0 ? 100.0 : 1.0);
    }
  };
  // The mean would be 10.9; the median is 1.
  EXPECT_NEAR(calib::robust_least_squares(residuals, {5.0}, 10, 0.01).x[0], 1.0, 0.01);
}

TEST(RobustFit, GivesTheSameAnswerTwice) {
  const auto residuals = [](std::span<const double> x, std::span<double> r) {
    for (std::size_t i = 0; i < r.size(); ++i) {
      r[i] = std::exp(x[0]) * static_cast<double>(i) - 2.0 * static_cast<double>(i) - 0.01;
    }
  };
  EXPECT_EQ(calib::robust_least_squares(residuals, {0.0}, 8, 0.1).x,
            calib::robust_least_squares(residuals, {0.0}, 8, 0.1).x);
}

}  // namespace
