#include "sim/power/timeline_power.hpp"

#include <gtest/gtest.h>

#include "tests/sim/some_job.hpp"

namespace {

using sim::Part;
using sim::Span;
using sim::SpanKind;
using sim::Stream;
using units::seconds;
using units::watts;

/// 16 devices in two stages: stage 0 computes from 0 to 4 s, stage 1 from 1 to 5 s, then both
/// exchange for a second and update for half of one.
sim::Timeline two_stages() {
  sim::Timeline t;
  for (int stage = 0; stage < 2; ++stage) {
    const double at = stage;
    t.spans.push_back({.begin = seconds(at), .end = seconds(at + 4), .stage = stage});
    t.spans.push_back({.begin = seconds(5),
                       .end = seconds(6),
                       .stage = stage,
                       .stream = Stream::Network,
                       .kind = SpanKind::Collective,
                       .part = Part::DpComm});
    t.spans.push_back(
        {.begin = seconds(6), .end = seconds(6.5), .stage = stage, .kind = SpanKind::Optimizer});
  }
  return t;
}

sim::PartTimes only_gemm() {
  sim::PartTimes p;
  p[Part::Gemm] = seconds(4);
  return p;
}

double accelerator_watts(double share) {
  return 70 + share * 630;
}

TEST(PowerSeries, FollowsTheStages) {
  const auto cluster = sim::test::h100_cluster(16);
  const auto s = sim::power_series(cluster, two_stages(), only_gemm(), 2, seconds(6.5));
  const double fixed =
      sim::step_power(cluster, sim::PartTimes{}, seconds(1)).cluster.base() - 16 * 70;
  const auto near = [&](std::size_t i, double at, double first, double second) {
    EXPECT_NEAR(s.samples.at(i).at.in(seconds(1)), at, 1e-12);
    EXPECT_NEAR(s.samples.at(i).power.in(watts(1)),
                fixed + 8 * accelerator_watts(first) + 8 * accelerator_watts(second), 1e-6);
  };
  near(0, 0, 0.95, 0.12);
  near(1, 1, 0.95, 0.95);
  near(2, 4, 0.12, 0.95);
  near(3, 5, 0.36, 0.36);
  near(4, 6, 0.60, 0.60);
  EXPECT_EQ(s.peak, s.samples[1].power);
  EXPECT_EQ(s.trough, s.samples[3].power);
}

TEST(PowerSeries, HasTheEnergyOfItsSamplesAndTheSteepestRamp) {
  const auto cluster = sim::test::h100_cluster(16);
  const auto s = sim::power_series(cluster, two_stages(), only_gemm(), 2, seconds(6.5));
  double energy = 0;
  for (std::size_t i = 0; i < s.samples.size(); ++i) {
    const auto until = i + 1 < s.samples.size() ? s.samples[i + 1].at : s.end;
    energy += s.samples[i].power.base() * (until - s.samples[i].at).base();
  }
  EXPECT_NEAR(s.mean.base() * 6.5, energy, 1e-6 * energy);
  // Windows of 100 ms end where levels change: the largest change is that of a stage, 8 x 0.83 x
  // 630 W.
  EXPECT_NEAR(s.steepest_change.base(), 8 * 0.83 * 630, 1.0);
}

TEST(PowerSeries, IsLevelWhereNothingHappens) {
  const auto s = sim::power_series(sim::test::h100_cluster(16), {}, only_gemm(), 2, seconds(1));
  EXPECT_EQ(s.samples.size(), 1U);
  EXPECT_EQ(s.peak, s.trough);
  EXPECT_NEAR(s.steepest_change.base(), 0, 1e-6);
}

}  // namespace
