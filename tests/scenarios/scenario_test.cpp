#include "scenarios/scenario.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/scenarios/messages.hpp"
#include "tests/scenarios/temporary_files.hpp"

namespace {

using scenarios::load_scenario;
using testing::HasSubstr;

const std::filesystem::path kScenarios = std::filesystem::path(GPUPLAN_SOURCE_DIR) / "scenarios";
const std::string kSmall =
    "model: llama3-8b\n"
    "cluster: {fabric: dgx-h100}\n"
    "training: {sequence_length: 8192, global_batch: 16}\n";

scenarios::Scenario load(const std::filesystem::path& path,
                         const std::vector<std::string>& sets = {}) {
  return load_scenario(path, sets, scenarios::Catalog(kScenarios / "catalog"));
}

const scenarios::Explained& explained(const scenarios::Scenario& scenario,
                                      const std::string& path) {
  static const scenarios::Explained kNone;
  const auto it = std::find_if(scenario.values.begin(), scenario.values.end(),
                               [&](const auto& one) { return one.path == path; });
  return it == scenario.values.end() ? kNone : *it;
}

TEST(Scenario, ExamplesLoad) {
  int count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(kScenarios / "examples")) {
    const auto folder = file.path().parent_path().filename();
    if (file.is_regular_file() && folder != "sweep" && folder != "queue") {
      const bool searched = file.path().parent_path().filename() == "search";
      EXPECT_NO_THROW({
        [[maybe_unused]] const auto scenario = scenarios::load_scenario(
            file.path(), {}, scenarios::Catalog(kScenarios / "catalog"),
            searched ? scenarios::LayoutIs::Searched : scenarios::LayoutIs::Given);
      }) << file.path();
      ++count;
    }
  }
  EXPECT_GE(count, 11);
}

TEST(Scenario, TheLargestExampleSaysWhatItsFileSays) {
  const auto s = load(kScenarios / "examples" / "llama3-405b-16k.yaml");
  EXPECT_EQ(s.name, "Llama 3.1 405B on 16,384 H100");
  EXPECT_EQ(s.model.layers, 126);
  EXPECT_EQ(s.cluster.gpus, 16384);
  EXPECT_EQ(s.layout.world_size(), 16384);
  EXPECT_EQ(s.layout.schedule, sim::Schedule::Interleaved);
  EXPECT_EQ(s.layout.sharding, sim::Sharding::Zero1);
  EXPECT_EQ(s.framework.id, "megatron");
  EXPECT_THAT(s.limits, HasSubstr("\"power\":\"25 MW\""));
}

TEST(Scenario, DefaultsAreFilledAndExplained) {
  const TemporaryFiles files;
  const auto s = load(files.write("my-first.yaml", kSmall));
  EXPECT_EQ(s.name, "my-first");
  EXPECT_EQ(s.layout.dp, 8);
  EXPECT_EQ(s.training.micro_batch, 1);
  EXPECT_EQ(s.training.precision, topology::Precision::Bf16);
  EXPECT_EQ(s.framework.id, "megatron");
  EXPECT_EQ(explained(s, "layout.dp").source, "default: gpus / (tp x pp x cp)");
  EXPECT_EQ(explained(s, "training.global_batch").source,
            (files.directory() / "my-first.yaml:3").string());
  EXPECT_THAT(explained(s, "cluster.accelerator.memory_bandwidth").source,
              testing::StartsWith("catalog h100-sxm: "));
  EXPECT_THAT(explained(s, "model.layers").source, testing::StartsWith("catalog llama3-8b: "));
}

TEST(Scenario, SetChangesAnyPath) {
  const TemporaryFiles files;
  const auto path = files.write("s.yaml", kSmall);
  const auto s = load(
      path, {"layout.tp=4", "training.recompute={layers: 2}", "cluster.overrides.nic.latency=3 us",
             "model.layers=30", "framework.reduce_bytes=2", "name=other"});
  EXPECT_EQ(s.layout.tp, 4);
  EXPECT_EQ(s.layout.dp, 2);
  EXPECT_EQ(s.training.recompute, sim::Recompute::Full);
  EXPECT_EQ(s.training.recompute_layers, 2);
  EXPECT_NEAR(s.cluster.nic_latency.in(units::microseconds(1)), 3, 1e-9);
  EXPECT_EQ(s.model.layers, 30);
  EXPECT_EQ(s.model.hidden, 4096);  // Llama 3 8B
  EXPECT_EQ(s.framework.reduce_bytes, 2);
  EXPECT_EQ(s.name, "other");
  EXPECT_EQ(explained(s, "model.layers").source, "--set model.layers=30");
}

TEST(Scenario, SetNullTakesAValueAway) {
  const TemporaryFiles files;
  const auto path = files.write("s.yaml", kSmall + "layout: {tp: 2, dp: 4}\n");
  EXPECT_EQ(load(path, {"layout.dp=null", "layout.tp=1"}).layout.dp, 8);
}

TEST(Scenario, BaseIsLaidUnder) {
  const TemporaryFiles files;
  files.write("base.yaml", kSmall + "layout: {tp: 2}\n");
  const auto s =
      load(files.write("sub/top.yaml", "base: ../base.yaml\ntraining: {global_batch: 32}\n"));
  EXPECT_EQ(s.training.global_batch, 32);
  EXPECT_EQ(s.training.sequence_length, 8192);
  EXPECT_EQ(s.layout.tp, 2);
  EXPECT_THAT(explained(s, "layout.tp").source, HasSubstr("base.yaml:4"));
}

TEST(Scenario, OverridesMayBeNested) {
  const TemporaryFiles files;
  const auto s = load(files.write("s.yaml",
                                  "model: llama3-8b\ncluster: {fabric: superpod-h100, gpus: 16, "
                                  "overrides: {nic: {bandwidth: 100 Gbit/s}, "
                                  "accelerator: {peak: {bf16: 500 TFLOP/s}}}}\ntraining: "
                                  "{sequence_length: 8192, global_batch: 16}\n"));
  EXPECT_NEAR(s.cluster.nic_bandwidth.in(units::gigabits_per_second(1)), 100, 1e-9);
  EXPECT_NEAR(
      s.cluster.accelerator.peak_for(topology::Precision::Bf16).in(units::teraflops_per_second(1)),
      500, 1e-9);
}

TEST(Scenario, ModelMayBeAFileOrStandInline) {
  const TemporaryFiles files;
  const std::string shape =
      "layers: 4\nhidden: 512\nffn_hidden: 2048\nheads: 8\nvocab: 1000\nmlp: plain\n";
  files.write("models/tiny.yaml", shape);
  const std::string rest =
      "cluster: {fabric: dgx-h100}\ntraining: {sequence_length: 128, global_batch: 8}\n";
  const auto by_path = load(files.write("a.yaml", "model: models/tiny.yaml\n" + rest));
  const auto inline_one = load(files.write(
      "b.yaml",
      "model: {layers: 4, hidden: 512, ffn_hidden: 2048, heads: 8, vocab: 1000, mlp: plain}\n" +
          rest));
  EXPECT_EQ(by_path.model.head_dim, 64);
  EXPECT_EQ(by_path.model.kv_heads, 8);
  EXPECT_EQ(inline_one.model.hidden, by_path.model.hidden);
  EXPECT_THAT(explained(inline_one, "model.layers").source, HasSubstr("b.yaml:1"));
}

TEST(Scenario, FabricMayChangeACatalogEntry) {
  const TemporaryFiles files;
  const auto s = load(files.write("s.yaml",
                                  "model: llama3-8b\ncluster: {fabric: {base: superpod-h100, "
                                  "leaf_oversubscription: 4}, gpus: 64}\n"
                                  "training: {sequence_length: 8192, global_batch: 64}\n"));
  EXPECT_EQ(s.cluster.leaf_oversubscription, 4);
  EXPECT_EQ(s.cluster.nodes_per_leaf, 32);  // of the catalog entry
  EXPECT_EQ(s.cluster.id, "superpod-h100");
}

}  // namespace
