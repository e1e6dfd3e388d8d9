// The committed device profiles against the measured tables, where these are there. Limits are what
// the project promises (median) with the tails written down, not what the fit of the day reaches.
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "calib/fit/device.hpp"
#include "calib/fit/gemm.hpp"
#include "calib/fit/reference_hardware.hpp"
#include "calib/import/any.hpp"
#include "calib/profile.hpp"
#include "calib/record.hpp"
#include "calib/statistics.hpp"

namespace calib {
namespace {

using topology::Precision;

const std::filesystem::path kRoot = GPUPLAN_SOURCE_DIR;
const std::filesystem::path kTables = kRoot / "../shared/truth/silicon";

struct Promise {
  const char* accelerator;
  double gemm_median, gemm_p90, attention_median;
};

std::filesystem::path profile_file(const std::string& accelerator) {
  return kRoot / "scenarios/catalog/profiles" / (accelerator + ".json");
}

class KernelCalibration : public ::testing::TestWithParam<Promise> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kTables)) {
      GTEST_SKIP() << "the measured tables ../shared/truth/silicon are not here";
    }
  }
  [[nodiscard]] static std::string table(const char* kind) {
    return std::string(kind) + "_" + std::string(reference_device(GetParam().accelerator).table) +
           ".csv";
  }
};

TEST_P(KernelCalibration, LargeBf16GemmsMeetTheirLimit) {
  const DeviceProfile profile = read_profile(profile_file(GetParam().accelerator));
  std::vector<double> errors;
  for (const GemmRecord& r : gemm_records(read_csv(kTables / table("gemm")))) {
    if (r.precision == Precision::Bf16 && r.shape.m >= kLargeRows) {
      errors.push_back(gemm_time(profile, r.shape, r.precision) / r.time - 1.0);
    }
  }
  const Residual r = residual(errors);
  EXPECT_GT(r.records, 1000);
  EXPECT_LE(r.median, GetParam().gemm_median);
  EXPECT_LE(r.p90, GetParam().gemm_p90);
  EXPECT_LE(std::abs(r.bias), 0.03);
}

TEST_P(KernelCalibration, AttentionMeetsItsLimit) {
  const DeviceProfile profile = read_profile(profile_file(GetParam().accelerator));
  std::vector<double> errors;
  for (const AttentionRecord& r :
       attention_records(read_csv(kTables / table("attention_forward")))) {
    errors.push_back(attention_forward_time(profile, r.shape, r.precision) / r.time - 1.0);
  }
  EXPECT_LE(residual(errors).median, GetParam().attention_median);
}

TEST(KernelFit, GivesTheCommittedProfile) {
  if (!std::filesystem::exists(kTables)) {
    GTEST_SKIP() << "the measured tables ../shared/truth/silicon are not here";
  }
  std::vector<Records> files;
  for (const char* table : {"gemm_a100-sxm4-80gb.csv", "attention_forward_a100-sxm4-80gb.csv"}) {
    files.push_back(import_measurements(kTables / table, Description{}));
  }
  const DeviceProfile fresh =
      fit_device(calibration_set(files, "a100-80"), reference_parent("a100-80"));
  const DeviceProfile committed = read_profile(profile_file("a100-80"));
  // Bytes agree on one machine; another compiler may end its search a little elsewhere.
  const GemmShape shape{4096, 4096, 4096, 1};
  EXPECT_NEAR(
      gemm_time(fresh, shape, Precision::Bf16) / gemm_time(committed, shape, Precision::Bf16), 1.0,
      0.01);
  EXPECT_EQ(fresh.source.runs.size(), committed.source.runs.size());
}

/// Median error on the large bf16 GEMMs of `to`, predicted from the profile of `from`.
double transfer_error(const char* from, const char* to) {
  const ReferenceDevice& device = reference_device(to);
  topology::Accelerator accelerator;
  accelerator.id = to;
  accelerator.compute_units = device.hardware.compute_units;
  accelerator.peak = device.hardware.peak;
  accelerator.memory_bandwidth = device.hardware.memory_bandwidth;
  accelerator.l2_cache = device.hardware.l2_cache;
  const DeviceProfile profile = transfer(read_profile(profile_file(from)), accelerator);
  const auto table = kTables / ("gemm_" + std::string(device.table) + ".csv");
  std::vector<double> errors;
  for (const GemmRecord& r : gemm_records(read_csv(table))) {
    if (r.precision == Precision::Bf16 && r.shape.m >= kLargeRows) {
      errors.push_back(gemm_time(profile, r.shape, r.precision) / r.time - 1.0);
    }
  }
  return residual(errors).median;
}

TEST(KernelTransfer, PredictsRelativesWithinWhatItsWarningSays) {
  if (!std::filesystem::exists(kTables)) {
    GTEST_SKIP() << "the measured tables ../shared/truth/silicon are not here";
  }
  EXPECT_LE(transfer_error("h100-sxm", "h200-sxm"), 0.08);
  EXPECT_LE(transfer_error("b200-sxm", "gb200"), 0.08);
  EXPECT_LE(transfer_error("a100-80", "h100-sxm"), 0.20);
  EXPECT_LE(transfer_error("h200-sxm", "b200-sxm"), 0.20);
}

INSTANTIATE_TEST_SUITE_P(
    Devices, KernelCalibration,
    ::testing::Values(Promise{"a100-80", 0.05, 0.18, 0.08}, Promise{"h100-sxm", 0.05, 0.15, 0.08},
                      Promise{"h200-sxm", 0.05, 0.15, 0.08}, Promise{"b200-sxm", 0.08, 0.20, 0.08},
                      Promise{"gb200", 0.08, 0.20, 0.10}, Promise{"l40s", 0.08, 0.25, 0.08}),
    [](const auto& device) {
      std::string name = device.param.accelerator;
      for (char& c : name) {
        c = c == '-' ? '_' : c;
      }
      return name;
    });

}  // namespace
}  // namespace calib
