// gpuplan import of measurements and gpuplan calibrate, as their users meet them.
#include <cmath>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "calib/gemm_model.hpp"
#include "calib/profile.hpp"
#include "calib/records.hpp"

#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using Json = nlohmann::json;

const std::filesystem::path kShared =
    std::filesystem::path(GPUPLAN_SOURCE_DIR).parent_path() / "shared";
const std::string kProfiles = std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/catalog/profiles/";
const std::string kSeeds = std::string(GPUPLAN_SOURCE_DIR) + "/tests/fuzz/";

/// bf16 GEMM of an H100 that is a tenth slower than the catalog's, 3 % noise, one wild record.
std::string slower_h100() {
  const calib::DeviceProfile h100 = calib::read_profile(kProfiles + "h100-sxm.json");
  calib::RunRecords run;
  run.header = {.run = "r1",
                .source = "test",
                .started = "2026-11-21T10:00:00Z",
                .machine = {.accelerator = "h100-sxm"}};
  std::mt19937 random(1);
  std::normal_distribution<double> noise(0.0, 0.03);
  for (const std::int64_t m : {128, 1024, 2048, 4096, 8192}) {
    for (const std::int64_t n : {1024, 4096, 8192, 16384}) {
      for (const std::int64_t k : {1024, 4096, 8192}) {
        calib::GemmMeasurement r;
        r.shape = {m, n, k, 1};
        r.measured.time =
            1.1 * std::exp(noise(random)) * gemm_time(h100, r.shape, topology::Precision::Bf16);
        run.lines.push_back({0, r});
      }
    }
  }
  std::get<calib::GemmMeasurement>(run.lines[7].measurement).measured.time *= 5.0;
  run.end = {.complete = true, .reason = {}};
  return calib::record_lines({run});
}

TEST(Calibrate, FitsRecordsOnTheCatalogsProfileAndSaysWhatItDidNotMeasure) {
  const TemporaryFiles files;
  const std::string records = files.write("r.jsonl", slower_h100()).string();
  const std::string out = (files.directory() / "p.json").string();
  const std::string page = (files.directory() / "p.html").string();
  const std::string rows = (files.directory() / "rows.csv").string();
  const auto outcome = gpuplan("calibrate " + records + " --out " + out + " --report " + page +
                               " --residuals " + rows);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(contents(rows), StartsWith("plot,series,x_name,x,measured_s,predicted_s,error\nGEMM "
                                         "bf16: error by size,"));
  EXPECT_THAT(outcome.out, HasSubstr("gemm bf16 cross-validated"));
  EXPECT_THAT(outcome.out, HasSubstr("not measured: GEMM fp8"));
  EXPECT_THAT(outcome.out, HasSubstr("outlier of gemm bf16: r.jsonl:9: "));
  const calib::DeviceProfile fitted = calib::read_profile(out);
  const calib::DeviceProfile before = calib::read_profile(kProfiles + "h100-sxm.json");
  double slower = 0.0;  // the mean over shapes: each follows the noise of its own record
  int shapes = 0;
  for (const std::int64_t m : {2048, 4096, 8192}) {
    for (const std::int64_t n : {4096, 8192, 16384}) {
      for (const std::int64_t k : {4096, 8192}) {
        const calib::GemmShape shape{m, n, k, 1};
        slower += std::log(gemm_time(fitted, shape, topology::Precision::Bf16) /
                           gemm_time(before, shape, topology::Precision::Bf16));
        ++shapes;
      }
    }
  }
  EXPECT_NEAR(std::exp(slower / shapes), 1.1, 0.02);
  EXPECT_EQ(fitted.source.parent, "h100-sxm");
  EXPECT_EQ(fitted.source.date, "2026-11-21");
  EXPECT_EQ(fitted.fitted.at("gemm bf16").standard_errors.size(), 11U);
  // The page needs nothing from anywhere.
  const std::string html = contents(page);
  EXPECT_THAT(html, HasSubstr("<svg"));
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(html, HasSubstr("standard error"));
}

TEST(Calibrate, TheProfileGoesThroughToValidate) {
  const TemporaryFiles files;
  const std::string records = files.write("r.jsonl", slower_h100()).string();
  const std::string out = (files.directory() / "p.json").string();
  ASSERT_EQ(gpuplan("calibrate " + records + " --out " + out).code, 0);
  const calib::DeviceProfile h100 = calib::read_profile(kProfiles + "h100-sxm.json");
  const auto us =
      gemm_time(h100, {4096, 4096, 4096, 1}, topology::Precision::Bf16).in(units::microseconds(1));
  const std::string table =
      files
          .write("t.csv",
                 "accelerator,dtype,m,n,k,latency_us\nH100-SXM5-80GB,bfloat16,4096,4096,"
                 "4096," +
                     std::to_string(us) + "\n")
          .string();
  const Json catalog = Json::parse(gpuplan("validate " + table + " --kind gemm --json").out);
  const Json fitted =
      Json::parse(gpuplan("validate " + table + " --kind gemm --json --profile " + out).out);
  EXPECT_LT(catalog["bias"].get<double>(), 0.01);
  EXPECT_NEAR(fitted["bias"].get<double>(), 0.1, 0.04);
  EXPECT_TRUE(fitted.contains("in_90_percent_band"));
}

TEST(Calibrate, BadInputIsTwoAndASentenceAndLeavesNoFile) {
  const TemporaryFiles files;
  const std::string out = (files.directory() / "p.json").string();
  const std::string nothing = files.write("n.txt", "once upon a time\n").string();
  const auto outcome = gpuplan("calibrate " + nothing + " --out " + out);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("n.txt: is no measurement that can be read"));
  EXPECT_FALSE(std::filesystem::exists(out));
  const std::string unknown =
      files.write("u.txt", contents(kSeeds + "seed_rccl_tests.json")).string();
  EXPECT_THAT(gpuplan("calibrate " + unknown + " --out " + out).err,
              HasSubstr("no run says which accelerator was measured; add --accelerator NAME"));
  EXPECT_THAT(gpuplan("calibrate " + unknown + " --accelerator abacus --out " + out).err,
              HasSubstr("the catalog has no accelerator \"abacus\""));
  EXPECT_EQ(gpuplan("calibrate").code, 2);
}

// The command line of docs/calibration.md: two clouds in, a cluster profile out.
TEST(Calibrate, ReproducesTheSweepsOfTwoCloudsWithinTenPercent) {
  const auto folder = kShared / "formats" / "nccl_tests";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "the samples ../shared/formats are not here";
  }
  const TemporaryFiles files;
  const std::string out = (files.directory() / "cloud.json").string();
  const auto outcome = gpuplan(
      "calibrate " + (folder / "aws_2x_p5.48xlarge_16xH100_all_reduce_perf.txt").string() + " " +
      (folder / "gcp_a3mega_2x8xH100_all_gather.txt").string() + " --json --out " + out);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json report = Json::parse(outcome.out);
  ASSERT_EQ(report["reproduced"].size(), 2U);
  for (const auto& [file, residual] : report["reproduced"].items()) {
    EXPECT_LE(residual["median_abs_error"].get<double>(), 0.10) << file;
  }
  for (const char* network :
       {"collectives, efa cross-validated", "collectives, ethernet cross-validated"}) {
    EXPECT_LE(report["residuals"][network]["median_abs_error"].get<double>(), 0.10) << network;
  }
  // AWS: 1 GiB in 4607.6 us, Google: 8 GiB in 42669 us.
  const auto ask = [&out](const std::string& more) {
    return Json::parse(gpuplan("collective --json --ranks 16 --profile " + out + " " + more).out);
  };
  const Json aws = ask("--cluster p5-ultracluster --op all_reduce --bytes 1GiB");
  EXPECT_NEAR(aws["time_s"].get<double>() / 4607.6e-6, 1.0, 0.10);
  EXPECT_LT(aws["low_s"].get<double>(), aws["time_s"].get<double>());
  EXPECT_GT(aws["high_s"].get<double>(), aws["time_s"].get<double>());
  const Json gcp = ask("--cluster a3-mega-cluster --op all_gather --bytes 8GiB");
  EXPECT_NEAR(gcp["time_s"].get<double>() / 42668.7e-6, 1.0, 0.10);
}

TEST(ImportMeasurements, PrintsRecordsOrWritesThemWithASummary) {
  const TemporaryFiles files;
  const std::string seed = kSeeds + "seed_nccl_tests.txt";
  const auto printed = gpuplan("import nccl-tests " + seed);
  EXPECT_EQ(printed.code, 0) << printed.err;
  EXPECT_EQ(calib::parse_records(printed.out, "stdout").runs.at(0).lines.size(), 4U);
  const std::string out = (files.directory() / "r.jsonl").string();
  const auto written = gpuplan("import nccl-tests " + seed + " " + seed + " --out " + out);
  EXPECT_EQ(written.code, 0) << written.err;
  EXPECT_THAT(written.out, HasSubstr("2 runs"));
  EXPECT_THAT(written.out, HasSubstr("seed_nccl_tests.txt #2: 4 collective on h100-sxm"));
  EXPECT_EQ(calib::read_records(out).runs.size(), 2U);
  const auto power = gpuplan("import dcgm " + kSeeds + "seed_dmon.txt --load compute");
  EXPECT_THAT(power.out, HasSubstr("\"power_w\":610"));
  EXPECT_THAT(gpuplan("import dcgm " + kSeeds + "seed_dmon.txt").err, HasSubstr("add --load"));
  EXPECT_THAT(gpuplan("import kineto " + kSeeds + "seed_kineto.json").out,
              HasSubstr("\"category\":\"gemm\""));
  EXPECT_THAT(gpuplan("import silicon-csv " + kSeeds + "seed_gemm.csv").out,
              HasSubstr("\"type\":\"gemm\""));
}

}  // namespace
