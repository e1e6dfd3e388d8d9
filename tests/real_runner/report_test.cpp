#include "real_runner/report.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "calib/record_writer.hpp"

namespace real_runner {
namespace {

calib::GemmMeasurement some_gemm() {
  calib::GemmMeasurement gemm;
  gemm.shape = {.m = 4096, .n = 4096, .k = 4096};
  gemm.measured.time = units::microseconds(200);
  gemm.measured.noise = 0.004;
  gemm.measured.clock_hz = 1755e6;
  gemm.measured.power = units::watts(612);
  gemm.measured.flags = {calib::Flag::Noisy};
  return gemm;
}

TEST(Report, RowHasTimeNoiseRateAndFlags) {
  const std::string text = row(some_gemm());
  EXPECT_THAT(text, testing::HasSubstr("200 us"));
  EXPECT_THAT(text, testing::HasSubstr("+-0.4 %"));
  EXPECT_THAT(text, testing::HasSubstr("687.2 TFLOP/s"));  // 2 4096^3 / 200 us
  EXPECT_THAT(text, testing::HasSubstr("[noisy]"));
}

TEST(Report, SummaryCountsFlagsAndWrongResults) {
  calib::GemmMeasurement wrong = some_gemm();
  wrong.measured.flags = {calib::Flag::WrongResult};
  Summary summary{.run = "r", .file = "f", .planned = 4, .failed = 1, .reason = "interrupted"};
  summary.count(some_gemm());
  summary.count(wrong);
  summary.count(calib::PowerMeasurement{});
  EXPECT_EQ(summary.measured, 3U);
  EXPECT_EQ(summary.flagged, 2U);
  const auto json = nlohmann::json::parse(summary_json(summary));
  EXPECT_EQ(json["wrong"], 1);
  EXPECT_EQ(json["failed"], 1);
  EXPECT_THAT(summary_text(summary), testing::HasSubstr("1 failed, see above"));
  EXPECT_EQ(json["complete"], false);
  EXPECT_EQ(json["reason"], "interrupted");
}

TEST(Report, HeaderAndFiguresAreRecordsThatTheReaderTakes) {
  const auto file = std::filesystem::temp_directory_path() / "gpuplan_runner_report_test.jsonl";
  std::filesystem::remove(file);
  calib::Machine machine;
  machine.accelerator = "h200-sxm";
  {
    calib::RecordWriter writer(file, make_header(machine, {}, notes_on_method(Options{})));
    writer.write(some_gemm());
    calib::OverlapMeasurement overlap;
    overlap.gemm = {.m = 1, .n = 2, .k = 3};
    overlap.bytes = units::bytes(8);
    overlap.gemm_alone = overlap.gemm_together = units::microseconds(1);
    overlap.collective_alone = overlap.collective_together = units::microseconds(1);
    overlap.measured.time = units::microseconds(2);
    overlap.stand_in_sms = 16;
    writer.write(overlap);
    writer.finish();
  }
  const calib::Records records = calib::read_records(file);
  ASSERT_EQ(records.runs.size(), 1U);
  EXPECT_TRUE(records.runs[0].complete());
  EXPECT_EQ(records.runs[0].lines.size(), 2U);
  EXPECT_THAT(records.runs[0].header.run, testing::StartsWith("h200-sxm-2"));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace real_runner
