#include "sim/run/energy.hpp"

#include <gtest/gtest.h>

#include "sim/power/sustained_clock.hpp"
#include "sim/power/trace.hpp"

#include "tests/sim/some_job.hpp"

namespace {

using sim::Part;
using units::seconds;
using units::watts;

sim::PartTimes some_parts() {
  sim::PartTimes p;
  p[Part::Gemm] = seconds(3);
  p[Part::TpComm] = seconds(0.5);
  p[Part::DpComm] = seconds(0.4);
  p[Part::Optimizer] = seconds(0.1);
  return p;
}

TEST(PowerTrace, AveragesToTheStepsPower) {
  const auto cluster = sim::test::h100_cluster(1024);
  const auto trace = sim::power_trace(cluster, some_parts(), seconds(4));
  units::Joules sum;
  units::Seconds time;
  for (const auto& phase : trace.phases) {
    sum += phase.power * phase.duration;
    time += phase.duration;
  }
  EXPECT_NEAR(time.in(seconds(1)), 4.0, 1e-12);
  EXPECT_NEAR(sum / time / trace.mean, 1.0, 1e-9);
  EXPECT_NEAR(sim::step_power(cluster, some_parts(), seconds(4)).cluster / trace.mean, 1.0, 1e-12);
}

// All 1,024 devices fall together from 0.866 to 0.36 of their range: 1024 x 0.506 x 630 W.
TEST(PowerTrace, ShowsTheSynchronousSwing) {
  const auto trace = sim::power_trace(sim::test::h100_cluster(1024), some_parts(), seconds(4));
  const double high = (3 * 0.95 + 0.5 * 0.36) / 3.5;
  EXPECT_NEAR(trace.swing().in(watts(1)), 1024 * (high - 0.36) * 630, 100);
  EXPECT_EQ(trace.phases.front().what, "micro-batches");
  EXPECT_EQ(trace.within, sim::kPowerResponse);
  EXPECT_GT(trace.steepest_change, watts(0));
}

// 10 to 15 % of the speed is lost at 70 % of the TDP (POLCA and vendors' guides, H100 GEMM).
TEST(CappedSpeed, LosesTenToFifteenPercentAtSeventyPercent) {
  const auto h100 = sim::test::h100();
  const double speed = sim::capped_speed(h100, 0.7 * h100.tdp);
  EXPECT_GT(speed, 0.85);
  EXPECT_LT(speed, 0.90);
  EXPECT_EQ(sim::capped_speed(h100, h100.tdp), 1.0);
  EXPECT_EQ(sim::capped_speed(h100, h100.idle_power), 0.0);
}

TEST(RunEnergy, IsTheStepsEnergyWhereNothingGoesWrong) {
  const auto cluster = sim::test::h100_cluster(64);
  const auto power = sim::step_power(cluster, some_parts(), seconds(4));
  sim::RunTime time;
  time.work = seconds(4000);
  sim::Grid grid;
  grid.carbon_kg_per_kwh = 0.4;
  grid.price = units::usd(0.1) / units::kilowatt_hours(1);
  const auto e = sim::run_energy(cluster, power, seconds(4), time, 1e6, 0, 1.25, grid);
  EXPECT_NEAR(e.run.it / (1000.0 * power.energy), 1.0, 1e-12);
  EXPECT_NEAR(e.run.meter / e.run.it, 1.25, 1e-12);
  EXPECT_LT(e.run.devices, e.run.it);
  const double kwh = e.run.meter.in(units::kilowatt_hours(1));
  EXPECT_NEAR(e.carbon_kg, 0.4 * kwh, 1e-9);
  EXPECT_NEAR(e.price.base(), 0.1 * kwh, 1e-9);
  EXPECT_NEAR(e.mean / power.cluster, 1.0, 1e-12);
}

TEST(RunEnergy, IdlesWhileTheJobIsDown) {
  const auto cluster = sim::test::h100_cluster(64);
  const auto power = sim::step_power(cluster, some_parts(), seconds(4));
  sim::RunTime time;
  time.work = seconds(4000);
  time.downtime = seconds(1000);
  const auto e = sim::run_energy(cluster, power, seconds(4), time, 1e6, 1, 1.0, {});
  const double idle = 64 * 70 + 8 * 1500 + power.network.base() + 8 * 70 + 1500;
  EXPECT_NEAR(e.run.it.base(), power.cluster.base() * 4000 + idle * 1000 + 4000 * (8 * 70 + 1500),
              1);
}

}  // namespace
