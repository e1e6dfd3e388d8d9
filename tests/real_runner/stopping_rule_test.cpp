#include "real_runner/stopping_rule.hpp"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace real_runner {
namespace {

using units::microseconds;
using units::milliseconds;
using units::seconds;
using units::Seconds;

TEST(Statistics, MedianAndPercentilesInterpolateBetweenSamples) {
  const std::vector<Seconds> samples{seconds(4), seconds(1), seconds(3), seconds(2), seconds(5)};
  const Statistics s = statistics_of(samples);
  EXPECT_DOUBLE_EQ(s.median.base(), 3);
  EXPECT_DOUBLE_EQ(s.low.base(), 1.2);  // 5 % of the way through 4 gaps, as numpy.percentile
  EXPECT_DOUBLE_EQ(s.high.base(), 4.8);
  EXPECT_EQ(s.samples, 5);
}

TEST(Statistics, NoiseOfTheMedianIsThatOfRepeatedExperiments) {
  // The standard error of the median of n normal numbers is 1.2533 sigma / sqrt(n) (large n).
  std::mt19937 generator(1);
  std::normal_distribution<double> normal(1.0, 0.05);
  constexpr int kSamples = 100, kExperiments = 400;
  double mean_noise = 0;
  for (int e = 0; e < kExperiments; ++e) {
    std::vector<Seconds> samples;
    for (int i = 0; i < kSamples; ++i) {
      samples.push_back(seconds(normal(generator)));
    }
    mean_noise += statistics_of(samples).noise.value() / kExperiments;
  }
  EXPECT_NEAR(mean_noise, 1.2533 * 0.05 / std::sqrt(double{kSamples}), 0.001);
}

TEST(Statistics, NoiseNeedsFourSamples) {
  const std::vector<Seconds> three(3, seconds(1)), four(4, seconds(1));
  EXPECT_FALSE(statistics_of(three).noise);
  EXPECT_DOUBLE_EQ(statistics_of(four).noise.value(), 0);
}

SamplingPolicy policy() {
  return {.noise_goal = 0.01,
          .min_samples = 10,
          .max_samples = 50,
          .min_time = milliseconds(20),
          .max_time = seconds(1)};
}

TEST(StoppingRule, StopsOnceQuietAndNotBeforeItsLeastSamplesAndTime) {
  StoppingRule rule(policy());
  for (int i = 0; i < 19; ++i) {
    rule.add(microseconds(100), milliseconds(1));
    ASSERT_FALSE(rule.done()) << i;  // quiet from the fourth, but 20 ms are wanted
  }
  rule.add(microseconds(100), milliseconds(1.001));
  EXPECT_TRUE(rule.done());
  EXPECT_TRUE(rule.quiet());
}

TEST(StoppingRule, GivesUpOnNoiseAtTheLargestNumberOfSamples) {
  StoppingRule rule(policy());
  for (int i = 0; i < 49; ++i) {
    rule.add(microseconds(i % 2 == 0 ? 100 : 200), milliseconds(1));
    ASSERT_FALSE(rule.done());
  }
  rule.add(microseconds(100), milliseconds(1));
  EXPECT_TRUE(rule.done());
  EXPECT_FALSE(rule.quiet());
}

TEST(StoppingRule, GivesUpWhenTheTimeIsSpent) {
  StoppingRule rule(policy());
  rule.add(seconds(0.6), seconds(0.6));
  EXPECT_FALSE(rule.done());
  rule.add(seconds(0.6), seconds(0.6));
  EXPECT_TRUE(rule.done());
}

TEST(Repeats, MakeASampleOfAMillisecond) {
  const SamplingPolicy p;
  EXPECT_EQ(repeats_in_sample(microseconds(10), p), 100);
  EXPECT_EQ(repeats_in_sample(milliseconds(3), p), 1);
  EXPECT_EQ(repeats_in_sample(microseconds(0.1), p), p.max_repeats);
  EXPECT_EQ(repeats_in_sample(Seconds{}, p), p.max_repeats);
}

}  // namespace
}  // namespace real_runner
