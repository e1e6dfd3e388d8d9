#include "calib/statistics.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace calib {
namespace {

TEST(Quantile, InterpolatesBetweenOrderStatistics) {
  // 1 2 3 4: position 0.9 * 3 = 2.7, so 3 + 0.7.
  EXPECT_DOUBLE_EQ(quantile({4, 2, 1, 3}, 0.9), 3.7);
  EXPECT_DOUBLE_EQ(quantile({4, 2, 1, 3}, 0.0), 1.0);
  EXPECT_DOUBLE_EQ(quantile({4, 2, 1, 3}, 1.0), 4.0);
}

TEST(Median, IsTheMiddleOrTheMeanOfTheTwoMiddles) {
  EXPECT_DOUBLE_EQ(median({5, 1, 3}), 3.0);
  EXPECT_DOUBLE_EQ(median({5, 1, 3, 4}), 3.5);
  EXPECT_DOUBLE_EQ(median({}), 0.0);
}

TEST(ResidualOf, TakesSizesForMagnitudesAndSignsForTheBias) {
  const std::vector<double> errors{-0.2, 0.1, 0.3};
  const Residual r = residual(errors);
  EXPECT_EQ(r.records, 3);
  EXPECT_DOUBLE_EQ(r.median, 0.2);
  EXPECT_DOUBLE_EQ(r.mean, 0.2);
  EXPECT_DOUBLE_EQ(r.max, 0.3);
  EXPECT_DOUBLE_EQ(r.p90, 0.2 + 0.8 * 0.1);
  EXPECT_NEAR(r.bias, 0.2 / 3, 1e-15);
}

TEST(ResidualOf, NothingIsAllZero) {
  EXPECT_EQ(residual({}).records, 0);
}

}  // namespace
}  // namespace calib
