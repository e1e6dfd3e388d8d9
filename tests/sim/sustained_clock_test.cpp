#include "sim/power/sustained_clock.hpp"

#include <cmath>

#include <gtest/gtest.h>

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
