#include "calib/profile.hpp"

#include <cstddef>

#include <gtest/gtest.h>

#include "some_profile.hpp"

namespace calib {
namespace {

using topology::Precision;
using units::Seconds;

const GemmShape kLarge{16384, 16384, 16384, 1};

TEST(Profile, HalfPrecisionsAreAlike) {
  const DeviceProfile p = some_profile();
  EXPECT_EQ(gemm_time(p, kLarge, Precision::Fp16), gemm_time(p, kLarge, Precision::Bf16));
}

TEST(Profile, WiderFormatsScaleWithTheirPeak) {
  const DeviceProfile p = some_profile();
  const Seconds bf16 = gemm_time(p, kLarge, Precision::Bf16);
  EXPECT_NEAR(gemm_time(p, kLarge, Precision::Tf32) / bf16, 1000.0 / 500, 0.05);
  EXPECT_NEAR(gemm_time(p, kLarge, Precision::Fp32) / bf16, 1000.0 / 60, 0.5);
}

TEST(Profile, UnmeasuredFp8TakesBf16WithItsOwnPeakAtALowerEfficiency) {
  DeviceProfile p = some_profile();
  p.gemm[static_cast<std::size_t>(Precision::Bf16)].throttle = 0;
  EXPECT_NEAR(gemm_time(p, kLarge, Precision::Bf16) / gemm_time(p, kLarge, Precision::Fp8),
              2.0 * 0.95, 0.02);
}

TEST(Profile, Fp4FallsBackToFp8WhereThereIsNoUnit) {
  const DeviceProfile p = some_profile();
  EXPECT_EQ(gemm_time(p, kLarge, Precision::Fp4), gemm_time(p, kLarge, Precision::Fp8));
}

TEST(Profile, Fp8FallsBackToBf16WhereThereIsNoUnit) {
  DeviceProfile p = some_profile();
  p.hardware.peak[static_cast<std::size_t>(Precision::Fp8)] = {};
  EXPECT_EQ(gemm_time(p, kLarge, Precision::Fp8), gemm_time(p, kLarge, Precision::Bf16));
}

TEST(Profile, AttentionIsNoFasterInNarrowFormats) {
  const DeviceProfile p = some_profile();
  const AttentionShape s{1, 4096, 4096, 32, 8, 128, Mask::Causal, 0};
  EXPECT_EQ(attention_forward_time(p, s, Precision::Fp8),
            attention_forward_time(p, s, Precision::Bf16));
  EXPECT_GT(attention_backward_time(p, s, Precision::Bf16),
            attention_forward_time(p, s, Precision::Bf16));
}

TEST(MemoryTime, IsNothingForNothingAndTheLaunchPlusTheTrafficElse) {
  DeviceProfile p = some_profile();
  p.memory = {.efficiency = 0.5, .launch = units::microseconds(2)};
  EXPECT_EQ(memory_time(p, units::bytes(0)), Seconds{});
  EXPECT_NEAR(memory_time(p, units::bytes(1e6)).in(units::microseconds(1)), 2.0 + 1.0, 1e-9);
}

TEST(Profile, SustainedLoadIsSlowerByTheThrottle) {
  DeviceProfile p = some_profile();
  p.gemm[static_cast<std::size_t>(Precision::Bf16)].throttle = 0.2;
  EXPECT_DOUBLE_EQ(sustained_slowdown(p, Precision::Bf16), 1.2);
}

topology::Accelerator other_device() {
  topology::Accelerator a;
  a.id = "other";
  a.compute_units = 200;
  a.peak[static_cast<std::size_t>(Precision::Bf16)] = units::teraflops_per_second(500);
  a.memory_bandwidth = units::gigabytes_per_second(1000);
  return a;
}

TEST(Transfer, ScalesComputeByThePeak) {
  const DeviceProfile from = some_profile(), to = transfer(from, other_device());
  EXPECT_NEAR(gemm_time(to, kLarge, Precision::Bf16) / gemm_time(from, kLarge, Precision::Bf16),
              2.0, 0.1);
}

TEST(Transfer, ScalesMemoryByTheBandwidth) {
  const DeviceProfile from = some_profile(), to = transfer(from, other_device());
  const units::Bytes traffic = units::gigabytes(10);
  EXPECT_NEAR(memory_time(to, traffic) / memory_time(from, traffic), 2.0, 0.01);
}

TEST(Transfer, SaysWhatItDid) {
  const DeviceProfile p = transfer(some_profile(), other_device());
  ASSERT_EQ(p.warnings.size(), 1u);
  EXPECT_NE(p.warnings[0].find("other"), std::string::npos);
  EXPECT_NE(p.warnings[0].find("test-device"), std::string::npos);
  EXPECT_NE(p.warnings[0].find("20 %"), std::string::npos);
}

TEST(Transfer, ShowsItsAssumedErrorInTheResiduals) {
  DeviceProfile from = some_profile();
  from.residuals["gemm bf16"] = {.records = 10, .median = 0.03, .p90 = 0.1};
  EXPECT_DOUBLE_EQ(transfer(from, other_device()).residuals.at("gemm bf16").p90, 0.2);
  EXPECT_DOUBLE_EQ(transfer(from, other_device()).residuals.at("gemm bf16").median, 0.03);
}

TEST(Transfer, KeepsTheUnitCountWhereTheOtherDeviceHasAFewLargeCores) {
  topology::Accelerator tpu = other_device();
  tpu.compute_units = 2;
  EXPECT_EQ(transfer(some_profile(), tpu).hardware.compute_units,
            some_profile().hardware.compute_units);
}

TEST(Transfer, KeepsWhatTheOtherDeviceDoesNotState) {
  const DeviceProfile p = transfer(some_profile(), topology::Accelerator{});
  EXPECT_EQ(p.hardware.compute_units, 100);
  EXPECT_EQ(p.hardware.memory_bandwidth, some_profile().hardware.memory_bandwidth);
  EXPECT_EQ(p.hardware.peak, some_profile().hardware.peak);
}

}  // namespace
}  // namespace calib
