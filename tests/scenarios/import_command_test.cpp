// gpuplan import as its users meet it.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string kData = std::string(GPUPLAN_SOURCE_DIR) + "/tests/topology/data/";

TEST(ImportGraph, PrintsWhatAGraphHolds) {
  const auto outcome = gpuplan("import edge-list " + kData + "two_nodes.edges");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("gpu               4"));
  EXPECT_THAT(outcome.out, HasSubstr("GPUs are at most 6 hops apart"));
  // Two NICs of 50 GB/s on either side.
  EXPECT_THAT(outcome.out, HasSubstr("reaches the other with 100 GB/s"));
}

TEST(ImportGraph, WritesTheOtherFormats) {
  const TemporaryFiles files;
  const std::string graphml = (files.directory() / "net.graphml").string();
  const std::string edges = (files.directory() / "net.edges").string();
  const std::string dot = (files.directory() / "net.dot").string();
  const auto first =
      gpuplan("import edge-list --json " + kData + "two_nodes.edges --out " + graphml);
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(gpuplan("import graphml " + graphml + " --out " + edges).code, 0);
  EXPECT_EQ(gpuplan("import graphml " + graphml + " --out " + dot).code, 0);
  EXPECT_THAT(contents(dot), HasSubstr("label=\"nvswitch1\""));
  auto there = nlohmann::json::parse(first.out);
  auto back = nlohmann::json::parse(gpuplan("import edge-list --json " + edges).out);
  there.erase("file");
  back.erase("file");
  EXPECT_EQ(there, back);
}

TEST(ImportGraph, BrokenFilesAreTwoAndASentenceWithTheLine) {
  const TemporaryFiles files;
  const std::string bad = files.write("bad.graphml", "<graphml>\n<graph>\n</node>").string();
  const auto outcome = gpuplan("import graphml " + bad);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_EQ(outcome.err, "gpuplan: " + bad + ":3: this is not well-formed XML: mismatched tag\n");
  EXPECT_EQ(gpuplan("import edge-list " + bad).code, 2);
  EXPECT_EQ(gpuplan("import graphml /nowhere.graphml").err,
            "gpuplan: /nowhere.graphml: there is no such file\n");
  EXPECT_THAT(gpuplan("import edge-list " + kData + "two_nodes.edges --out net.png").err,
              HasSubstr("ends on none of .graphml, .edges and .dot"));
}

TEST(ImportNcclTopo, MakesACatalogNode) {
  const auto outcome = gpuplan("import nccl-topo " + kData + "nvswitch_dump.xml");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("2 GPUs: a100-80 (by its PCI device id)"));
  EXPECT_THAT(outcome.out, HasSubstr("accelerators: {value: 2, source:"));
  EXPECT_THAT(outcome.out, HasSubstr("nic: \"connectx-6-200g\""));
  EXPECT_THAT(outcome.out, HasSubstr("nics: {value: 1,"));
  EXPECT_THAT(outcome.out, HasSubstr("gpu 0            PXB"));
  EXPECT_THAT(outcome.out, HasSubstr("gpu 1            SYS"));
}

TEST(ImportNcclTopo, SaysWhatItAssumedAndLetsItBeCorrected) {
  const TemporaryFiles files;
  const std::string bare =
      files
          .write("bare.xml",
                 "<system><cpu numaid=\"0\"><pci busid=\"1\" class=\"0x030200\" "
                 "link_speed=\"32.0 GT/s PCIe\" link_width=\"16\"/></cpu></system>")
          .string();
  const auto guess = nlohmann::json::parse(gpuplan("import nccl-topo --json " + bare).out);
  EXPECT_EQ(guess.at("accelerator"), "h100-sxm");
  EXPECT_FALSE(guess.at("accelerator_known").get<bool>());
  EXPECT_THAT(guess.at("assumed").dump(), HasSubstr("the accelerator is h100-sxm"));
  const auto told = nlohmann::json::parse(
      gpuplan("import nccl-topo --json --accelerator h200-sxm --nic connectx-7-400g " + bare).out);
  EXPECT_EQ(told.at("accelerator"), "h200-sxm");
  EXPECT_THAT(told.at("entry").get<std::string>(), HasSubstr("accelerator: \"h200-sxm\""));
  EXPECT_EQ(gpuplan("import nccl-topo --accelerator h2000 " + bare).code, 2);
}

TEST(ImportNcclTopo, WritesEntryAndGraph) {
  const TemporaryFiles files;
  const std::string entry = (files.directory() / "node.yaml").string();
  const std::string graph = (files.directory() / "node.graphml").string();
  const auto outcome = gpuplan("import nccl-topo " + kData + "nvswitch_dump.xml --out " + entry +
                               " --graph " + graph);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(contents(entry), HasSubstr("nodes:\n  \"nvswitch-dump\":\n"));
  EXPECT_THAT(gpuplan("import graphml " + graph).out, HasSubstr("scale-up switch   1"));
}

TEST(ImportNcclTopo, BrokenFilesAreTwoAndASentenceWithTheLine) {
  const TemporaryFiles files;
  const std::string bad = files.write("bad.xml", "<system>\n<cpu>\n<pci/></cpu></system>").string();
  const auto outcome = gpuplan("import nccl-topo " + bad);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, "gpuplan: " + bad + ":3: pci: it has no class\n");
}

TEST(GraphCluster, AScenarioMayNameAGraphAndANode) {
  const TemporaryFiles files;
  std::string net = "gpu0 nvswitch0 450GB/s 1us\n";
  for (int i = 1; i < 8; ++i) {
    net += "gpu" + std::to_string(i) + " nvswitch0 450GB/s 1us\n";
  }
  files.write("net.edges", net);
  const std::string scenario =
      files
          .write("s.yaml",
                 "base: " + std::string(GPUPLAN_SOURCE_DIR) +
                     "/scenarios/examples/llama3-8b-8xh100-fsdp.yaml\n"
                     "cluster: {fabric: null, gpus: null, graph: net.edges, node: dgx-h100}\n")
          .string();
  for (const char* fidelity : {"closed-form", "flow"}) {
    const auto outcome =
        gpuplan("simulate --json --fidelity " + std::string(fidelity) + " " + scenario);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(nlohmann::json::parse(outcome.out).at("gpus"), 8);
  }
  EXPECT_THAT(gpuplan("simulate " + scenario + " --set cluster.gpus=16").err,
              HasSubstr("net.edges has 8 GPUs"));
  EXPECT_THAT(gpuplan("simulate " + scenario + " --set cluster.node=null").err,
              HasSubstr("a graph needs a node beside it"));
  EXPECT_THAT(gpuplan("simulate " + scenario + " --set cluster.fabric=dgx-h100").err,
              HasSubstr("a fabric or a graph, not both"));
  EXPECT_THAT(gpuplan("simulate " + scenario + " --set cluster.graph=nowhere.edges").err,
              HasSubstr("there is no file"));
}

}  // namespace
