#include <cmath>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "calib/fit/attention.hpp"
#include "calib/fit/device.hpp"
#include "calib/fit/folds.hpp"
#include "calib/fit/gemm.hpp"
#include "topology/error.hpp"

#include "some_profile.hpp"

namespace calib {
namespace {

/// Coefficients unlike the first guesses of the fit.
GemmCoefficients truth() {
  GemmCoefficients c;
  c.efficiency = 0.72;
  c.tile_penalty = 25;
  c.launch = units::microseconds(4);
  c.memory_efficiency = 0.6;
  c.depth_ramp = 90;
  c.throttle = 0.25;
  c.throttle_time = units::milliseconds(1);
  c.quantisation = 0.6;
  return c;
}

std::vector<GemmRecord> synthetic_gemms(double noise) {
  std::mt19937 random(7);
  std::vector<GemmRecord> records;
  for (const std::int64_t m : {16, 128, 1024, 4096, 16384}) {
    for (const std::int64_t n : {64, 256, 1024, 4096, 12288}) {
      for (const std::int64_t k : {64, 512, 4096, 16384}) {
        GemmRecord r;
        r.shape = {m, n, k, 1};
        const double wobble = 1.0 + noise * (static_cast<double>(random() % 2001) / 1000.0 - 1.0);
        r.time = wobble * gemm_time(truth(), some_device(), r.shape);
        records.push_back(r);
      }
    }
  }
  return records;
}

TEST(GemmFit, RecoversTheCoefficientsThatMadeTheRecords) {
  const GemmFit fit = fit_gemm(synthetic_gemms(0.0), some_device(), Cast::None);
  EXPECT_EQ(fit.parameters, 11);
  EXPECT_NEAR(fit.coefficients.efficiency, truth().efficiency, 0.01);
  EXPECT_NEAR(fit.coefficients.launch / truth().launch, 1.0, 0.02);
  EXPECT_NEAR(fit.coefficients.memory_efficiency, truth().memory_efficiency, 0.02);
  EXPECT_NEAR(fit.coefficients.quantisation, truth().quantisation, 0.05);
  EXPECT_LT(fit.all.median, 0.005);
  EXPECT_LT(fit.cross_validated.median, 0.01);
}

TEST(GemmFit, ToleratesNoiseAndWildRecords) {
  std::vector<GemmRecord> records = synthetic_gemms(0.03);
  for (std::size_t i = 0; i < records.size(); i += 20) {
    records[i].time = 3.0 * records[i].time;  // 5 % of the calls met something else on the device
  }
  const GemmFit fit = fit_gemm(records, some_device(), Cast::None);
  EXPECT_NEAR(fit.coefficients.efficiency, truth().efficiency, 0.03);
  EXPECT_LT(fit.all.median, 0.03);
}

TEST(GemmFit, IsTheSameEveryTime) {
  const auto records = synthetic_gemms(0.02);
  const GemmFit a = fit_gemm(records, some_device(), Cast::None);
  const GemmFit b = fit_gemm(records, some_device(), Cast::None);
  EXPECT_EQ(a.coefficients.efficiency, b.coefficients.efficiency);
  EXPECT_EQ(a.coefficients.split, b.coefficients.split);
}

TEST(GemmFit, AHandfulOfRecordsIsAnInputError) {
  EXPECT_THROW(fit_gemm(std::vector<GemmRecord>(3), some_device(), Cast::None),
               topology::InputError);
}

TEST(AttentionFit, RecoversTheCoefficientsThatMadeTheRecords) {
  AttentionCoefficients made;
  made.efficiency = 0.8;
  made.head_dim_half = 40;
  made.block_start = units::microseconds(1.5);
  made.launch = units::microseconds(8);
  std::vector<AttentionRecord> records;
  for (const std::int64_t batch : {1, 8, 64}) {
    for (const std::int64_t length : {16, 128, 1024, 4096, 16384}) {
      for (const std::int64_t heads : {4, 32, 96}) {
        for (const std::int64_t head_dim : {64, 128, 192, 256}) {
          AttentionRecord r;
          r.shape = {batch, length, length, heads, 4, head_dim, Mask::Causal, 0};
          r.time = attention_forward_time(made, some_device(), GemmCoefficients{}, r.shape);
          records.push_back(r);
        }
      }
    }
  }
  const AttentionFit fit =
      fit_attention(records, some_device(), GemmCoefficients{}, AttentionCoefficients{});
  EXPECT_EQ(fit.parameters, 7);
  EXPECT_NEAR(fit.coefficients.efficiency, made.efficiency, 0.02);
  EXPECT_NEAR(fit.coefficients.head_dim_half, made.head_dim_half, 3);
  EXPECT_NEAR(fit.coefficients.launch / made.launch, 1.0, 0.02);
  EXPECT_LT(fit.cross_validated.median, 0.01);
}

TEST(DeviceFit, UnknownAcceleratorsAndEmptyTablesAreInputErrors) {
  EXPECT_THROW(fit_device("abacus", {}, {}), topology::InputError);
  EXPECT_THROW(fit_device("h100-sxm", {}, {}), topology::InputError);
  EXPECT_THROW(fit_device_tables("h100-sxm", "/no/such/folder"), topology::InputError);
}

TEST(Folds, GroupsFallIntoAllFolds) {
  std::set<int> seen;
  for (std::int64_t n = 0; n < 100; ++n) {
    seen.insert(fold_of({n, 64}));
    EXPECT_EQ(fold_of({n, 64}), fold_of({n, 64}));
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kFolds));
}

}  // namespace
}  // namespace calib
