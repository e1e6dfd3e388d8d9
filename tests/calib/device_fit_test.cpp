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

TEST(DeviceFit, UnknownAcceleratorsAndTooFewRecordsAreInputErrors) {
  EXPECT_THROW((void)reference_parent("abacus"), topology::InputError);
  CalibrationSet set;
  set.accelerator = "h100-sxm";
  EXPECT_THROW((void)fit_device(set, reference_parent("h100-sxm")), topology::InputError);
}

TEST(DeviceFit, WhatTheRecordsDoNotHoldComesFromTheParentAndSaysSo) {
  DeviceProfile parent = some_profile();
  parent.id = "parent";
  parent.source.tables = {"t.csv"};
  CalibrationSet set;
  set.accelerator = parent.accelerator;
  set.files = {"r.jsonl"};
  for (int i = 1; i <= 20; ++i) {
    MemoryBoundMeasurement m;
    m.op = i % 2 == 0 ? "copy" : "swiglu";
    m.bytes = units::mebibytes(i * i);
    m.measured.time = units::microseconds(3) + m.bytes / (parent.hardware.memory_bandwidth * 0.8);
    set.memory_bound.push_back({m, i, "r.jsonl"});
  }
  PowerMeasurement idle;
  idle.power = units::watts(80);
  set.powers.push_back(idle);
  const DeviceProfile p = fit_device(set, parent);
  EXPECT_NEAR(p.memory.efficiency, 0.8, 0.002);
  EXPECT_NEAR(p.memory.launch / units::microseconds(3), 1.0, 0.02);
  EXPECT_EQ(p.extras.idle_power, units::watts(80));
  EXPECT_EQ(p.source.parent, "parent");
  EXPECT_FALSE(p.source.transferred.empty());
  EXPECT_EQ(p.attention.efficiency, parent.attention.efficiency);
}

TEST(GemmFit, StandardErrorsCoverTheCoefficientsThatMadeTheRecords) {
  const GemmFit fit = fit_gemm(synthetic_gemms(0.03), some_device(), Cast::None);
  ASSERT_EQ(fit.fitted.names.size(), 11U);
  ASSERT_EQ(fit.fitted.correlation.size(), 121U);
  EXPECT_EQ(fit.fitted.names[0], "efficiency");
  EXPECT_LT(std::abs(fit.fitted.values[0] - truth().efficiency),
            4.0 * fit.fitted.standard_errors[0] + 0.01);
  EXPECT_GT(fit.fitted.standard_errors[0], 1e-4);
  EXPECT_LT(fit.fitted.standard_errors[0], 0.1);
}

TEST(GemmFit, NamesTheRecordThatDoesNotFit) {
  std::vector<GemmRecord> records = synthetic_gemms(0.01);
  records[50].time = 4.0 * records[50].time;
  records[50].where = "r.jsonl";
  records[50].line = 52;
  const GemmFit fit = fit_gemm(records, some_device(), Cast::None);
  ASSERT_FALSE(fit.fitted.outliers.empty());
  EXPECT_EQ(fit.fitted.outliers.front().substr(0, 12), "r.jsonl:52: ");
}

TEST(GemmFit, NoisyRecordsWeighLess) {
  std::vector<GemmRecord> records = synthetic_gemms(0.0);
  for (std::size_t i = 0; i < records.size(); i += 2) {
    records[i].time = 1.4 * records[i].time;
    records[i].weight = 0.02;
  }
  const GemmFit fit = fit_gemm(records, some_device(), Cast::None);
  EXPECT_NEAR(fit.coefficients.efficiency, truth().efficiency, 0.03);
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
