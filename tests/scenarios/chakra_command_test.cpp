// gpuplan import chakra and gpuplan simulate --chakra as their users meet them. The sample traces
// are not part of the repository; where they are missing, their tests are skipped by name.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/scenarios/run_gpuplan.hpp"
#include "tests/sim/some_trace.hpp"

namespace {

using sim::test::bytes_of;
using sim::test::SomeTrace;
using testing::HasSubstr;
using testing::IsEmpty;

/// Traces t.<rank>.et of one job.
class Job {
 public:
  Job& add(const std::string& rank, const std::string& bytes) {
    files_.write("t." + rank + ".et", bytes);
    return *this;
  }
  Job& add(int rank, SomeTrace trace) {
    return add(std::to_string(rank), bytes_of(trace.finish()));
  }
  [[nodiscard]] std::string prefix() const { return (files_.directory() / "t").string(); }
  [[nodiscard]] Outcome run(const std::string& options = "") const {
    return gpuplan("import chakra " + prefix() + " --cluster dgx-h100 " + options);
  }
  [[nodiscard]] const TemporaryFiles& files() const { return files_; }

 private:
  TemporaryFiles files_;
};

/// Exit code 2, nothing on stdout and one sentence on stderr that holds `text`.
void expect_refused(const Outcome& outcome, const std::string& text) {
  EXPECT_EQ(outcome.code, 2) << outcome.err;
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr(text));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
}

TEST(ImportChakra, PrintsTimesRanksAndLinks) {
  Job job;
  job.add(0, SomeTrace().compute(1, 200).all_reduce(2, 1 << 20, {1}));
  job.add(1, SomeTrace().compute(1, 900).all_reduce(2, 1 << 20, {1}));
  const auto table = job.run();
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("2 ranks, 2 different; 4 nodes"));
  const auto json = nlohmann::json::parse(job.run("--json").out);
  EXPECT_EQ(json.at("ranks"), 2);
  EXPECT_EQ(json.at("nodes"), 4);
  EXPECT_GT(json.at("total_s").get<double>(), 900e-6);
  double sum = 0.0;
  for (const auto& part : json.at("breakdown_s")) {
    sum += part.get<double>();
  }
  EXPECT_NEAR(sum, json.at("total_s").get<double>(), 1e-12);
}

TEST(ImportChakra, TheClusterCanBeChanged) {
  Job job;
  for (int r = 0; r < 16; ++r) {
    job.add(r, SomeTrace().all_reduce(1, 1 << 30));
  }
  const auto total = [&](const std::string& options) {
    const auto outcome =
        gpuplan("import chakra " + job.prefix() + " --json --cluster superpod-h100 " + options);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const auto json = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(json.at("distinct_traces"), 1);
    EXPECT_FALSE(json.at("busiest_links").empty());
    return json.at("total_s").get<double>();
  };
  EXPECT_GT(total("--set 'nic.bandwidth=100 Gbit/s'"), 2 * total(""));
}

TEST(ImportChakra, WrongUsageIsTwo) {
  Job job;
  job.add(0, SomeTrace().compute(1, 5));
  for (const std::string& options :
       {std::string(), std::string("--cluster dgx-h100 --astra n.yml --system s.json"),
        std::string("--astra n.yml"), std::string("--cluster dgx-h100 --communications 0"),
        std::string("--cluster dgx-h100 --compute guess"), std::string("--cluster nowhere"),
        std::string("--cluster dgx-h100 --groups /nowhere.json")}) {
    const auto outcome = gpuplan("import chakra " + job.prefix() + " " + options);
    EXPECT_EQ(outcome.code, 2) << options << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty()) << options;
  }
  expect_refused(gpuplan("import chakra /nowhere/t --cluster dgx-h100"), "there are no traces");
}

TEST(ImportChakra, DamagedFilesAreTwo) {
  const std::string good = bytes_of(SomeTrace().compute(1, 5).all_reduce(2, 64, {1}).finish());
  expect_refused(Job().add("0", good.substr(0, good.size() - 3)).run(), "t.0.et (rank 0): byte");
  // A length of 1 GiB: varint 80 80 80 80 04.
  expect_refused(Job().add("0", std::string("\0\x80\x80\x80\x80\x04zz", 8)).run(),
                 "a message claims 1073741824 bytes");
  // An empty header, then node 1 "a" that depends on itself.
  const std::string itself(
      "\0\x09\x08\x01\x12\x01"
      "a\x18\x04\x28\x01",
      11);
  expect_refused(Job().add("0", itself).run(),
                 "(rank 0): node 1 \"a\": is part of a dependency cycle");
}

TEST(ImportChakra, RanksThatDoNotFitTogetherAreTwo) {
  const auto one = [] { return SomeTrace().all_reduce(1, 64); };
  const std::string bytes = bytes_of(one().finish());
  expect_refused(Job().add("0", bytes).add("1", bytes).add("01", bytes).run(),
                 "is a second trace of rank 1");
  expect_refused(Job().add("0", bytes).add("2", bytes).run(), "rank 1 has no trace");
  expect_refused(
      Job().add(0, one()).add(1, SomeTrace().compute(1, 1)).run(),
      "rank 0 node 1 \"nccl\": is a collective of all 2 ranks (all-reduce 64 bytes) that "
      "rank 1 never reaches");
  expect_refused(Job().add(0, one()).add(1, SomeTrace().all_reduce(7, 65)).run(),
                 "rank 1 node 7 \"nccl\": is all-reduce of 65 bytes where rank 0 node 1");
  expect_refused(Job().add(0, SomeTrace().send(3, 1, 8)).add(1, SomeTrace().compute(1, 1)).run(),
                 "rank 0 node 3 \"isend\": sends to rank 1");
}

TEST(ImportChakra, ADeadlockIsTwoAndExplained) {
  Job job;
  job.add(0, SomeTrace().receive(1, 1, 8).send(2, 1, 8, {1}));
  job.add(1, SomeTrace().receive(1, 0, 8).send(2, 0, 8, {1}));
  expect_refused(job.run(), "deadlock: 2 of 2 ranks wait for each other for ever: rank 0 node 1");
}

TEST(ImportChakra, GroupsComeFromASideFile) {
  Job job;
  for (int r = 0; r < 4; ++r) {
    job.add(r, SomeTrace().all_reduce(1, 1 << 20, {}, r < 2 ? "a" : "b"));
  }
  const auto groups = job.files().write("groups.json", R"({"a": [0, 1], "b": [2, 3]})");
  EXPECT_EQ(job.run("--groups " + groups.string()).code, 0);
  expect_refused(job.run(), "whose ranks are nowhere listed");
}

// ---- the samples, against what ASTRA-sim prints for them

class Samples : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder())) {
      GTEST_SKIP() << "../shared/formats/chakra is not there";
    }
  }
  static std::filesystem::path folder() {
    return std::filesystem::path(GPUPLAN_SOURCE_DIR) / "../shared/formats/chakra";
  }
  static double total_ns(const std::string& name, const std::string& options) {
    const auto outcome = gpuplan("import chakra --json " +
                                 (folder() / (name + "_8npus_1MB") / name).string() + options);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out).at("total_s").get<double>() * 1e9;
  }
  static std::string astra(const std::string& network, const std::string& system) {
    const auto config = folder() / "config";
    return " --astra " + (config / network).string() + " --system " + (config / system).string();
  }
};

TEST_F(Samples, AgreeWithAstraSimOnItsConfigurations) {
  // Expected: ns that ASTRA-sim prints; the promise is 1 %, the model is exact.
  const std::string ring = astra("Ring_8npus.yml", "Ring_4chunks.json");
  EXPECT_NEAR(total_ns("all_reduce", ring), 64440, 0.5);
  EXPECT_NEAR(total_ns("all_gather", ring), 151016, 0.5);
  EXPECT_NEAR(total_ns("reduce_scatter", ring), 33080, 0.5);
  EXPECT_NEAR(total_ns("all_reduce", astra("Ring_8npus.yml", "custom_collective.json")), 90174,
              0.5);
  const std::string hgx = astra("HGX-H100-validated.yml", "HGX-H100-validated.json");
  EXPECT_NEAR(total_ns("all_reduce", hgx), 55222, 0.5);
  EXPECT_NEAR(total_ns("all_reduce", hgx + " --congestion-aware"), 57426, 0.5);
}

TEST_F(Samples, RunOnAClusterOfOurs) {
  for (const char* name : {"all_reduce", "all_gather", "reduce_scatter"}) {
    const double ns = total_ns(name, " --cluster dgx-h100");
    EXPECT_GT(ns, 10e3) << name;  // no collective of 8 GPUs is faster than its kernel and hops
    EXPECT_LT(ns, 100e3) << name;
  }
}

TEST_F(Samples, MoreRanksThanNpusAreTwo) {
  expect_refused(
      gpuplan("import chakra " + (folder() / "all_reduce_8npus_1MB" / "all_reduce").string() +
              astra("Ring_4npus.yml", "Ring_4chunks.json")),
      "npus_count: is less than the number of traces");
}

// ---- export

const std::string kScenario = R"(
name: round trip
model: llama3.1-8b
cluster: {fabric: dgx-h100, gpus: 8}
training: {sequence_length: 8192, global_batch: 16, micro_batch: 1, recompute: full}
layout: {tp: 2, pp: 2, dp: 2, sequence_parallel: true, sharding: zero1}
framework: megatron
)";

TEST(ExportChakra, ARoundTripGivesTheStepTime) {
  const TemporaryFiles files;
  const std::string scenario = files.write("s.yaml", kScenario).string();
  const std::string prefix = (files.directory() / "step").string();
  const auto written =
      gpuplan("simulate --json --fidelity flow " + scenario + " --chakra " + prefix);
  EXPECT_EQ(written.code, 0);
  EXPECT_THAT(written.err, HasSubstr("writing 8 trace files of about "));
  const auto again = gpuplan("import chakra --json " + prefix + " --cluster dgx-h100");
  EXPECT_EQ(again.code, 0) << again.err;
  const double step_s = nlohmann::json::parse(written.out).at("step_time_s").get<double>();
  EXPECT_NEAR(nlohmann::json::parse(again.out).at("total_s").get<double>() / step_s, 1.0, 0.02);
}

TEST(ExportChakra, ManyFilesNeedForceAndNothingIsLeftOver) {
  const TemporaryFiles files;
  const std::string example =
      std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/examples/llama3-405b-16k.yaml";
  const std::string prefix = (files.directory() / "step").string();
  expect_refused(gpuplan("simulate " + example + " --chakra " + prefix),
                 "--chakra would write 16,384 trace files of about ");
  EXPECT_TRUE(std::filesystem::is_empty(files.directory()));
  const std::string scenario = files.write("s.yaml", kScenario).string();
  files.write("step.8.et", "");
  expect_refused(gpuplan("simulate " + scenario + " --chakra " + prefix),
                 "is left over from other traces");
}

}  // namespace
