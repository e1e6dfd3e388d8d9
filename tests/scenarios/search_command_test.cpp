// gpuplan search, as a user runs it.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "scenarios/scenario.hpp"
#include "sim/plan/layout_rules.hpp"

#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kExamples = std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/examples/";
const std::string kGpt3 = kExamples + "search/gpt3-175b-4096-a100.yaml";

TEST(SearchCommand, BeatsCalculonsFavouriteOnTheFlowsOfBoth) {
  const Outcome found = gpuplan("search " + kGpt3 + " --top 3 --json");
  ASSERT_EQ(found.code, 0) << found.err;
  const json best = json::parse(found.out)["best"];
  ASSERT_EQ(best.size(), 3U);
  // Calculon's search likes tp 8, pp 16, dp 32, micro-batch 1, 6 chunks per stage best
  // (github.com/calculon-ai/calculon, its published example).
  const Outcome theirs = gpuplan(
      "simulate " + kGpt3 +
      " --fidelity flow --json --set layout.tp=8 --set layout.pp=16 --set layout.virtual_stages=6 "
      "--set layout.sequence_parallel=true --set layout.sharding=zero1");
  ASSERT_EQ(theirs.code, 0) << theirs.err;
  EXPECT_LE(best[0]["flow_step_time_s"].get<double>(),
            json::parse(theirs.out)["step_time_s"].get<double>());
}

TEST(SearchCommand, WritesAScenarioThatSimulatesAsFound) {
  const TemporaryFiles files;
  const std::string out = (files.directory() / "found" / "best.yaml").string();
  std::filesystem::create_directories(files.directory() / "found");
  const Outcome found = gpuplan("search " + kExamples +
                                "mixtral-8x7b-64-h100.yaml --top 1 --fidelity closed-form --json "
                                "--out " +
                                out);
  ASSERT_EQ(found.code, 0) << found.err;
  const json best = json::parse(found.out)["best"][0];
  const Outcome simulated = gpuplan("simulate " + out + " --json");
  ASSERT_EQ(simulated.code, 0) << simulated.err << contents(out);
  const json s = json::parse(simulated.out);
  EXPECT_NEAR(s["step_time_s"].get<double>(), best["step_time_s"].get<double>(), 1e-9);
  EXPECT_NEAR(s["memory_bytes"].get<double>(), best["memory_bytes"].get<double>(), 1.0);
  EXPECT_NEAR(s["mfu"].get<double>(), best["mfu"].get<double>(), 1e-9);
}

TEST(SearchCommand, KeepsWhatIsFixed) {
  const Outcome found =
      gpuplan("search " + kGpt3 +
              " --top 5 --fidelity closed-form --json --set layout.tp=4 --set layout.dp=128 --fix "
              "tp --fix recompute --set training.recompute=full");
  ASSERT_EQ(found.code, 0) << found.err;
  for (const json& one : json::parse(found.out)["best"]) {
    EXPECT_EQ(one["layout"]["tp"], 4);
    EXPECT_EQ(one["layout"]["recompute"], "full");
  }
}

TEST(SearchCommand, KeepsTheOrderOfRanksThatIsFixed) {
  const std::string options =
      " --top 3 --fidelity closed-form --json --fix order --fix tp"
      " --set layout.tp=8 --set layout.pp=8";
  const Outcome found = gpuplan("search " + kGpt3 + options + " --set layout.order=pp-tp-cp-ep-dp");
  ASSERT_EQ(found.code, 0) << found.err;
  for (const json& one : json::parse(found.out)["best"]) {
    EXPECT_EQ(one["layout"]["order"], "pp-tp-cp-ep-dp");
  }
  const Outcome wrong = gpuplan("search " + kGpt3 + options + " --set layout.order=pp-tp-cp-dp");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("layout.order"));
  EXPECT_THAT(wrong.err, HasSubstr("such as tp-cp-ep-dp-pp"));
}

TEST(SearchCommand, TriesZeroBubbleOnlyWithAFrameworkThatHasIt) {
  const std::string options =
      " --top 1 --fidelity closed-form --json --fix virtual_stages --fix pp"
      " --fix recompute --set layout.pp=16 --set layout.tp=8";
  const auto best = [&](const std::string& framework) {
    const Outcome found = gpuplan("search " + kGpt3 + options + " --set framework=" + framework);
    EXPECT_EQ(found.code, 0) << found.err;
    return json::parse(found.out)["best"][0];
  };
  EXPECT_EQ(best("megatron")["layout"]["schedule"], "1f1b");
  EXPECT_EQ(best("zero-bubble")["layout"]["schedule"], "zb-h1");
  EXPECT_LT(best("zero-bubble")["step_time_s"], best("megatron")["step_time_s"]);
  const Outcome refused = gpuplan("simulate " + kExamples +
                                  "llama3-405b-16k.yaml --set layout.schedule=zb-h1 "
                                  "--set layout.virtual_stages=1");
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("megatron does not split its backward pass"));
}

TEST(SearchCommand, SaysWhatIsMissingWhereNothingFits) {
  const Outcome found = gpuplan("search " + kGpt3 + " --set cluster.gpus=16");
  EXPECT_EQ(found.code, 1);
  EXPECT_THAT(found.out, HasSubstr("No layout fits. The smallest needs "));
  EXPECT_THAT(found.out, HasSubstr("Use more or larger accelerators"));
}

TEST(SearchCommand, RefusesAChoiceThatIsNone) {
  const Outcome found = gpuplan("search " + kGpt3 + " --fix microbatch");
  EXPECT_EQ(found.code, 2);
  EXPECT_THAT(found.err, HasSubstr("did you mean \"micro_batch\"?"));
}

/// sim::can_train and the sentences of the scenario language hold the same rules.
TEST(LayoutRules, AreThoseThatScenariosExplain) {
  const scenarios::Catalog catalog = scenarios::Catalog::open();
  std::mt19937 random(5);
  const auto one_of = [&random](std::initializer_list<int> list) {
    return *(list.begin() + static_cast<std::ptrdiff_t>(random() % list.size()));
  };
  const char* const models[] = {"mixtral-8x7b-64-h100.yaml", "llama3-405b-16k.yaml",
                                "gpt3-175b-1024-a100.yaml"};
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 400; ++i) {
    sim::Layout l{.tp = one_of({1, 2, 3, 4, 8}),
                  .pp = one_of({1, 2, 3, 4, 8}),
                  .virtual_stages = one_of({1, 1, 2, 4, 50}),
                  .cp = one_of({1, 1, 2, 3}),
                  .ep = one_of({1, 1, 1, 2, 3, 8})};
    const int batch = one_of({64, 96, 128, 500, 512});
    const int micro_batch = one_of({1, 2, 3, 4});
    const int gpus = 8 * one_of({8, 16, 24});
    l.dp = gpus / (l.tp * l.pp * l.cp);
    l.sequence_parallel = random() % 2 == 0;
    const bool interleaved = l.virtual_stages > 1;
    const auto set = [](const char* key, auto value) {
      return std::string(key) + "=" + std::to_string(value);
    };
    const std::vector<std::string> sets{
        set("cluster.gpus", gpus),
        set("layout.tp", l.tp),
        set("layout.pp", l.pp),
        set("layout.virtual_stages", l.virtual_stages),
        set("layout.cp", l.cp),
        set("layout.ep", l.ep),
        set("layout.dp", std::max(1, l.dp)),
        std::string("layout.sequence_parallel=") + (l.sequence_parallel ? "true" : "false"),
        std::string("layout.schedule=") + (interleaved         ? "interleaved"
                                           : random() % 8 == 0 ? "zb-h1"
                                                               : "1f1b"),
        "layout.order=" + sim::name(sim::rank_orders()[random() % 4 == 0 ? random() % 48 : 0]),
        std::string("framework=") + (random() % 2 == 0 ? "megatron" : "zero-bubble"),
        set("training.global_batch", batch),
        set("training.micro_batch", micro_batch)};
    const std::string file = kExamples + models[i % 3];
    const sim::TrainingJob job =
        scenarios::load_scenario(file, sets, catalog, scenarios::LayoutIs::Searched).job();
    std::string refusal;
    try {
      (void)scenarios::load_scenario(file, sets, catalog);
    } catch (const topology::InputError& e) {
      refusal = e.what();
    }
    EXPECT_EQ(sim::can_train(job), refusal.empty()) << refusal;
    (refusal.empty() ? good : bad) += 1;
  }
  EXPECT_GT(good, 20);
  EXPECT_GT(bad, 100);
}

}  // namespace
