// Predictions against the published measurements, with the limits that the project promises. The
// tables are not part of the repository; where they are missing, these tests are skipped by name.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scenarios/catalog.hpp"
#include "scenarios/known_errors.hpp"
#include "scenarios/scoreboard.hpp"
#include "scenarios/validate.hpp"

namespace scenarios {
namespace {

std::filesystem::path table(const std::string& name) {
  return std::filesystem::path(GPUPLAN_SOURCE_DIR) / "../shared/truth" / name;
}

class Truth : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(table("training_open.csv"))) {
      GTEST_SKIP() << "../shared/truth is not there";
    }
  }
  /// The rows of `name` whose `column` starts with one of `values`.
  static calib::ValidationSummary summary(const std::string& name, const std::string& column = {},
                                          const std::vector<std::string>& values = {}) {
    calib::CsvTable all = calib::read_csv(table(name));
    calib::CsvTable chosen{.file = all.file, .header = all.header, .rows = {}, .lines = {}};
    for (std::size_t i = 0; i < all.rows.size(); ++i) {
      const auto begins = [&](const std::string& value) {
        return all.rows[i][all.required_column(column)].starts_with(value);
      };
      if (column.empty() || std::any_of(values.begin(), values.end(), begins)) {
        chosen.rows.push_back(all.rows[i]);
        chosen.lines.push_back(all.lines[i]);
      }
    }
    const Catalog catalog = Catalog::open();
    ProfileStore profiles(catalog.directory());
    const calib::ValidationSummary s = validate_training(chosen, catalog, profiles).summary;
    std::printf(
        "%s %s: %d of %d predicted, %d scored, median %.3f, mean %.3f, p90 %.3f, max %.2f, bias "
        "%+.3f\n",
        name.c_str(), values.empty() ? "" : values.front().c_str(), s.predicted, s.rows, s.scored,
        s.median_abs_error, s.mean_abs_error, s.p90_abs_error, s.max_abs_error, s.bias);
    return s;
  }
};

TEST_F(Truth, RunsWithTheirWholeLayoutKnown) {
  const calib::ValidationSummary s = summary("training_open.csv", "tier", {"A"});
  EXPECT_GE(s.predicted, 0.97 * s.rows);
  EXPECT_LE(s.median_abs_error, 0.08);
  EXPECT_LE(s.p90_abs_error, 0.25);
  EXPECT_LE(std::abs(s.bias), 0.03);
}

TEST_F(Truth, VisionDiffusionAndAdapters) {
  const calib::ValidationSummary s = summary("training_open.csv", "family", {"vision", "peft"});
  EXPECT_GE(s.predicted, 0.8 * s.rows);
  EXPECT_LE(s.median_abs_error, 0.15);
}

TEST_F(Truth, AllPublishedRuns) {
  const calib::ValidationSummary s = summary("training_open.csv");
  EXPECT_GE(s.predicted, 0.90 * s.rows);
  EXPECT_LE(s.median_abs_error, 0.11);
}

TEST_F(Truth, Korthikanti2022) {
  EXPECT_LE(summary("training_open.csv", "id", {"kor22"}).mean_abs_error, 0.045);
}

TEST_F(Truth, MultiNodeRunsOfVTrain) {
  EXPECT_LE(summary("training_open.csv", "id", {"vtrainm"}).mean_abs_error, 0.08);
}

TEST_F(Truth, SingleNodeRunsOfVTrain) {
  EXPECT_LE(summary("vtrain_single_open.csv").mean_abs_error, 0.083);
}

/// docs/errors.md is what `gpuplan validate --report` writes today, and each of its worst rows has
/// a reason.
TEST_F(Truth, TheErrorsInPublicAreThoseOfThisModel) {
  const Catalog catalog = Catalog::open();
  ProfileStore profiles(catalog.directory());
  const TrainingTable runs(calib::read_csv(table("training_open.csv")), catalog, profiles);
  calib::Validation v = validate_cases(runs.cases(), {});
  std::ifstream file(std::filesystem::path(GPUPLAN_SOURCE_DIR) / "docs/errors.md");
  EXPECT_EQ(as_markdown(scoreboard("training_open.csv", runs.cases(), v)),
            std::string(std::istreambuf_iterator<char>(file), {}))
      << "write docs/errors.md again: gpuplan validate ../shared/truth/training_open.csv --kind "
         "training --report docs/errors.md";
  std::erase_if(v.rows, [](const calib::ValidationRow& r) { return !r.error(); });
  const auto worse = [](const calib::ValidationRow& a, const calib::ValidationRow& b) {
    return std::abs(*a.error()) > std::abs(*b.error());
  };
  std::partial_sort(v.rows.begin(), v.rows.begin() + kWorstRows, v.rows.end(), worse);
  for (std::size_t i = 0; i < kWorstRows; ++i) {
    EXPECT_NE(known_error(v.rows[i].id), "") << v.rows[i].id;
  }
}

}  // namespace
}  // namespace scenarios
