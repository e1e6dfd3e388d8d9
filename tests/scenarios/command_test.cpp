// The gpuplan command as its users and their scripts meet it: exit codes, streams, messages.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const std::string kExamples = std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/examples/";

TEST(Command, HelpAndVersionGoToStdout) {
  for (const char* arguments :
       {"--help", "simulate --help", "compare --help", "validate --help", "catalog --help",
        "collective --help", "topology --help", "import --help", "import graphml --help",
        "import nccl-topo --help", "import chakra --help", "doctor --help", "--version"}) {
    const auto outcome = gpuplan(arguments);
    EXPECT_EQ(outcome.code, 0) << arguments;
    EXPECT_FALSE(outcome.out.empty()) << arguments;
    EXPECT_THAT(outcome.err, IsEmpty()) << arguments;
  }
}

TEST(Command, WrongUsageIsTwo) {
  EXPECT_THAT(gpuplan("simulat x.yaml").err,
              HasSubstr("gpuplan: unknown command \"simulat\", did you mean \"simulate\"?"));
  for (const char* arguments :
       {"", "simulat", "simulate", "simulate a.yaml b.yaml", "simulate --fidelity exact x.yaml",
        "simulate --nonsense x.yaml", "validate", "validate t.csv --kind poems",
        "catalog models a b", "import", "import poems x", "import graphml", "doctor x"}) {
    const auto outcome = gpuplan(arguments);
    EXPECT_EQ(outcome.code, 2) << arguments;
    EXPECT_THAT(outcome.out, IsEmpty()) << arguments;
    EXPECT_THAT(outcome.err, StartsWith("gpuplan: ")) << arguments;
    EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1) << outcome.err;
  }
}

TEST(Command, BadInputIsTwoAndOneSentence) {
  const auto outcome =
      gpuplan("simulate " + kExamples + "llama3-8b-8xh100-fsdp.yaml --set layout.tp=3");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err,
              HasSubstr("layout.tp: 3 does not divide 32 attention heads; use 1, 2, 4 or 8"));
  EXPECT_EQ(gpuplan("simulate /nowhere.yaml").err,
            "gpuplan: /nowhere.yaml: there is no such file\n");
  EXPECT_THAT(gpuplan("catalog flowers").err, HasSubstr("the catalog has no \"flowers\""));
}

TEST(Command, JsonMayStandAnywhere) {
  for (const char* arguments :
       {"--json doctor", "doctor --json", "--json catalog models", "catalog models --json"}) {
    const auto outcome = gpuplan(arguments);
    EXPECT_EQ(outcome.code, 0) << arguments;
    EXPECT_TRUE(nlohmann::json::accept(outcome.out)) << arguments;
  }
}

TEST(Command, ChangedFiguresOfAnAcceleratorReachItsKernels) {
  const auto step = [](const std::string& change) {
    const auto outcome = gpuplan("simulate " + kExamples + "llama3-405b-16k.yaml --json" + change);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out);
  };
  const std::string accelerator = " --set cluster.overrides.accelerator.";
  const auto shipped = step("");
  const auto slower = step(accelerator + "peak.bf16=500TFLOP/s");
  EXPECT_GT(slower["step_time_s"], 1.5 * shipped["step_time_s"].get<double>());
  EXPECT_THAT(slower["warnings"].dump(), HasSubstr("as changed are not measured"));
  EXPECT_GT(step(accelerator + "memory_bandwidth=1.6TB/s")["step_time_s"], shipped["step_time_s"]);
  EXPECT_GT(step(accelerator + "tdp=500W")["step_time_s"], shipped["step_time_s"]);
}

TEST(Command, SimulateTellsWhatItsKernelsDoAndTheRoofsOverThem) {
  const auto outcome = gpuplan("simulate " + kExamples + "llama3-405b-16k.yaml --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto step = nlohmann::json::parse(outcome.out);
  const auto& roofline = step.at("roofline");
  EXPECT_EQ(roofline.at("stage"), step.at("busiest_stage"));
  EXPECT_DOUBLE_EQ(roofline.at("memory_bytes_per_s"), 3.35e12);  // catalog h100-sxm
  EXPECT_FALSE(roofline.at("memory_source").get<std::string>().empty());
  ASSERT_EQ(roofline.at("roofs").size(), 1U);
  EXPECT_EQ(roofline.at("roofs")[0].at("precision"), "bf16");
  EXPECT_EQ(roofline.at("roofs")[0].at("peak_flops_per_s"), step.at("peak_flops_per_gpu_per_s"));
  EXPECT_FALSE(roofline.at("roofs")[0].at("source").get<std::string>().empty());
  double gemm = 0.0;
  for (const auto& kernel : roofline.at("kernels")) {
    EXPECT_GT(kernel.at("calls"), 0.0);
    EXPECT_GT(kernel.at("bytes"), 0.0);
    gemm += kernel.at("part") == "gemm" ? kernel.at("time_s").get<double>() : 0.0;
  }
  EXPECT_NEAR(gemm / step.at("breakdown_s").at("gemm").get<double>(), 1.0, 1e-9);
}

TEST(Command, AFullDiskIsThree) {
  if (!std::filesystem::exists("/dev/full")) {
    GTEST_SKIP() << "no /dev/full here";
  }
  for (const char* arguments :
       {"catalog models > /dev/full", "--help > /dev/full", "--json doctor > /dev/full"}) {
    const auto outcome = gpuplan(arguments);
    EXPECT_EQ(outcome.code, 3) << arguments;
    EXPECT_THAT(outcome.err, HasSubstr("gpuplan: ")) << arguments;
  }
}

TEST(Command, AClosedPipeIsNoError) {
  const auto outcome = gpuplan("catalog models | head -n 1");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST(Command, ACatalogElsewhereIsUsed) {
  const TemporaryFiles files;
  const std::string copy = files.directory().string() + "/catalog";
  std::filesystem::copy(std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/catalog", copy,
                        std::filesystem::copy_options::recursive);
  ::setenv("GPUPLAN_CATALOG", copy.c_str(), 1);
  EXPECT_THAT(gpuplan("doctor").out, HasSubstr(copy));
  ::setenv("GPUPLAN_CATALOG", "/nowhere", 1);
  const auto outcome = gpuplan("catalog");
  ::unsetenv("GPUPLAN_CATALOG");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("no catalog in /nowhere; set GPUPLAN_CATALOG"));
}

TEST(Command, DoctorFindsEverythingInTheSourceTree) {
  const auto outcome = gpuplan("doctor --json");
  EXPECT_EQ(outcome.code, 0);
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_TRUE(json.at("ready").get<bool>()) << outcome.out;
}

TEST(Command, CollectiveSaysTimeAlgorithmAndWhatBoundsIt) {
  const auto outcome = gpuplan(
      "collective --cluster superpod-h100 --op all_reduce --bytes 1GiB --ranks 1024 --algorithm "
      "ring --fidelity flow --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json.at("ranks"), 1024);
  EXPECT_EQ(json.at("algorithm"), "ring");
  const double time_s = json.at("time_s");
  EXPECT_NEAR(time_s / json.at("uncontended_time_s").get<double>(), 1.0, 0.02);
  EXPECT_NEAR(json.at("algbw_bytes_per_s").get<double>(), 0x1p30 / time_s, 1.0);
  // nccl-tests: busbw = algbw * 2 (n-1)/n.
  EXPECT_NEAR(json.at("busbw_bytes_per_s").get<double>(), 0x1p30 / time_s * 2 * 1023 / 1024, 1.0);
  EXPECT_FALSE(json.at("bound").get<std::string>().empty());
  EXPECT_FALSE(json.at("busiest_links").empty());
  EXPECT_LT(json.at("simulated_flows"), json.at("flows"));
}

TEST(Command, CollectiveChoosesLikeTheLibraryAndPrintsASweep) {
  const auto outcome = gpuplan(
      "collective --cluster dgx-h100 --op all_reduce --sweep 1KiB:1GiB --fidelity closed-form");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("busbw GB/s"));
  EXPECT_THAT(outcome.out, HasSubstr("nvls"));
  EXPECT_THAT(outcome.out, HasSubstr("ring"));
}

TEST(Command, CollectiveRefusesWhatCannotBe) {
  for (const char* arguments :
       {"collective --cluster nowhere --bytes 1GiB", "collective --cluster dgx-h100",
        "collective --cluster dgx-h100 --bytes 1GiB --ranks 16",
        "collective --cluster dgx-h100 --bytes 1GiB --ranks 1",
        "collective --cluster dgx-h100 --bytes 1", "collective --cluster dgx-h100 --op sum",
        "collective --cluster dgx-h100 --bytes 1GiB --algorithm tree",
        "collective --cluster dgx-h100 --bytes 1GiB --placement nowhere.txt",
        "collective --cluster dgx-h100 --schedule nowhere.xml --bytes 1GiB",
        "collective --cluster dgx-h100 --traffic nowhere.csv --op all_to_all"}) {
    const auto outcome = gpuplan(arguments);
    EXPECT_EQ(outcome.code, 2) << arguments << outcome.err;
    EXPECT_THAT(outcome.err, StartsWith("gpuplan: ")) << arguments;
  }
}

TEST(Command, AMistypedSubcommandIsMetWithTheNearest) {
  const Outcome o = gpuplan("import graphm x");
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("unknown command \"graphm\", did you mean \"graphml\"?"));
  EXPECT_THAT(gpuplan("import poems").err, HasSubstr("see gpuplan import --help"));
}

TEST(Command, ADrawnFabricAsksForItsNodes) {
  const Outcome o = gpuplan("topology x.graphml");
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("cluster: {graph: x.graphml, node: dgx-h100}"));
}

TEST(Command, AnInterruptedRunSaysSoAndLeavesNoFile) {
  const TemporaryFiles files;
  const std::string trace = (files.directory() / "trace.json").string();
  const Outcome o = gpuplan("simulate " + kExamples + "network/ecmp.yaml --trace " + trace +
                            " & pid=$!; sleep 0.3; kill -TERM $pid; wait $pid");
  EXPECT_EQ(o.code, 3);
  EXPECT_THAT(o.err, HasSubstr("gpuplan: interrupted; no result was written"));
  EXPECT_TRUE(std::filesystem::is_empty(files.directory()));
}

/// An editor's text counts, not the file, which need not even be there.
TEST(Command, TakesAScenariosTextFromStandardInput) {
  const TemporaryFiles files;
  const std::string text =
      files
          .write("text.yaml",
                 "model: llama3.1-8b\ncluster: {fabric: dgx-h100, gpus: 8}\n"
                 "layout: {sharding: zero3}\n"
                 "training: {sequence_length: 8192, global_batch: 16, recompute: full}\n"
                 "run: {tokens: 1e9}\nplan: {gpus: [8]}\n")
          .string();
  const std::string sweep =
      files.write("sweep.yaml", "scenario: nowhere.yaml\nvary: {training.global_batch: [16, 32]}\n")
          .string();
  for (const std::string& command :
       {std::string("run"), std::string("search"), std::string("plan")}) {
    const Outcome o = gpuplan(command + " /nowhere/job.yaml --stdin --json < " + text);
    EXPECT_EQ(o.code, 0) << command << ": " << o.err;
    EXPECT_EQ(nlohmann::json::parse(o.out)["scenario"], "job") << command;
  }
  const Outcome o =
      gpuplan("sweep " + sweep + " --store s.sqlite --stdin --json --jobs 1 < " + text);
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(nlohmann::json::parse(o.out)["points"], 2);
  EXPECT_THAT(gpuplan("run /nowhere/job.yaml --stdin < /dev/null").err,
              HasSubstr("/nowhere/job.yaml"));
}

}  // namespace
