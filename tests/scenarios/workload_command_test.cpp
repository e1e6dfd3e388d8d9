// Models of towers, post-training tasks and the queue of a shared cluster, by the command.
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kWorkloads = std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/examples/workloads/";
const std::string kQueue =
    std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/examples/queue/shared-cluster.yaml";

json simulated(const std::string& example, const std::string& sets = {}) {
  const Outcome o = gpuplan("simulate " + kWorkloads + example + ".yaml --json" + sets);
  EXPECT_EQ(o.code, 0) << example << ": " << o.err;
  return o.code == 0 ? json::parse(o.out) : json{};
}

TEST(Workloads, EveryExampleRunsAndFits) {
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator(kWorkloads)) {
    const json j = simulated(file.path().stem().string());
    ASSERT_TRUE(j.is_object()) << file.path();
    EXPECT_GT(j["step_time_s"].get<double>(), 0.0) << file.path();
    EXPECT_LT(j["mfu"].get<double>(), 0.75) << file.path();
    ++count;
  }
  EXPECT_GE(count, 15);
}

TEST(Workloads, ImagesAreCountedAsSamples) {
  const Outcome o = gpuplan("simulate " + kWorkloads + "resnet50-8-a100.yaml");
  EXPECT_THAT(o.out, HasSubstr("samples/s"));
}

// Four times the pixels are four times the work of a convolutional net, and its time.
TEST(Workloads, TimeFollowsTheSizeOfTheImage) {
  const double small = simulated("resnet50-8-a100")["step_time_s"].get<double>();
  const double large = simulated("resnet50-8-a100",
                                 " --set model.size.height=448 --set model.size.width=448 "
                                 "--set training.micro_batch=64")["step_time_s"]
                           .get<double>();
  EXPECT_NEAR(large / small, 4.0, 0.4);
}

TEST(Workloads, TowersAreOnlySplitOverTheBatch) {
  const Outcome o = gpuplan("simulate " + kWorkloads + "resnet50-8-a100.yaml --set layout.tp=2");
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("layout.tp: ResNet-50 v1.5 consists of towers, which only the batch "
                               "can split; set tp to 1"));
}

TEST(Workloads, TowersHaveNoSequenceLength) {
  const Outcome o =
      gpuplan("simulate " + kWorkloads + "resnet50-8-a100.yaml --set training.sequence_length=8");
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("a model of towers counts samples"));
}

TEST(Workloads, TransformersNeedASequenceLength) {
  const Outcome o =
      gpuplan("simulate " + kWorkloads + "llama3-8b-sft.yaml --set training.sequence_length=null");
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("training.sequence_length: is missing"));
}

TEST(Workloads, BlocksThatDoNotFitAreRefusedWhereTheyStand) {
  const TemporaryFiles files;
  const auto model = files.directory() / "model.yaml";
  std::ofstream(model)
      << "size: {height: 8, width: 8}\ntowers:\n  - name: net\n    input: {channels: "
         "6}\n    blocks:\n      - {block: transformer, heads: 4, inner: 8}\n";
  const Outcome o =
      gpuplan("simulate " + kWorkloads + "resnet50-8-a100.yaml --set model=" + model.string());
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("4 does not divide the 6 channels that reach this block"));
}

TEST(Workloads, AdaptersOnFewerLayersTakeLess) {
  const auto step = [](const std::string& targets) {
    return simulated("llama3-70b-lora", " --set training.lora_targets=" + targets)["step_time_s"]
        .get<double>();
  };
  EXPECT_LT(step("qkv"), step("attention"));
  EXPECT_LT(step("attention"), step("all"));
}

// The reference runs every forward pass once more; with cached likelihoods it does not run at all.
TEST(Workloads, PreferenceTuningRunsTheReference) {
  const json online = simulated("llama3-8b-dpo")["task"];
  const json cached = simulated("llama3-8b-dpo", " --set task.cached_reference=true")["task"];
  const double training = online["training_s"].get<double>();
  EXPECT_EQ(cached["reference_s"], 0.0);
  EXPECT_DOUBLE_EQ(cached["step_time_s"].get<double>(), training);
  EXPECT_GT(online["step_time_s"].get<double>(), 1.15 * training);
  EXPECT_LT(online["step_time_s"].get<double>(), 1.5 * training);
}

TEST(Workloads, ColocatedRolloutsTakeTurnsAndSplitOnesOverlap) {
  const json together = simulated("llama3-8b-grpo")["task"];
  const json g = together["generation"];
  EXPECT_NEAR(together["step_time_s"].get<double>(),
              g["total_s"].get<double>() + together["training_s"].get<double>() +
                  together["reference_s"].get<double>() + together["handover_s"].get<double>(),
              1e-6);
  const json split =
      simulated("llama3-8b-grpo", " --set task.placement=split --set task.rollout_gpus=64")["task"];
  EXPECT_LT(split["step_time_s"].get<double>(), together["step_time_s"].get<double>());
  EXPECT_GT(split["trainer_idle"].get<double>() + split["generator_idle"].get<double>(), 0.0);
}

// Decoding reads all weights for every token: 8.03e9 x 2 bytes at 3.35 TB/s are 4.8 ms, so 1500
// tokens take at least 7.2 s, and longer answers in proportion.
TEST(Workloads, GenerationIsBoundByMemory) {
  const json short_ones = simulated("llama3-8b-grpo")["task"]["generation"];
  EXPECT_GT(short_ones["decode_s"].get<double>(), 1500 * 8.03e9 * 2 / 3.35e12);
  const json long_ones =
      simulated("llama3-8b-grpo", " --set task.response_length=3000")["task"]["generation"];
  EXPECT_GT(long_ones["decode_s"].get<double>(), 1.9 * short_ones["decode_s"].get<double>());
  EXPECT_LT(long_ones["tail_s"].get<double>(), short_ones["tail_s"].get<double>());
}

TEST(Workloads, AReplicaThatHoldsNoSequenceIsAnAnswer) {
  const Outcome o =
      gpuplan("simulate " + kWorkloads + "llama3-70b-ppo-split.yaml --set task.rollout_tp=1");
  EXPECT_EQ(o.code, 1) << o.err;
  EXPECT_THAT(o.out, HasSubstr("raise task.rollout_tp"));
}

TEST(Workloads, ImagesGenerateNoText) {
  const Outcome o = gpuplan("simulate " + kWorkloads + "resnet50-8-a100.yaml --set task.kind=grpo");
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("does not generate text"));
}

TEST(QueueCommand, TheExampleRuns) {
  const Outcome o = gpuplan("queue " + kQueue + " --json");
  ASSERT_EQ(o.code, 0) << o.err;
  const json j = json::parse(o.out);
  EXPECT_GT(j["jobs"].get<int>(), 10'000);
  EXPECT_GT(j["utilisation"].get<double>(), 0.3);
  EXPECT_LT(j["utilisation"].get<double>(), 1.0);
  EXPECT_GE(j["p95_wait_s"].get<double>(), j["p50_wait_s"].get<double>());
  EXPECT_EQ(j["kinds"].size(), 5U);
  EXPECT_EQ(j["kinds"][4]["jobs"], 81 + 27 + 9 + 3 + 1);
  EXPECT_GT(j["inference_share"].get<double>(), 0.05);
}

TEST(QueueCommand, WritesEveryJob) {
  const TemporaryFiles files;
  const auto file = files.directory() / "two.yaml";
  const auto out = files.directory() / "jobs.csv";
  std::ofstream(file) << "cluster: {fabric: dgx-h100}\njobs:\n"
                         "  - {name: first, gpus: 8, runtime: 1 h}\n"
                         "  - {name: second, at: 10 min, gpus: 4, runtime: 30 min}\n";
  const Outcome o = gpuplan("queue " + file.string() + " --out " + out.string());
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(contents(out),
            "job,kind,gpus,arrival_s,start_s,end_s,wait_s,leaves,preempted,lost_s\n"
            "0,first,8,0.000,0.000,3600.000,0.000,1,0,0.000\n"
            "1,second,4,600.000,3600.000,5400.000,3000.000,1,0,0.000\n");
  EXPECT_THAT(o.out, HasSubstr("second"));
}

// The first job is stopped after 10 minutes, of which none are saved; 30 minutes later it restarts
// for 5 and trains its hour.
TEST(QueueCommand, StopsJobsOfLowerPriority) {
  const TemporaryFiles files;
  const auto file = files.directory() / "urgent.yaml";
  const auto out = files.directory() / "jobs.csv";
  std::ofstream(file) << "cluster: {fabric: dgx-h100}\n"
                         "preemption: {checkpoint_every: 30 min, restart: 5 min}\njobs:\n"
                         "  - {name: first, gpus: 8, runtime: 1 h}\n"
                         "  - {name: urgent, at: 10 min, gpus: 4, runtime: 30 min, priority: 1}\n";
  const Outcome o = gpuplan("queue " + file.string() + " --out " + out.string());
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_THAT(contents(out), HasSubstr("0,first,8,0.000,0.000,6300.000,0.000,1,1,900.000\n"));
  EXPECT_THAT(contents(out), HasSubstr("1,urgent,4,600.000,600.000,2400.000,0.000,1,0,0.000\n"));
  EXPECT_THAT(o.out, HasSubstr("preempted       1 times"));
}

TEST(QueueCommand, UrgentJobsWaitLessWhereTheyMayStopOthers) {
  const std::string example =
      std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/examples/queue/preemption.yaml";
  const Outcome with = gpuplan("queue " + example + " --json");
  ASSERT_EQ(with.code, 0) << with.err;
  const TemporaryFiles files;
  const auto file = files.directory() / "without.yaml";
  std::string text = contents(example);
  const std::size_t at = text.find("preemption: {");
  text.erase(at, text.find('\n', at) + 1 - at);
  std::ofstream(file) << text;
  const Outcome without = gpuplan("queue " + file.string() + " --json");
  ASSERT_EQ(without.code, 0) << without.err;
  const json a = json::parse(with.out);
  const json b = json::parse(without.out);
  EXPECT_EQ(a["kinds"][0]["name"], "urgent");
  EXPECT_LT(a["kinds"][0]["mean_wait_s"], b["kinds"][0]["mean_wait_s"]);
  EXPECT_GT(a["preemptions"], 0);
  EXPECT_GT(a["lost"], 0.0);
  EXPECT_EQ(b["preemptions"], 0);
}

TEST(QueueCommand, RefusesWhatCannotRun) {
  const TemporaryFiles files;
  const auto file = files.directory() / "big.yaml";
  std::ofstream(file)
      << "cluster: {fabric: dgx-h100}\njobs:\n  - {name: big, gpus: 16, runtime: 1 h}\n";
  Outcome o = gpuplan("queue " + file.string());
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("16 accelerators are more than the cluster's 8"));
  std::ofstream(file) << "cluster: {fabric: dgx-h100}\n";
  o = gpuplan("queue " + file.string());
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("there is no job; add arrivals, jobs or searches"));
}

}  // namespace
