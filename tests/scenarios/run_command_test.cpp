// `gpuplan run` and the power trace of `gpuplan simulate`, as a user calls them.
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using testing::HasSubstr;

const std::string kExamples = std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/examples/";

TEST(RunCommand, PrintsOneJsonObject) {
  const Outcome o = gpuplan("run " + kExamples + "run/megascale-12k.yaml --runs 50 --json");
  ASSERT_EQ(o.code, 0) << o.err;
  const auto j = nlohmann::json::parse(o.out);
  for (const char* key : {"days", "days_p5", "days_p50", "days_p95", "ettr", "ettr_closed_form",
                          "interruptions", "power_w", "carbon_kg", "usd_per_hour", "cost_run"}) {
    EXPECT_TRUE(j.contains(key)) << key;
  }
  EXPECT_EQ(j.at("runs"), 50);
}

TEST(RunCommand, TellsDaysFailuresPowerAndMoney) {
  const Outcome o = gpuplan("run " + kExamples + "run/llama3-405b-54-days.yaml --runs 50");
  EXPECT_EQ(o.code, 0) << o.err;
  for (const char* text : {"days in the mean", "effective time (ETTR)", "interval", "hbm",
                           "swing in a step", "t CO2e", "USD/h", "leaf qm9700"}) {
    EXPECT_THAT(o.out, HasSubstr(text));
  }
}

TEST(RunCommand, IsTheSameTwice) {
  const std::string command = "run " + kExamples + "run/byterobust-9600.yaml --runs 100";
  EXPECT_EQ(gpuplan(command + " --threads 1").out, gpuplan(command + " --threads 3").out);
}

TEST(RunCommand, MissedLimitsAreOne) {
  const Outcome o = gpuplan("run " + kExamples +
                            "run/llama3-405b-54-days.yaml --runs 10 --set 'limits.power=1 MW'");
  EXPECT_EQ(o.code, 1);
  EXPECT_THAT(o.out, HasSubstr("limits.power is 1 MW"));
}

TEST(RunCommand, ARunWithoutALengthIsTwo) {
  const Outcome o = gpuplan("run " + kExamples + "llama3-8b-8xh100-fsdp.yaml");
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("run.tokens"));
}

TEST(RunCommand, ExplainsItsDefaults) {
  const Outcome o = gpuplan("run " + kExamples + "run/megascale-12k.yaml --explain");
  EXPECT_EQ(o.code, 0);
  EXPECT_THAT(o.out, HasSubstr("default: data has its own storage"));
  EXPECT_THAT(o.out, HasSubstr("purchase.cooling.pue"));
}

TEST(SimulateCommand, PricesTheHourOfAScenarioThatIsBought) {
  const Outcome o = gpuplan("simulate " + kExamples + "run/h100-8192-reserved.yaml --json");
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_NEAR(nlohmann::json::parse(o.out).at("usd_per_hour").get<double>(), 8192 * 2.75, 0.01);
}

TEST(SimulateCommand, WritesThePowerAlongTheStep) {
  const TemporaryFiles files;
  const std::string file = (files.directory() / "power.csv").string();
  const Outcome o =
      gpuplan("simulate " + kExamples + "gpt3-175b-1024-a100.yaml --json --power-trace " + file);
  ASSERT_EQ(o.code, 0) << o.err;
  const auto j = nlohmann::json::parse(o.out);
  const auto& trace = j.at("power_trace");
  // The series follows the timeline, the report's mean the parts of the busiest stage.
  EXPECT_NEAR(trace.at("mean_w").get<double>() / j.at("power_w").get<double>(), 1.0, 0.05);
  EXPECT_GT(trace.at("peak_w"), trace.at("mean_w"));
  EXPECT_LT(trace.at("trough_w"), trace.at("mean_w"));
  EXPECT_THAT(contents(file), HasSubstr("time_s,power_w\n0.000000,"));
}

}  // namespace
