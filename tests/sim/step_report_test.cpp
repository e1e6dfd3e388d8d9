#include "sim/report/step_report.hpp"

#include <gtest/gtest.h>

#include "sim/engine/closed_form.hpp"
#include "sim/step/build.hpp"
#include "sim/step/layer_times.hpp"

#include "some_job.hpp"

namespace sim {
namespace {

const test::H100Profiles& profiles() {
  static const test::H100Profiles kProfiles;
  return kProfiles;
}
StepTime closed(const TrainingJob& j) {
  return closed_form(build_step(j, profiles().view()));
}
StepReport report(const TrainingJob& j) {
  const StepGraph graph = build_step(j, profiles().view());
  return step_report(j, graph, closed_form(graph), profiles().view());
}

TEST(StepReport, WaterfallEndsAtTheAchievedRate) {
  const StepReport r = report(test::job(test::small_llama(), {.tp = 8, .pp = 2, .dp = 2}));
  ASSERT_FALSE(r.waterfall.empty());
  EXPECT_NEAR(r.waterfall.back().left / r.model_flops_rate, 1.0, 1e-9);
  units::FlopsPerSecond lost;
  for (const WaterfallStep& s : r.waterfall) {
    lost += s.lost;
  }
  EXPECT_NEAR((r.peak - lost) / r.model_flops_rate, 1.0, 1e-9);
}

TEST(StepReport, BoundsEncloseTheValue) {
  const StepReport r = report(test::job(test::small_llama(), {.dp = 8}));
  EXPECT_LT(r.step.low, r.step.value);
  EXPECT_GT(r.step.high, r.step.value);
  EXPECT_LT(r.mfu.low, r.mfu.value);
}

TEST(StepReport, HfuIsMfuWithoutRecomputationAndMoreWithIt) {
  TrainingJob j = test::job(test::small_llama(), {.dp = 8});
  EXPECT_DOUBLE_EQ(report(j).hfu, report(j).mfu.value);
  j.training.recompute = Recompute::Full;
  EXPECT_GT(report(j).hfu, 1.2 * report(j).mfu.value);
}

TEST(StepPower, LiesBetweenIdleAndTheCap) {
  const TrainingJob j = test::job(test::small_llama(), {.dp = 16});
  const StepReport r = report(j);
  EXPECT_GT(r.power.accelerator, j.cluster.accelerator.idle_power);
  EXPECT_LT(r.power.accelerator, j.cluster.accelerator.tdp);
  EXPECT_NEAR(r.power.energy / (r.power.cluster * r.step.value), 1.0, 1e-12);
}

TEST(StepTime, MoreMicroBatchesCostTheirWorkAndSpreadTheBubble) {
  TrainingJob j = test::job(test::small_llama(), {.tp = 8, .pp = 4, .dp = 2});
  const StepTime few = closed(j);
  j.training.global_batch *= 4;
  const StepTime many = closed(j);
  EXPECT_LT(many.step, 4.0 * few.step);
  EXPECT_LT(many.parts[Part::Bubble] / many.step, few.parts[Part::Bubble] / few.step);
}

TEST(StepTime, InterleavingShrinksTheBubble) {
  const TrainingJob plain = test::job(test::small_llama(), {.tp = 8, .pp = 4, .dp = 2});
  const TrainingJob interleaved =
      test::job(test::small_llama(), {.tp = 8, .pp = 4, .virtual_stages = 4, .dp = 2});
  EXPECT_LT(closed(interleaved).parts[Part::Bubble], closed(plain).parts[Part::Bubble]);
}

TEST(StepTime, SlowerNetworkIsNeverFaster) {
  TrainingJob j = test::job(test::small_llama(), {.dp = 32, .sharding = Sharding::Zero3});
  units::Seconds before;
  for (const double gigabits : {800., 400., 200., 100., 25.}) {
    j.cluster.nic_bandwidth = units::gigabits_per_second(gigabits);
    const units::Seconds now = closed(j).step;
    EXPECT_GE(now, before);
    before = now;
  }
}

TEST(StepTime, OneAcceleratorWaitsForNobody) {
  const StepTime t = closed(test::job(test::small_llama(4), {}));
  for (const Part p : {Part::TpComm, Part::CpComm, Part::EpComm, Part::PpComm, Part::DpComm,
                       Part::Bubble, Part::Straggler}) {
    EXPECT_NEAR(t.parts[p].base(), 0.0, 1e-12) << name(p);
  }
}

TEST(StepTime, CannotBeatTheDensePeak) {
  for (const Layout& layout :
       {Layout{}, Layout{.tp = 8}, Layout{.dp = 8, .sharding = Sharding::Zero3}}) {
    EXPECT_LT(report(test::job(test::small_llama(), layout)).mfu.value, 0.85);
  }
}

TEST(LayerTimesCache, GivesTheSameStepAsWithoutIt) {
  LayerTimesCache cache;
  for (const int tp : {1, 2, 8}) {
    for (const int pp : {1, 4}) {
      for (const Sharding s : {Sharding::Ddp, Sharding::Zero1, Sharding::Zero3}) {
        TrainingJob j = test::job(test::small_llama(),
                                  {.tp = tp, .pp = pp, .dp = 32 / (tp * pp), .sharding = s});
        const units::Seconds fresh = closed_form(build_step(j, profiles().view())).step;
        EXPECT_EQ(closed_form(build_step(j, profiles().view(), &cache)).step.base(), fresh.base());
      }
    }
  }
}

}  // namespace
}  // namespace sim
