#include "scenarios/cluster_option.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenarios/messages.hpp"
#include "tests/scenarios/temporary_files.hpp"

namespace scenarios {
namespace {

using testing::AllOf;
using testing::HasSubstr;

topology::ClusterSpec load(const std::string& name, std::optional<int> gpus = {},
                           const std::vector<std::string>& sets = {}) {
  return load_cluster(name, gpus, sets, Catalog::open());
}

TEST(ClusterOption, ACatalogFabricComesWithItsSizeUnlessAnotherIsAskedFor) {
  EXPECT_EQ(load("superpod-h100").gpus, 16384);
  EXPECT_EQ(load("superpod-h100", 131072).gpus, 131072);
  EXPECT_EQ(load("superpod-h100").id, "superpod-h100");
}

TEST(ClusterOption, SetsChangeFiguresByTheNamesOfTheOverridesOrByTheScenariosPaths) {
  const auto spec = load("superpod-h100", {},
                         {"nic.bandwidth=800 Gbit/s", "cluster.fabric.leaf_oversubscription=4"});
  EXPECT_DOUBLE_EQ(spec.nic_bandwidth.base(), 100e9);
  EXPECT_DOUBLE_EQ(spec.leaf_oversubscription, 4.0);
}

TEST(ClusterOption, AScenarioFileGivesItsCluster) {
  const auto spec = load(GPUPLAN_SOURCE_DIR "/scenarios/examples/llama3-405b-16k.yaml");
  EXPECT_EQ(spec.gpus, 16384);
  EXPECT_EQ(spec.fabric, topology::FabricKind::RailOptimised);
}

TEST(ClusterOption, AFileMayHoldTheValuesOfAFabricOrAnOverlayOnOne) {
  const TemporaryFiles files;
  const auto overlay =
      files.write("thin.yaml", "base: superpod-h100\nleaf_oversubscription: 4\ngpus: 1024\n");
  const auto spec = load(overlay.string());
  EXPECT_EQ(spec.gpus, 1024);
  EXPECT_DOUBLE_EQ(spec.leaf_oversubscription, 4.0);
  const auto whole =
      files.write("own.yaml", "kind: single-domain\nnetwork: none\nnode: dgx-h100\ngpus: 8\n");
  EXPECT_EQ(load(whole.string()).gpus, 8);
  EXPECT_EQ(load(whole.string()).id, "own");
}

TEST(ClusterOption, AnUnknownNameIsRefusedWithTheNearestOnes) {
  EXPECT_THAT(refusal([] { load("superpod-h10"); }),
              AllOf(HasSubstr("superpod-h10"), HasSubstr("did you mean \"superpod-h100\"")));
}

TEST(ClusterOption, AnUnknownFigureIsRefusedWithTheNearestOnes) {
  EXPECT_THAT(refusal([] { load("superpod-h100", {}, {"nic.bandwith=400 Gbit/s"}); }),
              AllOf(HasSubstr("nic.bandwith"), HasSubstr("did you mean \"nic.bandwidth\"")));
}

TEST(ClusterOption, AMissingFileAndAnUnknownKindOfFileAreRefused) {
  EXPECT_THAT(refusal([] { load("nowhere/at-all.yaml"); }), HasSubstr("nowhere/at-all.yaml"));
  const TemporaryFiles files;
  EXPECT_THAT(refusal([&] { load(files.write("x.dot", "graph {}").string()); }),
              HasSubstr(".yaml"));
}

TEST(ClusterOption, AFaultInAFileIsNamedWithItsLine) {
  const TemporaryFiles files;
  const auto path = files.write("bad.yaml", "base: superpod-h100\nleaf_oversubscription: many\n");
  EXPECT_THAT(refusal([&] { load(path.string()); }), HasSubstr("bad.yaml:2"));
}

}  // namespace
}  // namespace scenarios
