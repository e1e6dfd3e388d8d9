#include "topology/clos_plan.hpp"

#include <gtest/gtest.h>

#include "topology/error.hpp"

#include "tests/topology/fabrics.hpp"

namespace topology {
namespace {

using testing::dgx;

struct SuperPodRow {
  int nodes;
  int leaf;
  int spine;
  int core;
  long node_leaf;
  long leaf_spine;
  long spine_core;
};

// NVIDIA DGX SuperPOD reference architecture, DGX B200, 32 nodes per unit, 64-port switches.
constexpr SuperPodRow kDgxB200[] = {
    {64, 16, 8, 0, 512, 512, 0},
    {128, 32, 16, 0, 1024, 1024, 0},
    {256, 64, 32, 0, 2048, 2048, 0},
    {512, 128, 128, 64, 4096, 4096, 4096},
    {1024, 256, 256, 128, 8192, 8192, 8192},
    {2048, 512, 512, 256, 16384, 16384, 16384},
};

TEST(ClosPlan, ReproducesTheDgxB200Table) {
  for (const SuperPodRow& row : kDgxB200) {
    const ClosPlan plan = plan_clos(dgx(row.nodes * 8, FabricKind::RailOptimised));
    EXPECT_EQ(plan.leaves(), row.leaf) << row.nodes;
    EXPECT_EQ(plan.spines(), row.spine) << row.nodes;
    EXPECT_EQ(plan.cores(), row.core) << row.nodes;
    EXPECT_EQ(plan.endpoint_cables(), row.node_leaf) << row.nodes;
    EXPECT_EQ(plan.leaf_spine_cables(), row.leaf_spine) << row.nodes;
    EXPECT_EQ(plan.spine_core_cables(), row.spine_core) << row.nodes;
  }
}

TEST(ClosPlan, RoundsSpinesUpUntilLeavesConnectEvenly) {
  // DGX H100 SuperPOD, RA-11333-001: 1, 2, 3, 4 units of 32 nodes less one.
  const int h100[] = {4, 8, 16, 16};
  for (int units = 1; units <= 4; ++units) {
    const ClosPlan plan = plan_clos(dgx((units * 32 - 1) * 8, FabricKind::RailOptimised));
    EXPECT_EQ(plan.leaves(), 8 * units);
    EXPECT_EQ(plan.spines(), h100[units - 1]) << units;
    EXPECT_EQ(plan.leaf_spine_cables(), 256 * units);
  }
  // DGX B300 with Quantum-X800 XDR: units of 72 nodes, 144 ports.
  const int b300[][3] = {{1, 8, 4}, {2, 16, 8}, {4, 32, 18}, {8, 64, 36}, {18, 144, 72}};
  for (const auto& [units, leaf, spine] : b300) {
    ClusterSpec spec = dgx(units * 72 * 8, FabricKind::RailOptimised);
    spec.switch_ports = 144;
    spec.nodes_per_leaf = 72;
    EXPECT_EQ(plan_clos(spec).leaves(), leaf);
    EXPECT_EQ(plan_clos(spec).spines(), spine) << units;
    EXPECT_EQ(plan_clos(spec).leaf_spine_cables(), units * 576);
  }
}

TEST(ClosPlan, FatTreeNeedsThreeOrFiveSwitchesPerRadixEndpoints) {
  // 3E/k in two tiers, 5E/k in three: Al-Fares et al. 2008.
  EXPECT_EQ(plan_clos(dgx(2048, FabricKind::FatTree)).switches(), 3 * 2048 / 64);
  EXPECT_EQ(plan_clos(dgx(2048, FabricKind::FatTree)).tiers(), 2);
  EXPECT_EQ(plan_clos(dgx(4096, FabricKind::FatTree)).switches(), 5 * 4096 / 64);
  EXPECT_EQ(plan_clos(dgx(65536, FabricKind::FatTree)).switches(), 5 * 65536 / 64);
  EXPECT_EQ(plan_clos(dgx(512, FabricKind::ThreeTier)).switches(), 5 * 512 / 64);
}

TEST(ClosPlan, OneSwitchIsEnoughForASmallCluster) {
  const ClosPlan plan = plan_clos(dgx(64, FabricKind::RailOptimised));
  EXPECT_EQ(plan.switches(), 1);
  EXPECT_EQ(plan.tiers(), 1);
  EXPECT_EQ(plan_clos(dgx(72, FabricKind::RailOptimised)).tiers(), 2);
}

TEST(ClosPlan, SaysWhatToDoWhereThreeTiersAreTooFew) {
  EXPECT_EQ(plan_clos(dgx(65536, FabricKind::RailOptimised)).cores(), 1024);
  try {
    plan_clos(dgx(100000, FabricKind::RailOptimised));
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("spine_oversubscription"), std::string::npos);
  }
}

TEST(ClosPlan, HundredThousandEndpointsFitWithOversubscribedSpines) {
  ClusterSpec spec = dgx(100000, FabricKind::RailOptimised);
  spec.spine_oversubscription = 7;
  EXPECT_EQ(plan_clos(spec).tiers(), 3);
  spec.spine_oversubscription = 1;
  spec.switch_ports = 128;
  spec.nodes_per_leaf = 64;
  EXPECT_EQ(plan_clos(spec).tiers(), 3);
}

TEST(ClosPlan, NoSwitchNeedsMorePortsThanItHas) {
  for (const FabricKind kind :
       {FabricKind::RailOptimised, FabricKind::FatTree, FabricKind::ThreeTier}) {
    for (const double over : {1.0, 2.0, 3.0, 7.0}) {
      for (const int gpus : {8, 72, 320, 1000, 2048, 2056, 9000, 30000}) {
        ClusterSpec spec = dgx(gpus, kind);
        spec.leaf_oversubscription = over;
        const ClosPlan plan = plan_clos(spec);
        EXPECT_LE(plan.leaf_endpoints + plan.leaf_uplinks, spec.switch_ports);
        if (plan.spines() > 0) {
          EXPECT_LE(
              plan.leaves_per_pod * plan.leaf_uplinks / plan.spines_per_pod + plan.spine_uplinks,
              spec.switch_ports);
          EXPECT_LE(plan.spines_per_pod, plan.leaf_uplinks);
        }
        if (plan.cores() > 0) {
          EXPECT_LE(plan.pods * plan.spine_uplinks, plan.cores_per_plane * spec.switch_ports);
        }
      }
    }
  }
}

TEST(ClosPlan, EveryLeafHasAPod) {
  for (const int gpus : {4096, 8192, 10000, 16384, 33000}) {
    const ClosPlan plan = plan_clos(dgx(gpus, FabricKind::RailOptimised));
    std::vector<int> leaves(static_cast<std::size_t>(plan.pods), 0);
    for (int leaf = 0; leaf < plan.leaves(); ++leaf) {
      ++leaves.at(static_cast<std::size_t>(plan.pod_of(leaf)));
    }
    for (const int in_pod : leaves) {
      EXPECT_GT(in_pod, 0);
      EXPECT_LE(in_pod, plan.leaves_per_pod);
    }
  }
}

TEST(FabricPlan, RailSeparatedFabricsHaveTheSwitchesOfTheFreakonomicsSheet) {
  // 8 planes of 3E/k or, beyond k^2/2 endpoints, 5E/k: 384, 768 and 2,560 switches of 64 ports for
  // 1,024, 2,048 and 4,096 nodes.
  const int published[][2] = {{1024, 384}, {2048, 768}, {4096, 2560}};
  for (const auto& [nodes, switches] : published) {
    EXPECT_EQ(plan_fabric(dgx(nodes * 8, FabricKind::RailOnly)).switches(), switches) << nodes;
  }
  // NVIDIA's rail-optimised design of the same size (TOPOLOGIES, section 2).
  EXPECT_EQ(plan_fabric(dgx(8192, FabricKind::RailOptimised)).switches(), 640);
  EXPECT_EQ(plan_fabric(dgx(16384, FabricKind::RailOptimised)).switches(), 1280);
}

TEST(FabricPlan, TwoPlanesOfTheDgxB300BusbarTable) {
  // DGX B300 with Spectrum-4: units of 64 nodes, 800G NICs as two ports of 400G, 128 x 400G per
  // switch: 16 leaves and 8 spines per unit, two tiers up to 8,192 GPUs. The table's cables carry
  // two 400G ports each.
  for (const int units : {1, 2, 4, 8, 16}) {
    ClusterSpec spec = dgx(units * 512, FabricKind::RailOptimised);
    spec.nic_bandwidth = units::gigabits_per_second(800);
    spec.planes = 2;
    spec.switch_ports = 128;
    spec.nodes_per_leaf = 64;
    const FabricPlan plan = plan_fabric(spec);
    EXPECT_EQ(plan.net.leaves() * plan.copies(), 16 * units);
    EXPECT_EQ(plan.net.spines() * plan.copies(), 8 * units);
    EXPECT_EQ(plan.net.cores(), 0);
    EXPECT_EQ(plan.net.leaf_spine_cables() * plan.copies(), 2 * 512 * units);
  }
}

TEST(FabricPlan, AlibabaHpnHasItsPublishedSwitches) {
  const FabricPlan plan = plan_fabric(testing::hpn7(1));
  EXPECT_EQ(plan.net.endpoints, 15360);
  EXPECT_EQ(plan.net.leaves() * plan.copies() / 15, 16);  // ToRs of a segment
  EXPECT_EQ(plan.net.leaf_endpoints, 128);
  EXPECT_EQ(plan.net.leaf_uplinks, 60);
  EXPECT_EQ(plan.net.spines(), 60);  // aggregation, per plane
  EXPECT_EQ(plan.net.spines() * plan.copies(), 120);
  EXPECT_EQ(plan.net.tiers(), 2);  // a pod needs no core
  const FabricPlan pods = plan_fabric(testing::hpn7(4));
  EXPECT_EQ(pods.net.pods, 4);
  EXPECT_EQ(pods.net.spines_per_pod, 60);
  EXPECT_EQ(pods.net.spine_uplinks, 8);  // 120 down : 8 up = 15 : 1
  EXPECT_EQ(pods.net.leaves_per_pod, 120);
}

TEST(FabricPlan, MetaClusterHasEightPodsOneToSeven) {
  const FabricPlan plan = plan_fabric(testing::meta_24k());
  EXPECT_EQ(plan.net.pods, 8);
  EXPECT_EQ(plan.net.leaves_per_pod, 192);
  EXPECT_EQ(plan.net.leaf_endpoints, 16);
  EXPECT_EQ(plan.net.leaf_uplinks, 16);
  // Above a pod's 3,072 GPUs: a seventh of their bandwidth.
  EXPECT_NEAR(plan.net.spine_up * plan.net.spines_per_pod, 3072.0 / 7, 1e-9);
}

TEST(FabricPlan, DgxA100SuperPodOfSevenUnits) {
  // RA-10037, 20 nodes per unit, QM8790 of 40 ports: 8 leaves per unit; 10 and 20 spines in two
  // tiers for 2 and 4 units; 56 leaves, 80 spines in 8 groups for 7 units. The table's 28 cores
  // each serve five of the ten spine planes; ours serve one, which rounds up to 30.
  const auto plan = [](int units) {
    ClusterSpec spec = dgx(units * 160, FabricKind::RailOptimised);
    spec.nodes_per_leaf = 20;
    spec.switch_ports = 40;
    return plan_clos(spec);
  };
  EXPECT_EQ(plan(2).leaves(), 16);
  EXPECT_EQ(plan(2).spines(), 10);
  EXPECT_EQ(plan(4).leaves(), 32);
  EXPECT_EQ(plan(4).spines(), 20);
  EXPECT_EQ(plan(7).leaves(), 56);
  EXPECT_EQ(plan(7).spines(), 80);
  EXPECT_EQ(plan(7).cores(), 30);
  EXPECT_EQ(plan(7).spine_core_cables(), 1120);
}

TEST(FabricPlan, MultiPlaneReachesSixteenThousandInTwoTiers) {
  // DeepSeek, arXiv:2505.09343, table 3: 8 planes of 2,048 endpoints: 768 switches.
  ClusterSpec spec = dgx(16384, FabricKind::RailOnly);
  EXPECT_EQ(plan_fabric(spec).switches(), 768);
  EXPECT_EQ(plan_fabric(spec).net.tiers(), 2);
}

TEST(FabricPlan, TheGraphHasTheSwitchesOfThePlan) {
  ClusterSpec sites = dgx(4096, FabricKind::FatTree);
  sites.sites = {2, units::gigabits_per_second(10000), units::microseconds(500)};
  for (const ClusterSpec& spec :
       {testing::hpn7(1), testing::meta_24k(), sites, dgx(8192, FabricKind::RailOnly)}) {
    const FabricPlan plan = plan_fabric(spec);
    const Cluster c = Cluster::build(spec);
    EXPECT_EQ(c.count(VertexKind::Leaf) + c.count(VertexKind::Spine) + c.count(VertexKind::Core),
              static_cast<std::size_t>(plan.switches()));
    EXPECT_EQ(c.cables(VertexKind::Nic, VertexKind::Leaf) +
                  c.cables(VertexKind::Leaf, VertexKind::Spine) +
                  c.cables(VertexKind::Spine, VertexKind::Core),
              static_cast<std::size_t>(plan.cables()));
  }
}

}  // namespace
}  // namespace topology
