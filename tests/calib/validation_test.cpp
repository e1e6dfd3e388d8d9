#include "calib/validation.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "calib/validate.hpp"
#include "topology/error.hpp"

#include "some_profile.hpp"

namespace calib {
namespace {

ValidationRow row(const std::string& accelerator, std::optional<double> measured,
                  std::optional<double> predicted) {
  ValidationRow r;
  r.accelerator = accelerator;
  r.measured = measured;
  r.predicted = predicted;
  return r;
}

TEST(Validation, ErrorIsPredictedOverMeasuredMinusOne) {
  EXPECT_DOUBLE_EQ(*row("a", 2.0, 3.0).error(), 0.5);
  EXPECT_FALSE(row("a", 2.0, std::nullopt).error());
  EXPECT_FALSE(row("a", std::nullopt, 1.0).error());
  EXPECT_FALSE(row("a", 0.0, 1.0).error());
}

TEST(Validation, SummarisesAllAndByLabel) {
  const Validation v = validation({row("a", 1.0, 1.1), row("a", 1.0, 0.7), row("b", 1.0, {})});
  EXPECT_EQ(v.summary.rows, 3);
  EXPECT_EQ(v.summary.predicted, 2);
  EXPECT_EQ(v.summary.skipped, 1);
  EXPECT_NEAR(v.summary.median_abs_error, 0.2, 1e-12);
  EXPECT_NEAR(v.summary.max_abs_error, 0.3, 1e-12);
  EXPECT_NEAR(v.summary.bias, -0.1, 1e-12);
  EXPECT_EQ(v.by.at("accelerator").at("a").predicted, 2);
  EXPECT_EQ(v.by.at("accelerator").at("b").skipped, 1);
  EXPECT_EQ(v.by.count("source"), 0u);
}

TEST(Validation, PredictsATableAndSkipsUnknownDevicesWithAReason) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("validation_" + std::to_string(::getpid()) + ".csv");
  std::ofstream(file)
      << "accelerator,dtype,m,n,k,latency_us\ntest-device,bfloat16,4096,4096,4096,200\n"
         "abacus,bfloat16,64,64,64,1\n";
  const DeviceProfile profile = some_profile();
  const Validation v = validate_gemm(file, [&](const std::string& accelerator) {
    return accelerator == "test-device" ? &profile : nullptr;
  });
  std::filesystem::remove(file);
  ASSERT_EQ(v.rows.size(), 2u);
  const double us = gemm_time(profile, {4096, 4096, 4096, 1}, topology::Precision::Bf16)
                        .in(units::microseconds(1));
  EXPECT_DOUBLE_EQ(*v.rows[0].error(), us / 200 - 1);
  EXPECT_EQ(v.rows[0].source, "bf16");
  EXPECT_NE(v.rows[1].reason.find("abacus"), std::string::npos);
}

TEST(Validation, AMissingTableIsAnInputError) {
  const auto none = [](const std::string&) -> const DeviceProfile* { return nullptr; };
  EXPECT_THROW(validate_gemm("/no/such/table.csv", none), topology::InputError);
  EXPECT_THROW(validate_attention("/no/such/table.csv", none), topology::InputError);
}

}  // namespace
}  // namespace calib
