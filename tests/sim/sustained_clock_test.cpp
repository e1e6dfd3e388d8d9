#include "sim/power/sustained_clock.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "sim/engine/closed_form.hpp"
#include "sim/power/power.hpp"
#include "sim/power/trace.hpp"
#include "sim/step/build.hpp"
#include "sim/step/parameters.hpp"
#include "sim/workload/operators.hpp"

#include "tests/sim/some_job.hpp"

namespace sim {
namespace {

using test::h100;
using test::H100Profiles;

double efficiency(const calib::DeviceProfile& p) {
  return p.gemm[static_cast<std::size_t>(topology::Precision::Bf16)].efficiency;
}

TEST(SustainedClock, FallsWithTheCubeRootOfThePowerCapOnTheSameDie) {
  const calib::DeviceProfile device = H100Profiles().device;
  topology::Accelerator capped = h100();
  capped.tdp = units::watts(500);
  const double idle = h100().idle_power / units::watts(1);
  const double expected = std::cbrt((500 - idle) / (h100().tdp / units::watts(1) - idle));
  EXPECT_NEAR(efficiency(at_sustained_clock(device, h100(), capped)) / efficiency(device), expected,
              1e-12);
}

TEST(SustainedClock, StaysOnAnotherDie) {
  const calib::DeviceProfile device = H100Profiles().device;
  topology::Accelerator other = h100();
  other.compute_units = 60;
  other.tdp = units::watts(350);
  EXPECT_EQ(efficiency(at_sustained_clock(device, h100(), other)), efficiency(device));
}

struct Capped {
  double step_s, power_w, energy_j;
};
/// A step of 64 H100 under a power cap; 0: none.
Capped capped(double cap_w) {
  TrainingJob j = test::job(test::small_llama(), {.tp = 8, .pp = 2, .dp = 4});
  j.cluster.accelerator.power_cap = units::watts(cap_w);
  const H100Profiles profiles;
  const calib::DeviceProfile device = at_power_cap(profiles.device, j.cluster.accelerator);
  const StepTime t =
      closed_form(build_step(j, {.device = device, .collectives = profiles.collectives}));
  const StepPower p = step_power(j.cluster, t.parts, t.step);
  return {t.step.base(), p.accelerator.base(), p.energy.base()};
}

TEST(PowerCap, ALowerOneIsNeverFasterAndNeverDrawsMore) {
  Capped before = capped(0);
  const double free = before.step_s;
  for (double cap = 700; cap >= 300; cap -= 20) {
    const Capped now = capped(cap);
    EXPECT_GE(now.step_s, before.step_s) << cap;
    EXPECT_LE(now.power_w, before.power_w) << cap;
    EXPECT_LE(now.power_w, cap);
    before = now;
  }
  EXPECT_GT(before.step_s, 1.1 * free);
}

TEST(PowerCap, AtTheRatingChangesNothing) {
  EXPECT_EQ(capped(700).step_s, capped(0).step_s);
  EXPECT_EQ(capped(700).energy_j, capped(0).energy_j);
}

// Matrix products draw 95 % of the range from 70 to 700 W: 669 W. At 500 W, 430 of 598.5 W above
// idle are left, and the clock falls to the cube root of that.
TEST(PowerCap, MatrixProductsRunWhereTheCubeOfTheClockMeetsIt) {
  topology::Accelerator a = h100();
  a.power_cap = units::watts(500);
  const calib::DeviceProfile device = H100Profiles().device;
  EXPECT_NEAR(efficiency(at_power_cap(device, a)) / efficiency(device), std::cbrt(430.0 / 598.5),
              1e-12);
  EXPECT_NEAR(power_share(a, Part::Gemm), 430.0 / 630.0, 1e-12);
  EXPECT_EQ(power_share(a, Part::DpComm), power_share(Part::DpComm));
}

// Of 630 W between idle and the cap: products measured at 637 W draw 0.9 of them.
TEST(MeasuredPower, GoesBeforeWhatIsUsual) {
  topology::Accelerator a = h100();
  a.measured_power = {
      .memory = units::watts(385), .compute = units::watts(637), .communication = {}};
  EXPECT_NEAR(power_share(a, Part::Gemm), 0.9, 1e-12);
  EXPECT_NEAR(power_share(a, Part::Optimizer), 0.5, 1e-12);
  EXPECT_EQ(power_share(a, Part::DpComm), power_share(Part::DpComm));
  a.measured_power.compute = units::watts(720);  // a device above its rating
  EXPECT_EQ(power_share(a, Part::Gemm), 1.0);
}

/// Step time of 64 H100 whose profile has measured `extras`.
double measured_step(const calib::DeviceExtras& extras) {
  TrainingJob j = test::job(test::small_llama(), {.tp = 1, .pp = 1, .dp = 64});
  j.framework.overlap_grad_reduce = true;
  const H100Profiles profiles;
  calib::DeviceProfile device = profiles.device;
  device.extras = extras;
  return closed_form(build_step(j, {.device = device, .collectives = profiles.collectives}))
      .step.base();
}

double step_with_product_beside_collective(double slowdown) {
  calib::DeviceExtras extras;
  extras.gemm_beside_collective = slowdown;
  return measured_step(extras);
}

TEST(MeasuredExtras, ProductsThatDoNotSlowBesideCollectivesHideThemForFree) {
  const double fitted = measured_step({});
  EXPECT_LT(step_with_product_beside_collective(1.0), fitted);
  EXPECT_NEAR(step_with_product_beside_collective(1.0 + StepParameters{}.overlap_tax), fitted,
              1e-12 * fitted);
  EXPECT_GT(step_with_product_beside_collective(2.0), fitted);
}

TEST(MeasuredExtras, NoFrameworkLaunchesFasterThanABareLoop) {
  calib::DeviceExtras extras;
  extras.kernel_launch = units::microseconds(2);
  EXPECT_EQ(measured_step(extras), measured_step({}));
  extras.kernel_launch = units::milliseconds(1);
  EXPECT_GT(measured_step(extras), measured_step({}));
}

TEST(StepParameters, AreFewAndWithinTheRangesThatAreBelievable) {
  const StepParameters shipped;
  EXPECT_LE(kStepParameters.size(), 12U);
  for (const StepParameterInfo& info : kStepParameters) {
    EXPECT_GE(shipped.*info.field, info.low) << info.name;
    EXPECT_LE(shipped.*info.field, info.high) << info.name;
  }
}

TEST(ContextParallel, RanksShareTheProductsThatTheMaskLeaves) {
  TrainingJob whole = test::job(test::small_llama(), {});
  TrainingJob split = test::job(test::small_llama(), {.cp = 4});
  const auto flops = [](const TrainingJob& j) {
    return matrix_flops(
        layer_forward({j.model, j.layout, j.training, j.framework}, LayerKind::Dense, 0));
  };
  EXPECT_NEAR(4.0 * (flops(split) / flops(whole)), 1.0, 1e-6);
}

}  // namespace
}  // namespace sim
