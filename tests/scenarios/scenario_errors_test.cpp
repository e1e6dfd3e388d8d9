// Bad input: each fault is one sentence with place, key and remedy.
#include <random>
#include <string>
#include <vector>

#include "scenarios/scenario.hpp"

#include "tests/scenarios/messages.hpp"
#include "tests/scenarios/temporary_files.hpp"

namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::filesystem::path kCatalog =
    std::filesystem::path(GPUPLAN_SOURCE_DIR) / "scenarios" / "catalog";

std::string refused_file(const std::filesystem::path& path,
                         const std::vector<std::string>& sets = {}) {
  return refusal([&] { (void)scenarios::load_scenario(path, sets, scenarios::Catalog(kCatalog)); });
}

struct Fault {
  std::string name;
  std::string text;
  std::string place;   ///< "line:column: key", after the file's name
  std::string remedy;  ///< part of the sentence
};
void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

class Faults : public testing::TestWithParam<Fault> {};

TEST_P(Faults, NamePlaceKeyAndRemedy) {
  const TemporaryFiles files;
  const auto path = files.write("s.yaml", GetParam().text);
  const std::string message = refused_file(path);
  EXPECT_THAT(message, AllOf(HasSubstr(path.string() + ":" + GetParam().place),
                             HasSubstr(GetParam().remedy)));
  EXPECT_EQ(message.find('\n'), std::string::npos) << "one sentence, one line";
}

const std::string kGpt = "model: gpt3-13b\n";        // 40 layers, 40 heads, hidden 5120
const std::string kLlama70 = "model: llama2-70b\n";  // 64 heads, 8 key-value heads, 80 layers
const std::string kPod = "cluster: {fabric: superpod-h100, gpus: 64}\n";
const std::string kTrain = "training: {sequence_length: 2048, global_batch: 64}\n";

INSTANTIATE_TEST_SUITE_P(
    Scenario, Faults,
    testing::Values(
        Fault{"UnknownKey", kLlama70 + kPod + kTrain + "layout: {tensor: 8}\n",
              "4:10: layout.tensor", "unknown key \"tensor\""},
        Fault{"UnknownTopKey", kLlama70 + kPod + kTrain + "layuot: {tp: 8}\n", "4:1: layuot",
              "did you mean \"layout\"?"},
        Fault{"WrongUnit",
              kLlama70 +
                  "cluster: {fabric: superpod-h100, gpus: 64, overrides: {nic.bandwidth: 400 "
                  "GiB}}\n" +
                  kTrain,
              "2:71: cluster.overrides.nic.bandwidth",
              "is a size, expected a bandwidth such as \"400 Gbit/s\""},
        Fault{"BareNumber",
              kLlama70 +
                  "cluster: {fabric: superpod-h100, gpus: 64, overrides: {nic.bandwidth: 400}}\n" +
                  kTrain,
              "2:71: cluster.overrides.nic.bandwidth",
              "\"400\" has no unit, expected a bandwidth such as \"400 Gbit/s\""},
        Fault{"DuplicateKey", kLlama70 + kPod + kTrain + "layout:\n  tp: 8\n  tp: 4\n",
              "6:3: layout.tp", "already given in line 5"},
        Fault{"MissingModel", "model: llama9\n" + kPod + kTrain, "1:8: there is no model", "llama"},
        Fault{"MissingFabric", kLlama70 + "cluster: {fabric: superpod-h10, gpus: 64}\n" + kTrain,
              "2:19: there is no fabric", "did you mean \"superpod-h100\""},
        Fault{"MissingFramework", kLlama70 + kPod + kTrain + "framework: megatrom\n",
              "4:12: there is no framework", "\"megatron\""},
        Fault{"MissingModelFile", "model: shapes/mine.yaml\n" + kPod + kTrain, "1:8: model",
              "relative to the file that names it"},
        Fault{"MissingSection", kLlama70 + kPod, "1:1", "\"training\" is missing"},
        Fault{"TensorThree",
              kLlama70 + "cluster: {fabric: superpod-h100, gpus: 192}\n" + kTrain +
                  "layout: {tp: 3}\n",
              "4:14: layout.tp", "3 does not divide 64 attention heads; use 1, 2, 4 or 8"},
        Fault{"TensorFive",
              kGpt + "cluster: {fabric: superpod-h100, gpus: 160}\n" + kTrain + "layout: {tp: 5}\n",
              "4:14: layout.tp",
              "groups of 5 do not fit evenly into scale-up domains of 8; use 1, 2, 4 or 8"},
        Fault{"WorldSize", kLlama70 + kPod + kTrain + "layout: {tp: 8, pp: 2, dp: 8}\n",
              "4:28: layout.dp",
              "tp 8 x pp 2 x cp 1 x dp 8 = 128, but the cluster has 64 accelerators; set dp to 4"},
        Fault{"TooManyRanks", kLlama70 + kPod + kTrain + "layout: {tp: 8, pp: 16}\n", "4:9: layout",
              "needs 128 accelerators, but the cluster has 64"},
        Fault{"WorldSizeDefault", kLlama70 + kPod + kTrain + "layout: {tp: 8, pp: 3}\n",
              "4:9: layout", "set cluster.gpus to 48"},
        Fault{"TooFewLayers", kGpt + kPod + kTrain + "layout: {pp: 8, virtual_stages: 8}\n",
              "4:33: layout.virtual_stages",
              "64 model chunks are more than 40 layers can fill; use at most 42"},
        Fault{"InterleavedAlone",
              kLlama70 + kPod + kTrain + "layout: {pp: 2, schedule: interleaved}\n",
              "4:27: layout.schedule", "needs layout.virtual_stages above 1"},
        Fault{"InterleavedRest",
              kLlama70 + kPod + "training: {sequence_length: 2048, global_batch: 12}\n" +
                  "layout: {tp: 8, pp: 4, virtual_stages: 2}\n",
              "3:49: training.global_batch",
              "the 6 micro-batches of a replica to be a multiple of pp = 4; use a global_batch of "
              "16"},
        Fault{"GlobalBatch",
              kLlama70 + kPod + "training: {sequence_length: 2048, global_batch: 100}\n",
              "3:49: training.global_batch",
              "100 is no multiple of dp 64 x micro_batch 1 = 64; use 64 or 128"},
        Fault{"ExpertsOfDense", kLlama70 + kPod + kTrain + "layout: {ep: 8}\n", "4:14: layout.ep",
              "has no experts to spread; set ep to 1"},
        Fault{"ExpertsDivide", "model: mixtral-8x7b\n" + kPod + kTrain + "layout: {ep: 3}\n",
              "4:14: layout.ep", "3 does not divide 8 experts; use 1, 2, 4 or 8"},
        Fault{"ExpertsPlace",
              "model: mixtral-8x7b\ncluster: {fabric: superpod-h100, gpus: 16}\n" + kTrain +
                  "layout: {ep: 8, pp: 4}\n",
              "4:14: layout.ep", "do not divide the 4 ranks of a pipeline stage"},
        Fault{"ContextDivide",
              kLlama70 + "cluster: {fabric: superpod-h100, gpus: 24}\n" + kTrain +
                  "layout: {cp: 3}\n",
              "4:14: layout.cp", "3 does not divide sequences of 2048 tokens"},
        Fault{"Precision",
              kLlama70 + "cluster: {fabric: superpod-a100, gpus: 64}\n" +
                  "training: {sequence_length: 2048, global_batch: 64, precision: fp8}\n",
              "3:64: training.precision", "has no fp8 unit; use fp32, tf32, bf16"},
        Fault{"ShardDegree",
              kLlama70 + kPod + kTrain + "layout: {sharding: zero3, shard_degree: 7}\n",
              "4:41: layout.shard_degree", "7 does not divide the 64 data-parallel ranks"},
        Fault{"BaseIsMissing", "base: none.yaml\n", "1:7: base", "there is no file"},
        Fault{"NodesNotWhole", kLlama70 + "cluster: {fabric: superpod-h100, gpus: 60}\n" + kTrain,
              "2:40: cluster.gpus", "60 is no whole number of nodes of 8; use 56 or 64"}),
    [](const auto& row) { return row.param.name; });

TEST(ScenarioErrors, MissingFileIsNamed) {
  EXPECT_EQ(refused_file("/nowhere/job.yaml"), "/nowhere/job.yaml: there is no such file");
}

TEST(ScenarioErrors, BasesThatLeadBackAreNamed) {
  const TemporaryFiles files;
  files.write("a.yaml", "base: b.yaml\n");
  files.write("b.yaml", "base: c.yaml\n");
  const auto c = files.write("c.yaml", "base: a.yaml\n");
  EXPECT_THAT(refused_file(c), AllOf(HasSubstr("b.yaml:1:7: base"),
                                     HasSubstr("(c.yaml -> a.yaml -> b.yaml -> c.yaml)"),
                                     HasSubstr("take one base away")));
  const auto self = files.write("self.yaml", "base: self.yaml\n");
  EXPECT_THAT(refused_file(self), HasSubstr("self.yaml:1:7: base"));
}

TEST(ScenarioErrors, BrokenSetOptionsAreNamed) {
  const TemporaryFiles files;
  const auto path = files.write("s.yaml", kLlama70 + kPod + kTrain);
  EXPECT_THAT(refused_file(path, {"layout.tpp=4"}),
              AllOf(HasSubstr("--set layout.tpp=4: layout.tpp: unknown key"), HasSubstr("\"tp\"")));
  EXPECT_THAT(refused_file(path, {"layout.tp"}),
              HasSubstr("expected PATH=VALUE such as layout.tp=4"));
  EXPECT_THAT(refused_file(path, {"=4"}), HasSubstr("expected PATH=VALUE"));
  EXPECT_THAT(refused_file(path, {"layout..tp=4"}), HasSubstr("expected PATH=VALUE"));
  EXPECT_THAT(refused_file(path, {"layout.tp=many"}),
              HasSubstr("found \"many\", expected a whole number"));
  EXPECT_THAT(refused_file(path, {"training.global_batch.x=4"}), HasSubstr("is a single value"));
  EXPECT_THAT(refused_file(path, {"cluster.overrides.nic.bandwidth=400"}),
              HasSubstr("\"400\" has no unit"));
}

TEST(ScenarioErrors, GarbageIsRefused) {
  const TemporaryFiles files;
  std::mt19937 random(11);
  std::string bytes(10'000'000, '\0');
  for (char& c : bytes) {
    c = static_cast<char>(random());
  }
  EXPECT_THAT(refused_file(files.write("g.yaml", bytes)),
              HasSubstr("is not text; expected a YAML file in UTF-8"));
  for (char& c : bytes) {
    c = static_cast<char>(' ' + random() % 95);
  }
  EXPECT_THAT(refused_file(files.write("g.yaml", bytes)), HasSubstr("g.yaml:1:"));
}

}  // namespace
