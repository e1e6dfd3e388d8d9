// The closed form and the Monte Carlo of whole runs, against each other and against what can be
// worked out by hand.
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/run/goodput_closed_form.hpp"
#include "sim/run/goodput_monte_carlo.hpp"

namespace {

using sim::FailureEffect;
using sim::Interruption;
using sim::OnLoss;
using sim::RunModel;
using units::days;
using units::hours;
using units::seconds;
using units::Seconds;

units::PerSecond per_hour(double v) {
  return units::PerSecond::from_base(v / 3600.0);
}

/// 50 days of work, checkpoints of 30 s every 15 minutes, a stop every 3 hours that costs 4 minutes
/// and a restart of 6.
RunModel some_run() {
  RunModel m;
  m.work = days(50);
  m.checkpoint = {.stall = seconds(30), .durable_after = Seconds{}, .load = seconds(30)};
  m.interval = seconds(900);
  m.restart = seconds(360);
  m.interruptions = {{.rate = per_hour(1.0 / 3), .downtime = seconds(240)}};
  return m;
}

double mean_wall(const RunModel& m, int runs = 4000) {
  return sim::monte_carlo(m, {.seed = 3, .runs = runs}).mean.total().in(hours(1));
}

TEST(ExpectedRun, IsWorkAndStallsWhereNothingFails) {
  RunModel m = some_run();
  m.interruptions.clear();
  const auto r = sim::expected_run(m);
  EXPECT_NEAR(r.time.total().in(days(1)), 50.0 * 930 / 900, 1e-9);
  EXPECT_EQ(r.interruptions, 0);
  EXPECT_NEAR(mean_wall(m, 3), 24 * 50.0 * 930 / 900, 0.01);
}

// Daly 2006, equation 20 with downtime outside the restart: M exp(R/M) (exp((t + d)/M) - 1) W / t
// for downtime 0.
TEST(ExpectedRun, IsDalysWhereOnlyRestartsCost) {
  RunModel m = some_run();
  m.interruptions[0].downtime = Seconds{};
  const double mtti = 3 * 3600;
  const double daly = mtti * std::exp(360 / mtti) * std::expm1(930 / mtti) * m.work.base() / 900;
  EXPECT_NEAR(sim::expected_run(m).time.total().base(), daly, 1e-6 * daly);
}

TEST(ExpectedRun, PartsAddUpInBothWays) {
  const RunModel m = some_run();
  const auto expected = sim::expected_run(m);
  const auto drawn = sim::monte_carlo(m, {.seed = 1, .runs = 4000});
  const auto near = [](Seconds a, Seconds b, double share) {
    EXPECT_NEAR(a.base(), b.base(), share * b.base() + 1.0);
  };
  near(drawn.mean.checkpoint, expected.time.checkpoint, 0.01);
  near(drawn.mean.rework, expected.time.rework, 0.02);
  near(drawn.mean.downtime, expected.time.downtime, 0.02);
  near(drawn.mean.restart, expected.time.restart, 0.02);
  EXPECT_NEAR(drawn.interruptions, expected.interruptions, 0.01 * expected.interruptions);
}

struct Case {
  std::string what;
  RunModel model;
};

std::vector<Case> cases() {
  std::vector<Case> list{{"plain", some_run()}};
  const auto add = [&list](std::string what) -> RunModel& {
    list.push_back({std::move(what), some_run()});
    return list.back().model;
  };
  {
    RunModel& m = add("frequent");
    m.interruptions[0].rate = per_hour(1);
    m.interval = seconds(600);
  }
  {
    RunModel& m = add("asynchronous");
    m.checkpoint = {.stall = seconds(2), .durable_after = seconds(200), .load = seconds(30)};
    m.interval = seconds(400);
  }
  {
    RunModel& m = add("mixed");
    m.interruptions.push_back(
        {.rate = per_hour(1.0 / 24), .effect = FailureEffect::Planned, .downtime = seconds(600)});
    m.interruptions.push_back({.rate = per_hour(1.0 / 200),
                               .effect = FailureEffect::Corrupt,
                               .downtime = seconds(600),
                               .found_after = hours(2)});
    m.interruptions.push_back({.rate = per_hour(1.0 / 100),
                               .effect = FailureEffect::Slow,
                               .downtime = seconds(300),
                               .slowdown = 0.1,
                               .found_after = hours(3)});
  }
  {
    RunModel& m = add("spares");
    m.interruptions[0] = {
        .rate = per_hour(1.0 / 4), .downtime = seconds(300), .loses_node = true, .away = hours(24)};
    m.spares = 7;
  }
  {
    RunModel& m = add("no spares");
    m.interruptions[0] = {
        .rate = per_hour(1.0 / 48), .downtime = seconds(300), .loses_node = true, .away = hours(6)};
  }
  {
    RunModel& m = add("shrinks");
    m.interruptions[0] = {
        .rate = per_hour(1.0 / 4), .downtime = seconds(300), .loses_node = true, .away = hours(24)};
    m.spares = 2;
    m.on_loss = OnLoss::Shrink;
    m.replicas = 64;
    m.nodes_per_replica = 4;
  }
  return list;
}

TEST(Goodput, ClosedFormAndMonteCarloAgreeWithinOnePercent) {
  for (const Case& c : cases()) {
    const double closed = sim::expected_run(c.model).time.ettr();
    const double drawn = sim::monte_carlo(c.model, {.seed = 11, .runs = 3000}).ettr;
    EXPECT_NEAR(drawn, closed, 0.01 * closed) << c.what;
  }
}

TEST(MonteCarlo, DoesNotDependOnTheNumberOfThreads) {
  const RunModel m = cases()[3].model;
  const auto one = sim::monte_carlo(m, {.seed = 5, .runs = 501, .threads = 1});
  const auto many = sim::monte_carlo(m, {.seed = 5, .runs = 501, .threads = 7});
  EXPECT_EQ(one.mean.total(), many.mean.total());
  EXPECT_EQ(one.p5, many.p5);
  EXPECT_EQ(one.p95, many.p95);
  EXPECT_EQ(one.interruptions, many.interruptions);
  EXPECT_NE(one.p50, sim::monte_carlo(m, {.seed = 6, .runs = 501}).p50);
}

TEST(MonteCarlo, QuantilesAreInOrderAndAroundTheMean) {
  const auto s = sim::monte_carlo(some_run(), {.seed = 1, .runs = 2000});
  EXPECT_LT(s.p5, s.p50);
  EXPECT_LT(s.p50, s.p95);
  EXPECT_NEAR(s.p50 / s.mean.total(), 1.0, 0.01);
  EXPECT_EQ(s.unfinished, 0);
}

// A restart of three hours where something fails every 20 minutes: nobody gets anywhere.
TEST(MonteCarlo, GivesUpOnARunThatCannotEnd) {
  RunModel m = some_run();
  m.work = days(1);
  m.interruptions[0].rate = per_hour(3);
  m.restart = hours(3);
  const auto s = sim::monte_carlo(m, {.seed = 1, .runs = 10});
  EXPECT_EQ(s.unfinished, 10);
}

TEST(OptimalInterval, IsDalysForBlockingCheckpoints) {
  RunModel m = some_run();
  const Seconds best = sim::optimal_interval(m);
  const Seconds daly = sim::daly_interval(m.checkpoint.stall, hours(3));
  EXPECT_NEAR(best / daly, 1.0, 0.02);
  EXPECT_NEAR(best / sim::young_interval(m.checkpoint.stall, hours(3)), 1.0, 0.06);
  m.interval = best;
  const Seconds at_best = sim::expected_run(m).time.total();
  for (const double k : {0.8, 1.25}) {
    m.interval = k * best;
    EXPECT_GT(sim::expected_run(m).time.total(), at_best);
  }
}

TEST(OptimalInterval, WaitsForTheCheckpointBefore) {
  RunModel m = some_run();
  m.checkpoint = {.stall = seconds(0.5), .durable_after = hours(1), .load = seconds(30)};
  EXPECT_NEAR(sim::optimal_interval(m).in(hours(1)), 1.0, 0.01);
}

TEST(OptimalInterval, IsTheWholeRunWhereNothingFails) {
  RunModel m = some_run();
  m.interruptions.clear();
  EXPECT_NEAR(sim::optimal_interval(m).in(days(1)), 50.0, 0.1);
}

}  // namespace
