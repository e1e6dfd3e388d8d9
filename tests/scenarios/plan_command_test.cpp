// gpuplan plan, as a buyer runs it.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

const std::string kBuyer =
    std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/examples/plan-15t-60days.yaml";
/// Fewer sizes, for what does not depend on them.
const std::string kFewSizes = " --set 'plan.gpus=[1024, 1536, 2048]'";

/// The sum of a bill's leaves in cents; fails where a line is not what its parts add up to, or a
/// price does not say whose, of when and from where it is.
long cents(const json& line) {
  const long whole = std::lround(line["usd"].get<double>() * 100.0);
  if (!line.contains("lines")) {
    for (const char* key : {"provider", "as_of", "source"}) {
      EXPECT_NE(line[key], "") << line["what"] << " lacks its " << key;
    }
    return whole;
  }
  long sum = 0;
  for (const json& part : line["lines"]) {
    sum += cents(part);
  }
  EXPECT_EQ(sum, whole) << line["what"];
  return sum;
}

TEST(Plan, AnswersTheBuyerWithinTheLimits) {
  const Outcome o = gpuplan("plan " + kBuyer + " --json");
  ASSERT_EQ(o.code, 0) << o.err;
  const json j = json::parse(o.out);
  const json& plan = j["plan"];
  EXPECT_LE(plan["finish_p95_s"].get<double>(), 60 * 86400.0);
  EXPECT_LE(plan["cost_usd"].get<double>(), 150e6);
  EXPECT_LE(plan["peak_power_w"].get<double>(), 20e6);
  EXPECT_EQ(plan["terms"], "on-premises");
  EXPECT_NEAR(
      static_cast<double>(cents(plan["cost"])), 100.0 * plan["cost_usd"].get<double>(),
      0.5 + 0.002 * 100.0 * plan["cost_usd"].get<double>());  // more courses than in the search
  EXPECT_EQ(j["binding"].size(), 3U);
  EXPECT_GE(j["pareto"].size(), 1U);
}

TEST(Plan, NamesTheLimitsThatClash) {
  const Outcome o = gpuplan("plan " + kBuyer + kFewSizes + " --set limits.budget='50e6 USD'");
  EXPECT_EQ(o.code, 1) << o.err;
  EXPECT_THAT(o.out, AllOf(HasSubstr("No plan meets the limits."),
                           HasSubstr("without limits.budget (50 million USD) there would be one"),
                           HasSubstr("Nearest: it would need a ")));
}

TEST(Plan, TellsWhatRelaxingALimitIsWorth) {
  const Outcome o = gpuplan("plan " + kBuyer + kFewSizes +
                            " --set limits.deadline='50 days' --set limits.budget=null --json");
  ASSERT_EQ(o.code, 0) << o.err;
  const json binding = json::parse(o.out)["binding"];
  EXPECT_EQ(binding[0]["limit"], "deadline");
  EXPECT_GT(binding[0]["gain_of_goal_by_10_percent_more"].get<double>(), 1e6);
}

TEST(Plan, DoesNotDependOnTheNumberOfThreads) {
  const auto without_time = [](const std::string& text) {
    json j = json::parse(text);
    j.erase("wall_s");
    return j;
  };
  const std::string command = "plan " + kBuyer + kFewSizes + " --json --threads ";
  EXPECT_EQ(without_time(gpuplan(command + "1").out), without_time(gpuplan(command + "3").out));
}

TEST(Plan, WritesAScenarioThatRunsAsPlanned) {
  const TemporaryFiles files;
  const std::string out = (files.directory() / "best.yaml").string();
  const Outcome o = gpuplan("plan " + kBuyer + kFewSizes + " --json --out " + out);
  ASSERT_EQ(o.code, 0) << o.err;
  const Outcome run = gpuplan("run " + out + " --json");
  ASSERT_EQ(run.code, 0) << run.err << contents(out);
  EXPECT_NEAR(json::parse(run.out)["step_time_s"].get<double>(),
              json::parse(o.out)["plan"]["step_time_s"].get<double>(), 1e-9);
}

TEST(Plan, KeepsDataOnThePremises) {
  const Outcome o = gpuplan("plan " + kBuyer + kFewSizes + " --set plan.terms=[spot]");
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("nothing is left that keeps the data on the premises"));
  const Outcome anywhere =
      gpuplan("plan " + kBuyer + kFewSizes +
              " --set limits.residency=null --set plan.terms=[reserved] --json");
  ASSERT_EQ(anywhere.code, 0) << anywhere.err;
  EXPECT_EQ(json::parse(anywhere.out)["plan"]["terms"], "reserved");
}

TEST(Plan, RefusesAnUnknownFabric) {
  const Outcome o = gpuplan("plan " + kBuyer + " --set plan.fabrics=[superpod-h101]");
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("superpod-h100"));
}

}  // namespace
