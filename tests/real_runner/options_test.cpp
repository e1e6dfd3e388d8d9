#include "real_runner/options.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace real_runner {
namespace {

std::variant<Options, Farewell> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "gpuplan-runner");
  return parse_options(static_cast<int>(words.size()), words.data());
}
Options good(const std::vector<const char*>& words) {
  return std::get<Options>(parse(words));
}
std::string complaint(const std::vector<const char*>& words) {
  const auto farewell = std::get<Farewell>(parse(words));
  EXPECT_EQ(farewell.exit_code, 2);
  return farewell.text;
}

TEST(Options, MeasureEverythingWhereNothingIsSaid) {
  EXPECT_EQ(good({}).parts.size(), kParts.size());
  EXPECT_EQ(good({}).largest, units::gibibytes(8));
}

TEST(Options, ChooseParts) {
  EXPECT_EQ(good({"--only", "gemm,attention"}).parts, (std::vector{Part::Gemm, Part::Attention}));
  EXPECT_FALSE(good({"--skip", "step"}).has(Part::Step));
  EXPECT_THAT(complaint({"--only", "gem"}), testing::HasSubstr("did you mean \"gemm\""));
  EXPECT_THAT(complaint({"--only", "gemm", "--skip", "gemm"}),
              testing::HasSubstr("nothing to measure"));
}

TEST(Options, ReadTimesAndSizesWithTheirUnits) {
  EXPECT_EQ(good({"--time", "5m"}).time_limit, units::seconds(300));
  EXPECT_EQ(good({"--bytes", "1KiB:1 GB"}).largest, units::bytes(1e9));
  EXPECT_THAT(complaint({"--time", "soon"}), testing::HasSubstr("expected a time with unit"));
  EXPECT_THAT(complaint({"--bytes", "2GiB:1GiB"}), testing::HasSubstr("SMALLEST:LARGEST"));
}

TEST(Options, HelpAndVersionAreNoErrors) {
  const auto help = std::get<Farewell>(parse({"--help"}));
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.text, testing::HasSubstr("Exit codes"));
  EXPECT_THAT(std::get<Farewell>(parse({"--version"})).text,
              testing::StartsWith("gpuplan-runner "));
}

TEST(Options, UnknownOnesAreBadUsage) {
  EXPECT_THAT(complaint({"--fast"}), testing::HasSubstr("see gpuplan-runner --help"));
}

}  // namespace
}  // namespace real_runner
