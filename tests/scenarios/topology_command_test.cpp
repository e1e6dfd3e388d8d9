// `gpuplan topology`: what it prints, draws and refuses.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "tests/scenarios/temporary_files.hpp"

namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Runs "gpuplan topology ARGUMENTS" in `files`' directory.
Outcome topology(const TemporaryFiles& files, const std::string& arguments) {
  const auto out = (files.directory() / "out").string();
  const auto err = (files.directory() / "err").string();
  const std::string command =
      "cd " + files.directory().string() + " && exec " + GPUPLAN_COMMAND + " topology " + arguments;
  const int status = std::system(("( " + command + " ) > " + out + " 2> " + err).c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(out), contents(err)};
}

// GPUPLAN_WRITE_GOLDEN=1 writes the file anew; look at the difference.
TEST(TopologyCommand, PrintsWhatItPrintedBefore) {
  const TemporaryFiles files;
  const std::filesystem::path expected = std::filesystem::path(GPUPLAN_SOURCE_DIR) /
                                         "tests/scenarios/golden/topology-superpod-h100-1024.txt";
  const Outcome outcome = topology(files, "superpod-h100 --gpus 1024");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, IsEmpty());
  if (std::getenv("GPUPLAN_WRITE_GOLDEN") != nullptr) {
    std::ofstream(expected) << outcome.out;
  }
  EXPECT_EQ(outcome.out, contents(expected));
}

// DGX SuperPOD B200 reference architecture: 64 units of 32 nodes.
TEST(TopologyCommand, JsonHoldsThePublishedCounts) {
  const TemporaryFiles files;
  const auto json = nlohmann::json::parse(topology(files, "superpod-b200 --gpus 16384 --json").out);
  EXPECT_EQ(json.at("gpus"), 16384);
  EXPECT_EQ(json.at("nodes"), 2048);
  EXPECT_EQ(json.at("cables").at("compute: NIC - leaf"), 16384);
  EXPECT_EQ(json.at("cables").at("compute: leaf - spine"), 16384);
  EXPECT_EQ(json.at("cables").at("compute: spine - core"), 16384);
  const auto& switches = json.at("switches");
  EXPECT_EQ(switches.at(0).at("count"), 512);
  EXPECT_EQ(switches.at(1).at("count"), 512);
  EXPECT_EQ(switches.at(2).at("count"), 256);
  EXPECT_EQ(json.at("bisection_of_full"), 1.0);
  EXPECT_DOUBLE_EQ(json.at("bisection_bytes_per_s").get<double>(), 16384 * 50e9 / 2);
  double price = 0.0;
  for (const auto& line : json.at("bill_of_materials")) {
    price += line.at("with_node").get<bool>() || line.at("price_usd").is_null()
                 ? 0.0
                 : line.at("price_usd").get<double>();
  }
  EXPECT_DOUBLE_EQ(json.at("network_total").at("price_usd").get<double>(), price);
}

TEST(TopologyCommand, SaysWhatItsTotalsLeaveOut) {
  const TemporaryFiles files;
  const Outcome outcome = topology(files, "superpod-b300");  // no price is known for the Q3400
  EXPECT_THAT(outcome.out, HasSubstr("whose figure is unknown"));
}

TEST(TopologyCommand, DrawsASmallPictureOfALargeCluster) {
  const TemporaryFiles files;
  const Outcome outcome = topology(files, "superpod-h100 --gpus 16384 --dot pod.dot");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, IsEmpty());
  const std::string dot = contents(files.directory() / "pod.dot");
  EXPECT_THAT(dot, HasSubstr("16384 x gpu"));
  EXPECT_LT(dot.size(), 2000U);
}

TEST(TopologyCommand, WarnsBeforeAPictureThatNobodyCanLayOut) {
  const TemporaryFiles files;
  EXPECT_THAT(topology(files, "superpod-h100 --gpus 2048 --dot pod.dot --full").err, IsEmpty());
  const Outcome outcome = topology(files, "superpod-h100 --gpus 4096 --dot pod.dot --full");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("leave --full out"));
  EXPECT_THAT(contents(files.directory() / "pod.dot"), StartsWith("digraph"));
}

TEST(TopologyCommand, ItsGraphmlIsAClusterAgain) {
  const TemporaryFiles files;
  EXPECT_EQ(topology(files, "superpod-h100 --gpus 64 --graphml pod.graphml").code, 0);
  const std::string graph = contents(files.directory() / "pod.graphml");
  EXPECT_THAT(graph, HasSubstr("graphml"));
  EXPECT_THAT(graph, HasSubstr("gpu 63"));
}

TEST(TopologyCommand, RefusesWhatIsNoCluster) {
  const TemporaryFiles files;
  for (const char* arguments :
       {"", "superpod-h10", "nowhere.yaml", "superpod-h100 --gpus 12", "superpod-h100 --gpus 0",
        "superpod-h100 --gpus many", "superpod-h100 --set nic.bandwith=1",
        "superpod-h100 --gpus 100000", "tpu-v4-pod --gpus 2000000000", "superpod-h100 --full",
        "superpod-h100 extra"}) {
    const Outcome outcome = topology(files, arguments);
    EXPECT_EQ(outcome.code, 2) << arguments << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty()) << arguments;
    EXPECT_THAT(outcome.err, StartsWith("gpuplan: ")) << arguments;
  }
  EXPECT_EQ(topology(files, "superpod-h100 --gpus 64 --dot no/such/directory/x.dot").code, 3);
}

}  // namespace
