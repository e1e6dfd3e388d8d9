// Collectives on links: the textbook's answers, the closed form's, and step by step.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "sim/collective/run.hpp"
#include "topology/error.hpp"

#include "tests/sim/some_team.hpp"

namespace sim {
namespace {

using testing::single_gpu_nodes;
using testing::Stage;
using topology::FabricKind;
using topology::testing::dgx;

constexpr units::Bytes kSize = units::gigabytes(1);
constexpr double kNic = 50e9;      // B/s, 400 Gbit/s
constexpr double kNvlink = 450e9;  // B/s
// NIC to NIC under one leaf: 2 us of the NICs and one switch of 250 ns (dgx() in specs.hpp).
constexpr double kLeafWay = 2.25e-6;

double seconds(units::Seconds t) {
  return t.base();
}
void expect_textbook(double found, double theory) {
  EXPECT_NEAR(found / theory, 1.0, 1e-9);
}

TEST(TextbookCollective, OneMessageTakesLatencyAndBytesOverTheNic) {
  const Stage stage(single_gpu_nodes(2, 2, 1));
  const CollectiveRun run = stage.fluid(Algorithm::Pairwise, Collective::SendRecv, kSize);
  expect_textbook(seconds(run.time), kLeafWay + 1e9 / kNic);
}

TEST(TextbookCollective, FlowsOnOneLinkShareIt) {
  // Eight ranks under one leaf send to eight under another, over uplinks of two NICs together.
  const Stage stage(single_gpu_nodes(16, 8, 4));
  for (const std::uint32_t flows : {1U, 2U, 4U, 8U}) {
    Phase phase;
    for (std::uint32_t i = 0; i < flows; ++i) {
      phase.edges.push_back({{i}, {i + 8}, kSize});
    }
    const CollectiveRun run = run_phases(stage.ways, {phase}, {});
    expect_textbook(seconds(run.time), 1e9 / std::min(kNic, 2 * kNic / flows));
    EXPECT_NEAR(run.busiest.front().utilisation, 1.0, 1e-9);
  }
}

TEST(TextbookCollective, ARingOnAnyFabricPassesTwiceTheBufferThroughEachNic) {
  for (const double oversubscription : {1.0, 4.0}) {
    const Stage stage(single_gpu_nodes(16, 8, oversubscription));
    const CollectiveRun run = stage.fluid(Algorithm::Ring, Collective::AllReduce, kSize);
    // Of the 16 edges two cross between leaves, one each way: no uplink is shared.
    const double across = kLeafWay + 2 * 250e-9;
    expect_textbook(seconds(run.time), 26 * kLeafWay + 4 * across + 2 * 15.0 / 16 * 1e9 / kNic);
  }
}

TEST(TextbookCollective, ARingOfWholeNodesUsesAllRails) {
  const Stage stage(dgx(32, FabricKind::RailOptimised));
  const CollectiveRun run = stage.fluid(Algorithm::Ring, Collective::AllReduce, kSize);
  EXPECT_NEAR(seconds(run.time - run.latency) / (2 * 31.0 / 32 * 1e9 / (8 * kNic)), 1.0, 1e-9);
}

TEST(TextbookCollective, ATreePassesTheBufferTwiceAtMost) {
  // Four ranks: inner ranks pass half of S up and two halves down, and half of S as a leaf of the
  // other tree. The root of each tree has one child.
  const Stage stage(single_gpu_nodes(4, 4, 1));
  const CollectiveRun run = stage.fluid(Algorithm::Tree, Collective::AllReduce, kSize);
  // Rank 2 is inner in the first tree (children 1 and 3, parent 0): 1.5 S/2... up 1, down 2 halves,
  // and as a leaf of the second tree one half up: 2 S in all.
  expect_textbook(seconds(run.time - run.latency), 2e9 / kNic);
  // Depth 2: leaf, inner, root, and back.
  expect_textbook(seconds(run.latency), 4 * kLeafWay);
}

TEST(TextbookCollective, AllToAllOnANonBlockingClosIsBoundByTheNic) {
  const Stage stage(single_gpu_nodes(64, 8, 1));
  const CollectiveRun run = stage.fluid(Algorithm::Pairwise, Collective::AllToAll, kSize);
  expect_textbook(seconds(run.time - run.latency), 63.0 / 64 * 1e9 / kNic);
}

TEST(TextbookCollective, AllToAllOnAnOversubscribedClosIsBoundByTheUplinks) {
  const Stage stage(single_gpu_nodes(64, 8, 4));
  const CollectiveRun run = stage.fluid(Algorithm::Pairwise, Collective::AllToAll, kSize);
  // Eight ranks send 56/64 of their buffers through two NICs' worth of uplinks.
  expect_textbook(seconds(run.time - run.latency), 8 * 56.0 / 64 * 1e9 / (2 * kNic));
}

TEST(TextbookCollective, InSwitchReductionBeatsARing) {
  const Stage stage(dgx(8, FabricKind::SingleDomain));
  const CollectiveRun nvls = stage.fluid(Algorithm::Nvls, Collective::AllReduce, kSize);
  expect_textbook(seconds(nvls.time - nvls.latency), 9.0 / 8 * 1e9 / kNvlink);
  const CollectiveRun ring = stage.fluid(Algorithm::Ring, Collective::AllReduce, kSize);
  expect_textbook(seconds(ring.time - ring.latency), 2 * 7.0 / 8 * 1e9 / kNvlink);
}

TEST(TextbookCollective, SwitchesOfTheNetworkTakeTheBufferOnceForAnyNumberOfNodes) {
  for (const int nodes : {4, 16}) {
    topology::ClusterSpec spec = single_gpu_nodes(nodes, 2, 1);
    spec.in_network_reduction = true;
    const Stage stage(spec);
    const CollectiveRun run = stage.fluid(Algorithm::CollNetDirect, Collective::AllReduce, kSize);
    expect_textbook(seconds(run.time - run.latency), 1e9 / kNic);
  }
}

TEST(TextbookCollective, ATorusKeepsAllAxesBusyBothWays) {
  // 4 x 4: each of the two parts moves (3/4 + 3/16) / 2 of S in two directions, twice.
  const Stage stage(topology::testing::torus({4, 4}, 16));
  const CollectiveRun run = stage.fluid(Algorithm::Torus, Collective::AllReduce, kSize);
  const double link = 200e9 / 4;
  expect_textbook(seconds(run.time - run.latency), 2 * (3.0 / 4 + 3.0 / 16) * 1e9 / 4 / link);
}

/// The same as all flows between all pairs.
double all_pairs_s(const Stage& stage) {
  const CollectiveTask task = stage.task(Collective::AllToAll, kSize);
  const CollectiveSchedule schedule = generator_of(Algorithm::Pairwise)->steps(task);
  Phase phase;
  for (const Transfer& t : schedule.transfers()) {
    if (t.from != t.to) {
      phase.edges.push_back({task.end(t.from), task.end(t.to), t.size});
    }
  }
  return run_phases(stage.ways, {phase}, {}).time.base();
}

TEST(AllToAllLoad, GivesTheTimeOfAllPairsOnSymmetricFabrics) {
  const auto thin = [](topology::ClusterSpec spec, double leaf, double spine) {
    spec.nodes_per_leaf = 2;
    spec.leaf_oversubscription = leaf;
    spec.spine_oversubscription = spine;
    return spec;
  };
  topology::ClusterSpec three = thin(dgx(128, FabricKind::ThreeTier), 1, 4);
  three.nodes_per_pod = 4;
  for (const auto& spec :
       {thin(dgx(64, FabricKind::RailOptimised), 1, 1), thin(dgx(64, FabricKind::FatTree), 1, 1),
        thin(dgx(128, FabricKind::RailOptimised), 4, 1), thin(dgx(64, FabricKind::FatTree), 4, 1),
        three, single_gpu_nodes(96, 8, 4)}) {
    const Stage stage(spec);
    const double one_each =
        stage.fluid(Algorithm::Pairwise, Collective::AllToAll, kSize).time.base();
    const double latency =
        stage.fluid(Algorithm::Pairwise, Collective::AllToAll, units::bytes(1e-9)).time.base();
    EXPECT_NEAR((one_each - latency) / all_pairs_s(stage), 1.0, 1e-9)
        << name(spec.fabric) << " " << spec.gpus << " 1:" << spec.leaf_oversubscription;
  }
}

TEST(AllToAllLoad, AHierarchicalOneTakesBothPartsOneAfterTheOther) {
  const Stage stage(dgx(64, FabricKind::RailOptimised));
  const CollectiveRun run = stage.fluid(Algorithm::Hierarchical, Collective::AllToAll, kSize);
  ASSERT_EQ(run.phases.size(), 2U);
  // Inside: 7 of 8 rails' pieces for all 8 domains; then 8 ranks' pieces for 7 other domains.
  expect_textbook(seconds(run.phases[0]), 7.0 / 8 * 1e9 / kNvlink);
  expect_textbook(seconds(run.phases[1]), 7.0 / 8 * 1e9 / kNic);
}

TEST(AllToAllLoad, AnUnevenOneIsBoundByItsBusiestRank) {
  const Stage stage(single_gpu_nodes(8, 8, 1));
  // All have 1 GB for rank 0, which receives 7 GB; rank 1 has a little for rank 2 besides.
  std::vector<PairTraffic> traffic{{1, 2, units::gigabytes(0.1)}};
  for (std::uint32_t from = 1; from < 8; ++from) {
    traffic.push_back({from, 0, kSize});
  }
  CollectiveTask task = stage.task(Collective::AllToAll, kSize);
  task.traffic = &traffic;
  const Generator& pairwise = *generator_of(Algorithm::Pairwise);
  const CollectiveRun run = run_fluid(task, pairwise, {});
  expect_textbook(seconds(run.time), kLeafWay + 7e9 / kNic);
  expect_textbook(seconds(run_steps(task, pairwise.steps(task), {}).time), seconds(run.time));
}

TEST(FluidRun, WithoutContentionTakesWhatTheClosedFormSays) {
  struct Case {
    Algorithm algorithm;
    Collective op;
  };
  const Case cases[] = {{Algorithm::Ring, Collective::AllReduce},
                        {Algorithm::Ring, Collective::AllGather},
                        {Algorithm::Ring, Collective::ReduceScatter},
                        {Algorithm::Ring, Collective::Broadcast},
                        {Algorithm::Tree, Collective::AllReduce},
                        {Algorithm::NvlsTree, Collective::AllReduce},
                        {Algorithm::HalvingDoubling, Collective::AllReduce},
                        {Algorithm::Hierarchical, Collective::AllReduce},
                        {Algorithm::Hierarchical, Collective::AllToAll},
                        {Algorithm::Pairwise, Collective::AllToAll}};
  const calib::CollectiveProfile profile;
  for (const int gpus : {16, 128, 1024}) {
    const Stage stage(dgx(gpus, FabricKind::RailOptimised));
    for (const Case& c : cases) {
      for (const units::Bytes size : {units::bytes(65536), kSize}) {
        const auto cost =
            collective_cost(stage.cluster.spec(), profile, c.op, size, stage.team.group(),
                            Allowed{}.only(c.algorithm).only(Protocol::Simple));
        ASSERT_TRUE(cost);
        const CollectiveRun run = stage.fluid(
            c.algorithm, c.op, size, {.pace = Pace{cost->latency, cost->time - cost->latency}});
        EXPECT_NEAR(run.time / cost->time, 1.0, 0.02)
            << name(c.algorithm) << " " << name(c.op) << " " << gpus << " " << size.base();
      }
    }
  }
}

TEST(FluidRun, FoldedEqualsUnfolded) {
  topology::ClusterSpec spec = dgx(256, FabricKind::RailOptimised);
  spec.nodes_per_leaf = 4;
  spec.leaf_oversubscription = 4;
  for (const topology::Routing routing :
       {topology::Routing::Static, topology::Routing::Ecmp, topology::Routing::Adaptive}) {
    const Stage stage(spec, routing);
    for (const Algorithm algorithm : {Algorithm::Ring, Algorithm::Tree, Algorithm::NvlsTree}) {
      const auto folded = stage.fluid(algorithm, Collective::AllReduce, kSize);
      const auto whole = stage.fluid(algorithm, Collective::AllReduce, kSize, {.unfold = true});
      EXPECT_NEAR(folded.time / whole.time, 1.0, 1e-9) << name(algorithm);
      EXPECT_LE(folded.simulated, whole.simulated);
      EXPECT_EQ(whole.simulated, whole.flows);
    }
  }
}

TEST(StepRun, ARingTakesWhatTheFluidOneTakes) {
  for (const int ranks : {2, 5, 16}) {
    const Stage stage(single_gpu_nodes(ranks, 8, 1));
    const CollectiveTask task = stage.task(Collective::AllReduce, kSize);
    const Generator& ring = *generator_of(Algorithm::Ring);
    const CollectiveRun fluid = run_fluid(task, ring, {});
    expect_textbook(seconds(run_steps(task, ring.steps(task), {}).time), seconds(fluid.time));
  }
}

TEST(StepRun, WithTheFluidRunsPaceAgreesWithItWithinOnePercent) {
  const Stage stage(dgx(64, FabricKind::RailOptimised));
  const RunOptions options{.pace = Pace{units::microseconds(300), units::milliseconds(6)}};
  for (const Algorithm algorithm :
       {Algorithm::Ring, Algorithm::HalvingDoubling, Algorithm::Hierarchical}) {
    const CollectiveTask task = stage.task(Collective::AllReduce, kSize);
    const Generator& generator = *generator_of(algorithm);
    const CollectiveRun fluid = run_fluid(task, generator, options);
    const CollectiveRun steps = run_steps(task, generator.steps(task), options, &fluid);
    EXPECT_NEAR(steps.time / fluid.time, 1.0, 0.01) << name(algorithm);
  }
}

TEST(StepRun, ATreeComesCloserToTheFluidOneWithMorePieces) {
  const Stage stage(single_gpu_nodes(15, 8, 1));
  const Generator& tree = *generator_of(Algorithm::Tree);
  const double fluid = run_fluid(stage.task(Collective::AllReduce, kSize), tree, {}).time.base();
  double last = 1e9;
  for (const std::uint32_t pieces : {4U, 16U, 64U, 256U}) {
    const CollectiveTask task = stage.task(Collective::AllReduce, kSize, pieces);
    const double error = run_steps(task, tree.steps(task), {}).time.base() / fluid - 1.0;
    EXPECT_LT(std::abs(error), last);
    last = std::abs(error);
  }
  EXPECT_LT(last, 0.05);
}

TEST(Team, RefusesTwoRanksOnOneGpu) {
  EXPECT_THROW(Team(dgx(16, FabricKind::RailOptimised), {1, 2, 1}), topology::InputError);
  EXPECT_THROW(Team(dgx(16, FabricKind::RailOptimised), {16}), topology::InputError);
}

TEST(Team, PlacementsSpreadRanksAsTheyAreNamed) {
  const auto spec = dgx(64, FabricKind::RailOptimised);
  EXPECT_EQ(place(spec, 3, Placement::Packed), (std::vector{0, 1, 2}));
  EXPECT_EQ(place(spec, 3, Placement::RailAligned), (std::vector{0, 8, 16}));
  EXPECT_EQ(place(spec, 10, Placement::RailAligned).back(), 9);
  EXPECT_EQ(place(spec, 16, Placement::Scattered)[8], 32);
}

}  // namespace
}  // namespace sim
