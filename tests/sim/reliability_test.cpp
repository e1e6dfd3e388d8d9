#include "sim/run/reliability.hpp"

#include <gtest/gtest.h>

#include "sim/run/run_model.hpp"

namespace {

using sim::FailureEffect;
using sim::FailureKind;
using sim::FailurePer;
using units::hours;
using units::per_year;
using units::seconds;
using units::years;

std::vector<FailureKind> some_kinds() {
  return {{.component = "gpu",
           .per = FailurePer::Accelerator,
           .rate = per_year(0.06),
           .loses_node = true,
           .away = hours(48)},
          {.component = "link", .per = FailurePer::Link, .rate = per_year(0.01), .hits_job = 0.5},
          {.component = "maintenance",
           .per = FailurePer::Job,
           .rate = per_year(12),
           .effect = FailureEffect::Planned}};
}

TEST(JobFailures, AreRatesTimesUnits) {
  const auto list =
      sim::job_failures(some_kinds(), {.accelerators = 1000, .nodes = 125, .links = 3000});
  EXPECT_NEAR(list[0].rate * years(1), 60, 1e-9);
  EXPECT_NEAR(list[1].rate * years(1), 15, 1e-9);
  EXPECT_NEAR(list[2].rate * years(1), 12, 1e-9);
  EXPECT_NEAR(sim::interruption_rate(list, sim::Planned::Without) * years(1), 75, 1e-9);
  EXPECT_NEAR(sim::interruption_rate(list, sim::Planned::With) * years(1), 87, 1e-9);
  EXPECT_NEAR(sim::node_loss_rate(list, 125) * years(1), 60.0 / 125, 1e-9);
}

TEST(Interruptions, CostDetectionDiagnosisAndSwap) {
  const sim::Recovery r{.detection = seconds(100),
                        .diagnosis = seconds(10),
                        .hot_swap = seconds(1),
                        .cold_boot = seconds(600),
                        .restart = seconds(300)};
  const auto list = sim::job_failures(some_kinds(), {.accelerators = 1000, .links = 10});
  const auto hot = sim::interruptions(list, r, sim::Spares::Hot, {});
  const auto cold = sim::interruptions(list, r, sim::Spares::Cold, {});
  EXPECT_EQ(hot[0].downtime, seconds(111));
  EXPECT_EQ(cold[0].downtime, seconds(710));
  EXPECT_EQ(hot[1].downtime, seconds(110));  // restarts in place
  EXPECT_EQ(hot[2].downtime, seconds(0));
}

TEST(Interruptions, NoticeTooShortForACheckpointIsNoNotice) {
  const std::vector<FailureKind> spot{{.component = "spot",
                                       .per = FailurePer::Node,
                                       .rate = per_year(2),
                                       .effect = FailureEffect::Preempt,
                                       .loses_node = true,
                                       .notice = seconds(120),
                                       .away = hours(1)}};
  const auto list = sim::job_failures(spot, {.nodes = 64});
  const auto effect = [&list](double write) {
    return sim::interruptions(list, {}, sim::Spares::Hot, {.stall = seconds(write)})[0].effect;
  };
  EXPECT_EQ(effect(119), FailureEffect::Preempt);
  EXPECT_EQ(effect(121), FailureEffect::Stop);
}

TEST(FailureNames, GoBothWays) {
  for (const auto per : {FailurePer::Accelerator, FailurePer::Node, FailurePer::Nic,
                         FailurePer::Link, FailurePer::Switch, FailurePer::Job}) {
    EXPECT_EQ(sim::failure_per_from_name(sim::name(per)), per);
  }
  for (const auto effect : {FailureEffect::Stop, FailureEffect::Slow, FailureEffect::Corrupt,
                            FailureEffect::Planned, FailureEffect::Preempt}) {
    EXPECT_EQ(sim::failure_effect_from_name(sim::name(effect)), effect);
  }
}

}  // namespace
