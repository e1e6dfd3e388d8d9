// Every field of a fabric's network can be given in a file and changed by its path.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/cluster_option.hpp"
#include "topology/cluster.hpp"

#include "tests/scenarios/messages.hpp"
#include "tests/scenarios/temporary_files.hpp"

namespace scenarios {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using topology::FabricKind;
using units::gigabits_per_second;

topology::ClusterSpec load(const std::string& text, const std::vector<std::string>& sets = {}) {
  const TemporaryFiles files;
  return load_cluster(files.write("own.yaml", text).string(), {}, sets, Catalog::open());
}

TEST(ClusterNetwork, ReadsPlanesPodsAndUplinks) {
  const auto spec = load(R"(kind: rail-optimised
network: roce
node: hgx-h800
gpus: 30720
nodes_per_leaf: 128
nodes_per_pod: 1920
planes: 2
switch: tomahawk5-64x800g
uplink_bandwidth: 400 Gbit/s
leaf_oversubscription: 1.0666666667
spine_oversubscription: 15
)");
  EXPECT_EQ(spec.planes, 2);
  EXPECT_EQ(spec.nodes_per_pod, 1920);
  EXPECT_EQ(spec.switch_ports, 256);  // 51.2 Tbit/s over ports of 200 Gbit/s: half of the NIC's 400
  EXPECT_NEAR(spec.uplink_bandwidth.in(gigabits_per_second(1)), 400, 1e-9);
  EXPECT_NO_THROW(topology::Cluster::build(spec));
}

const std::string kOwnNode = R"(node:
  name: bench
  accelerator: l40s
  accelerators: {value: 4, source: counted, as_of: 2026-11}
  nic: connectx-7-400g
  nics: {value: 2, source: counted, as_of: 2026-11}
  host_power: {value: 900 W, source: meter, as_of: 2026-11}
)";

TEST(ClusterNetwork, TakesTheValuesOfANodeThatIsInNoCatalog) {
  const auto spec = load("base: superpod-h100\ngpus: 64\n" + kOwnNode);
  EXPECT_EQ(spec.accelerator.id, "l40s");
  EXPECT_EQ(spec.gpus_per_node, 4);
  EXPECT_EQ(spec.node_overhead_power,
            units::watts(900) + 2.0 * Catalog::open().nic("connectx-7-400g").power);
  EXPECT_NO_THROW(topology::Cluster::build(spec));
}

TEST(ClusterNetwork, NamesWhatIsWrongInANodeOfItsOwn) {
  std::string text = "base: superpod-h100\ngpus: 64\n" + kOwnNode;
  text.replace(text.find("accelerator: l40s"), 17, "acelerator: l40s");
  EXPECT_THAT(refusal([&] { load(text); }),
              AllOf(HasSubstr("own.yaml:"), HasSubstr("node"), HasSubstr("acelerator")));
}

TEST(ClusterNetwork, CountsUpperSwitchesAtTheSpeedOfUplinks) {
  const std::string text = R"(kind: three-tier
network: roce
node: grand-teton-h100
gpus: 6144
nodes_per_leaf: 2
nodes_per_pod: 384
switch: minipack2
spine_switch: arista-7816r3
core_ports: 100
uplink_bandwidth: 800 Gbit/s
)";
  const auto spec = load(text);
  EXPECT_EQ(spec.switch_ports, 64);
  EXPECT_EQ(spec.spine_ports, 288);  // 576 x 400 Gbit/s
  EXPECT_EQ(spec.core_ports, 100);
  EXPECT_THAT(refusal([] { load("base: superpod-h100\ncore_switch: arista-7816\n"); }),
              HasSubstr("did you mean \"arista-7816r3\""));
}

TEST(ClusterNetwork, ReadsSitesByLatencyOrDistance) {
  const std::string text = "base: superpod-h100\ngpus: 1024\n";
  const auto by_distance =
      load(text + "sites: {count: 2, bandwidth: 3.2 Tbit/s, distance_km: 80}\n");
  EXPECT_EQ(by_distance.sites.count, 2);
  EXPECT_NEAR(by_distance.sites.bandwidth.in(gigabits_per_second(1)), 3200, 1e-9);
  EXPECT_NEAR(by_distance.sites.latency.in(units::microseconds(1)), 400, 1e-9);  // 5 us per km
  const auto by_latency = load(text + "sites: {count: 2, bandwidth: 3.2 Tbit/s, latency: 1 ms}\n");
  EXPECT_NEAR(by_latency.sites.latency.in(units::microseconds(1)), 1000, 1e-9);
  EXPECT_THAT(
      refusal([&] {
        load(text + "sites: {count: 2, bandwidth: 3 Tbit/s, latency: 1 ms, distance_km: 8}\n");
      }),
      AllOf(HasSubstr("own.yaml:3:"), HasSubstr("expected one of the two")));
  EXPECT_THAT(refusal([&] { load(text + "sites: {count: 2, bandwidth: 3}\n"); }),
              HasSubstr("has no unit"));
}

TEST(ClusterNetwork, ReadsDragonflies) {
  const auto spec = load(R"(kind: dragonfly-plus
network: infiniband
node: dgx-h100
gpus: 1024
switch: qm9700
dragonfly: {switches: 16, endpoints: 16, spines: 16, global_links: 16, global_bandwidth: 800 Gbit/s}
)");
  EXPECT_EQ(spec.fabric, FabricKind::DragonflyPlus);
  EXPECT_EQ(spec.dragonfly.spines, 16);
  EXPECT_NEAR(spec.dragonfly.global_bandwidth.in(gigabits_per_second(1)), 800, 1e-9);
  EXPECT_NO_THROW(topology::Cluster::build(spec));
  EXPECT_THAT(
      refusal([] { load("kind: dragonfly\nnetwork: infiniband\nnode: dgx-h100\ngpus: 64\n"); }),
      HasSubstr("needs the key \"dragonfly\""));
  EXPECT_THAT(refusal([] {
                load(
                    "base: superpod-h100\ndragonfly: {switches: 2, endpoints: 2, global_links: "
                    "2}\n");
              }),
              HasSubstr("a rail-optimised fabric has no groups"));
}

TEST(ClusterNetwork, ReadsMixedNodes) {
  const auto spec =
      load("base: superpod-h100\ngpus: 1024\nother_nodes: [{node: dgx-h200, gpus: 512}]\n");
  ASSERT_EQ(spec.other_nodes.size(), 1U);
  EXPECT_EQ(spec.accelerator_of(511).id, "h100-sxm");
  EXPECT_EQ(spec.accelerator_of(512).id, "h200-sxm");
  EXPECT_NEAR(spec.nic_bandwidth_of(1000).in(gigabits_per_second(1)), 400, 1e-9);
  EXPECT_NO_THROW(topology::Cluster::build(spec));
  const auto refused = [](const std::string& others) {
    return refusal([&] { load("base: superpod-h100\ngpus: 64\nother_nodes: [" + others + "]\n"); });
  };
  EXPECT_THAT(refused("{node: gb200-tray, gpus: 8}"),
              AllOf(HasSubstr("own.yaml:3:"), HasSubstr("cluster.other_nodes[0].node"),
                    HasSubstr("gb200-tray has 4 accelerators, the other nodes have 8")));
  EXPECT_THAT(refused("{node: dgx-h200, gpus: 12}"), HasSubstr("no whole number of nodes of 8"));
  EXPECT_THAT(refused("{node: dgx-h200, gpus: 128}"), HasSubstr("more than the cluster's 64"));
  EXPECT_THAT(refused("{node: dgx-h2000, gpus: 8}"), HasSubstr("did you mean \"dgx-h200\""));
  EXPECT_THAT(refused("{node: dgx-h200}"), HasSubstr("\"gpus\" is missing"));
}

TEST(ClusterNetwork, ReadsOpticalCubesAndTwists) {
  const auto spec = load("base: tpu-v4-pod\ngpus: 128\ntorus: [4, 4, 8]\ntwisted: true\n");
  EXPECT_TRUE(spec.twisted);
  EXPECT_EQ(spec.optical_cube, 4);
  EXPECT_NO_THROW(topology::Cluster::build(spec));
  const auto line = load("base: tpu-v4-pod\ngpus: 16\ntorus: [2, 2, 4]\n");
  EXPECT_THAT(line.assumptions.back(), HasSubstr("no wrap-around links"));
  // Another size of a pod with cubes is made of whole ones where that is possible.
  const auto other = load("base: tpu-v4-pod\ngpus: 1536\n");
  for (const int extent : other.torus) {
    EXPECT_EQ(extent % 4, 0);
  }
}

TEST(ClusterNetwork, EveryFieldHasAPath) {
  const auto spec = load(
      "base: superpod-h100\ngpus: 1024\n",
      {"nodes_per_pod=64", "spine.ports=32", "core.ports=16", "uplink.bandwidth=800 Gbit/s",
       "sites.count=2", "sites.bandwidth=1 Tbit/s", "sites.latency=2 ms", "dragonfly.switches=8",
       "dragonfly.endpoints=4", "dragonfly.spines=2", "dragonfly.global_links=3",
       "dragonfly.local_bandwidth=100 Gbit/s", "dragonfly.global_bandwidth=200 Gbit/s",
       "optical_cube=4", "twisted=true", "torus=[4, 16, 16]", "leaf_oversubscription=0.5"});
  EXPECT_EQ(spec.nodes_per_pod, 64);
  EXPECT_EQ(spec.spine_ports, 32);
  EXPECT_EQ(spec.core_ports, 16);
  EXPECT_NEAR(spec.uplink_bandwidth.in(gigabits_per_second(1)), 800, 1e-9);
  EXPECT_EQ(spec.sites.count, 2);
  EXPECT_NEAR(spec.sites.bandwidth.in(gigabits_per_second(1)), 1000, 1e-9);
  EXPECT_NEAR(spec.sites.latency.in(units::microseconds(1)), 2000, 1e-9);
  EXPECT_EQ(spec.dragonfly.switches, 8);
  EXPECT_EQ(spec.dragonfly.endpoints, 4);
  EXPECT_EQ(spec.dragonfly.spines, 2);
  EXPECT_EQ(spec.dragonfly.global_links, 3);
  EXPECT_NEAR(spec.dragonfly.local_bandwidth.in(gigabits_per_second(1)), 100, 1e-9);
  EXPECT_NEAR(spec.dragonfly.global_bandwidth.in(gigabits_per_second(1)), 200, 1e-9);
  EXPECT_EQ(spec.optical_cube, 4);
  EXPECT_TRUE(spec.twisted);
  EXPECT_EQ(spec.torus, (std::vector{4, 16, 16}));
  EXPECT_DOUBLE_EQ(spec.leaf_oversubscription, 0.5);
}

TEST(ClusterNetwork, PlanesSplitThePortsOfTheSameSwitches) {
  const auto spec = load("base: superpod-h100\ngpus: 1024\n", {"planes=2"});
  EXPECT_EQ(spec.planes, 2);
  EXPECT_EQ(spec.switch_ports, 128);  // 64 x 400 Gbit/s
  EXPECT_THAT(refusal([] { load("base: superpod-h100\n", {"planes=65"}); }),
              HasSubstr("at most 64"));
  EXPECT_THAT(refusal([] { load("base: superpod-h100\n", {"planes=0"}); }),
              HasSubstr("at least 1"));
}

TEST(ClusterNetwork, RadixIsCountedAtWhatAnAcceleratorGets) {
  // p5: four 100 Gbit/s ports per GPU, 12.8 Tbit/s switches: 32 endpoints of 400 Gbit/s.
  EXPECT_EQ(load("base: p5-ultracluster\n").switch_ports, 32);
}

}  // namespace
}  // namespace scenarios
