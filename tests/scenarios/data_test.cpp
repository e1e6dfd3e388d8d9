// Keys data and run.phases: what a run reads, where it may be, what it costs, and how a run changes
// on its way.
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::filesystem::path kExamples =
    std::filesystem::path(GPUPLAN_SOURCE_DIR) / "scenarios/examples";

json ran(const std::string& example, const std::string& sets = {}, int code = 0) {
  const Outcome o =
      gpuplan("run " + (kExamples / example).string() + ".yaml --runs 50 --json" + sets);
  EXPECT_EQ(o.code, code) << o.out << o.err;
  return json::parse(o.out);
}

std::string refused(const std::string& example, const std::string& sets) {
  const Outcome o = gpuplan("run " + (kExamples / example).string() + ".yaml" + sets);
  EXPECT_EQ(o.code, 2) << o.out;
  return o.err;
}

const std::string kText = "data/8b-part-synthetic";
const std::string kImages = "data/resnet50-waits";

TEST(Data, EveryExampleRuns) {
  for (const auto& file : std::filesystem::directory_iterator(kExamples / "data")) {
    const json j = ran("data/" + file.path().stem().string());
    EXPECT_TRUE(j.at("fits")) << file.path();
  }
}

TEST(Data, SharesAreWeightsOverTheirSum) {
  const json one = ran(kText).at("data");
  const json doubled =
      ran(kText,
          " --set data.mixture.fineweb.weight=1.4 --set "
          "data.mixture.market-text.weight=0.1 --set data.mixture.textbooks.weight=0.5")
          .at("data");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(one.at("mixture")[i].at("read").get<double>(),
                doubled.at("mixture")[i].at("read").get<double>(), 1e-6 * 1e12);
  }
  EXPECT_NEAR(one.at("human_share").get<double>(), 0.75, 1e-9);
}

TEST(Data, AStepWaitsForSlowDecoding) {
  const json slow = ran(kImages);
  const json fast = ran(kImages, " --set data.mixture.imagenet-1k.decode='1 ms'");
  const double wait = slow.at("data").at("loading").at("wait_s");
  EXPECT_GT(wait, 0);
  EXPECT_EQ(fast.at("data").at("loading").at("wait_s"), 0);
  EXPECT_NEAR(slow.at("step_time_s").get<double>() - wait, fast.at("step_time_s").get<double>(),
              1e-9);
  EXPECT_GT(slow.at("energy_j").at("meter").get<double>(),
            fast.at("energy_j").at("meter").get<double>());
}

TEST(Data, AStepWaitsForSlowStorage) {
  const json j = ran(kImages, " --set data.mixture.imagenet-1k.bytes='1500 GB'");
  const json& l = j.at("data").at("loading");
  // 16,384 images of 1.17 MB from 20 GB/s.
  EXPECT_NEAR(j.at("step_time_s").get<double>(), 16384 * 1500e9 / 1281167 / 20e9, 1e-6);
  EXPECT_DOUBLE_EQ(l.at("bandwidth_bytes_per_s").get<double>(), 20e9);
}

TEST(Data, TheWaitIsAPartOfTheStep) {
  const Outcome o = gpuplan("simulate " + (kExamples / kImages).string() + ".yaml --json");
  ASSERT_EQ(o.code, 0) << o.err;
  const json j = json::parse(o.out);
  EXPECT_DOUBLE_EQ(j.at("breakdown_s").at("data_loading").get<double>(),
                   j.at("data_loading").at("wait_s").get<double>());
}

TEST(Data, SyntheticTextTakesTimeEnergyAndMoney) {
  const json with = ran(kText);
  const json without =
      ran(kText, " --set data.mixture.textbooks=null --set data.mixture.fineweb.weight=0.95");
  const double days = with.at("data").at("synthesis_s").get<double>() / 86400;
  EXPECT_GT(days, 0.5);
  EXPECT_NEAR(with.at("finish_p95_days").get<double>() - with.at("days_p95").get<double>(),
              days + with.at("data").at("transfer_s").get<double>() / 86400, 1e-9);
  const double energy = with.at("data").at("synthesis_energy_j");
  EXPECT_NEAR(
      with.at("energy_j").at("it").get<double>() - without.at("energy_j").at("it").get<double>(),
      energy, 0.01 * energy);
  const double rent_with = with.at("cost_run").at("lines")[0].at("usd");
  const double rent_without = without.at("cost_run").at("lines")[0].at("usd");
  EXPECT_NEAR(rent_with / rent_without, (2.6 + days) / 2.6, 0.02);
}

TEST(Data, LicencesAreLinesOfTheBill) {
  const json j = ran(kText);
  const json& data = j.at("cost_run").at("lines").back();
  EXPECT_EQ(data.at("what"), "data");
  EXPECT_EQ(data.at("lines")[0].at("what"), "licence, market-text");
  EXPECT_THAT(data.at("lines")[0].at("source").get<std::string>(), HasSubstr("Reuters"));
  const json own = ran(kText, " --set data.mixture.market-text.price_per_billion_tokens='10 USD'");
  EXPECT_THAT(own.at("cost_run").at("lines").back().at("lines")[0].at("source").get<std::string>(),
              HasSubstr("--set data.mixture.market-text"));
}

TEST(Data, RentedStorageIsPaidByTheMonth) {
  const json j = ran(kText, " --set data.storage=object-store-aws");
  const json& line = j.at("cost_run").at("lines").back().at("lines").back();
  EXPECT_EQ(line.at("unit"), "TB-month");
  EXPECT_NEAR(
      line.at("quantity").get<double>(),
      j.at("data").at("stored_bytes").get<double>() / 1e12 *
          (j.at("days").get<double>() + j.at("data").at("synthesis_s").get<double>() / 86400 +
           j.at("data").at("transfer_s").get<double>() / 86400) *
          12 / 365,
      1e-6);
}

TEST(Data, AnOwnedClusterIsBilledWithItsData) {
  const Outcome o =
      gpuplan("run " + (kExamples / kText).string() +
              ".yaml --runs 50 --set purchase.terms=on-premises --set limits.budget='1 USD'");
  EXPECT_EQ(o.code, 1);
  EXPECT_THAT(o.out, HasSubstr("licence, market-text"));
  EXPECT_THAT(o.out, HasSubstr("limits.budget is 1.00 USD"));
}

TEST(Data, ItMustStayWhereItMay) {
  const json away = ran(kText, " --set 'data.mixture.market-text.stays=[on-premises]'", 1);
  EXPECT_THAT(away.at("missed_limits")[0].get<std::string>(),
              HasSubstr("market-text has to stay in on-premises"));
  const json sweden = ran(kText, " --set 'data.stays=[eu-sweden, eu-france]'", 1);
  EXPECT_THAT(sweden.at("missed_limits")[0].get<std::string>(), HasSubstr("us-east (reserved)"));
  ran(kText, " --set 'data.stays=[eu-sweden, us-east]'");
  const json limit = ran(kText, " --set limits.residency=eu-france", 1);
  EXPECT_THAT(limit.at("missed_limits")[0].get<std::string>(), HasSubstr("limits.residency"));
}

TEST(Data, AFloorOfHumanDataIsALimit) {
  const json j = ran(kText, " --set limits.human_share=0.8", 1);
  EXPECT_THAT(j.at("missed_limits")[0].get<std::string>(), HasSubstr("75.0 %"));
}

TEST(Data, TheDeadlineCountsThePreparation) {
  const double days = ran(kText).at("days_p95");
  const json j = ran(kText, " --set limits.deadline='" + std::to_string(days + 0.1) + " days'", 1);
  EXPECT_THAT(j.at("missed_limits")[0].get<std::string>(), HasSubstr("its data prepared first"));
}

TEST(Data, ManyPassesOverTextAreWarnedOf) {
  const json j = ran(kText, " --set data.mixture.market-text.tokens=5e9");
  EXPECT_THAT(j.at("warnings").dump(), HasSubstr("market-text is read 10.0 times"));
}

TEST(Data, BadInputIsExplained) {
  EXPECT_THAT(refused(kText, " --set data.mixture.fineweb.dataset=finewebb"),
              HasSubstr("did you mean \"fineweb\""));
  EXPECT_THAT(refused(kText, " --set data.mixture.ours.weight=1"),
              HasSubstr("\"ours\" is no dataset of the catalog"));
  EXPECT_THAT(refused(kText, " --set data.mixture.librispeech.weight=1"),
              HasSubstr("how many of them \"librispeech\" holds is not known; add tokens"));
  EXPECT_THAT(refused(kText, " --set data.mixture.textbooks.generator=resnet50"),
              HasSubstr("does not write text"));
  EXPECT_THAT(refused(kText,
                      " --set data.mixture.textbooks.tp=1 --set "
                      "data.mixture.textbooks.generator=llama3.1-405b"),
              HasSubstr("raise tp"));
  EXPECT_THAT(refused(kText, " --set data.mixture.textbooks.tp=3"), HasSubstr("attention heads"));
  EXPECT_THAT(refused(kText, " --set 'data.stays=[mars]'"), HasSubstr("\"mars\" is no place"));
  EXPECT_THAT(
      refused(kText,
              " --set data.mixture.fineweb.weight=0 --set data.mixture.market-text.weight=0 "
              "--set data.mixture.textbooks.weight=0"),
      HasSubstr("nothing with a weight above 0"));
  EXPECT_THAT(refused(kImages, " --set data.mixture.imagenet-1k.generator=llama3-8b"),
              HasSubstr("a model of towers reads samples"));
}

const std::string kPhases = "data/llama3-405b-phases";

TEST(Phases, AddUpToTheRun) {
  const json j = ran(kPhases);
  double tokens = 0;
  double days = 0;
  ASSERT_EQ(j.at("phases").size(), 3U);
  for (const json& phase : j.at("phases")) {
    tokens += phase.at("tokens").get<double>();
    days += phase.at("work_days").get<double>();
  }
  EXPECT_DOUBLE_EQ(tokens, j.at("tokens").get<double>());
  EXPECT_NEAR(days, j.at("work_days").get<double>(), 1e-9);
  EXPECT_NEAR(tokens, 15.6e12, 1e9);
  // Long sequences take more time for a token.
  EXPECT_LT(j.at("phases")[2].at("mfu").get<double>(), j.at("phases")[1].at("mfu").get<double>());
}

TEST(Phases, OneThatChangesNothingChangesNothing) {
  const std::string file = "run/llama3-405b-54-days";
  const json plain = ran(file);
  const json phased = ran(file, " --set 'run.phases=[{share: 0.5}, {share: 0.5}]'");
  EXPECT_NEAR(phased.at("days").get<double>() / plain.at("days").get<double>(), 1, 1e-4);
  EXPECT_NEAR(phased.at("energy_j").at("meter").get<double>() /
                  plain.at("energy_j").at("meter").get<double>(),
              1, 1e-4);
}

TEST(Phases, MayChangeTheMixture) {
  const json j = ran(kText,
                     " --set 'run.phases=[{share: 0.9, data: {mixture: {textbooks: null}}}, "
                     "{share: 0.1, data: {mixture: {textbooks: {weight: 2.25}}}}]'");
  // 10 % of the run at 2.25 of 3.
  EXPECT_NEAR(j.at("data").at("human_share").get<double>(), 1 - 0.1 * 0.75, 1e-6);
}

TEST(Phases, BadOnesAreExplained) {
  EXPECT_THAT(refused(kText, " --set 'run.phases=[{share: 0.5}]'"),
              HasSubstr("their shares add up to 0.5, expected 1"));
  EXPECT_THAT(refused(kText, " --set 'run.phases=[{share: 1, layout: {tp: 3}}]'"), HasSubstr("tp"));
  EXPECT_THAT(refused(kText, " --set 'run.phases=[{share: 1, training: {sequence_lenght: 1}}]'"),
              HasSubstr("sequence_lenght"));
}

TEST(PlanWithData, LeavesOutWhereTheDataMayNotBe) {
  const std::string plan =
      "plan " + (kExamples / "plan-15t-60days.yaml").string() +
      " --set limits.residency=null --set 'plan.terms=[on-premises, reserved]' "
      "--set 'plan.gpus=[4096]' --set limits.budget=null --set limits.power=null "
      "--set limits.deadline='400 days'";
  const Outcome free = gpuplan(plan + " --json");
  const Outcome bound =
      gpuplan(plan + " --set data.mixture.fineweb.weight=1 --set 'data.stays=[on-premises]'");
  ASSERT_EQ(free.code, 0) << free.err;
  ASSERT_EQ(bound.code, 0) << bound.err;
  EXPECT_THAT(bound.out, HasSubstr("has to stay in on-premises"));
  EXPECT_THAT(bound.out, HasSubstr("fineweb"));
}

TEST(PlanWithData, AFloorThatTheMixtureMissesIsOneSentence) {
  const Outcome o = gpuplan("plan " + (kExamples / "plan-15t-60days.yaml").string() +
                            " --set data.mixture.cosmopedia.weight=1 --set limits.human_share=0.2");
  EXPECT_EQ(o.code, 1) << o.err;
  EXPECT_THAT(o.out, HasSubstr("people made 0.0 % of what is read, limits.human_share is 20 %"));
}

}  // namespace
