#include "calib/steady_load.hpp"

#include <gtest/gtest.h>

namespace calib {
namespace {

TEST(SteadyLoad, EveryGemmRunsAtTheSustainedClock) {
  const DeviceProfile isolated = read_profile(std::filesystem::path(GPUPLAN_SOURCE_DIR) /
                                              "scenarios/catalog/profiles/h100-sxm.json");
  const DeviceProfile steady = under_steady_load(isolated);
  const double slowdown = sustained_slowdown(isolated, topology::Precision::Bf16);
  ASSERT_GT(slowdown, 1.05);
  for (const std::int64_t m : {2048, 8192, 32768}) {
    const GemmShape shape{.m = m, .n = 8192, .k = 8192};
    const double ratio = gemm_time(steady, shape, topology::Precision::Bf16) /
                         gemm_time(isolated, shape, topology::Precision::Bf16);
    EXPECT_GT(ratio, 1.0);
    EXPECT_LE(ratio, slowdown * (1 + 1e-9));
  }
}

TEST(SteadyLoad, LongGemmsAreMeasuredThereAlready) {
  const DeviceProfile isolated = read_profile(std::filesystem::path(GPUPLAN_SOURCE_DIR) /
                                              "scenarios/catalog/profiles/h100-sxm.json");
  const GemmShape shape{.m = 1 << 20, .n = 16384, .k = 16384};
  const double ratio = gemm_time(under_steady_load(isolated), shape, topology::Precision::Bf16) /
                       gemm_time(isolated, shape, topology::Precision::Bf16);
  EXPECT_NEAR(ratio, 1.0, 0.005);
}

}  // namespace
}  // namespace calib
