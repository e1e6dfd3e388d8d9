// Every algorithm, run on symbols: each rank ends up with every contribution exactly once, in
// whatever order the dependencies allow, and sends what the textbook says.
#include "sim/collective/schedule.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include <gtest/gtest.h>

#include "sim/collective/symbolic.hpp"

#include "tests/sim/some_team.hpp"

namespace sim {
namespace {

using testing::Stage;
using topology::FabricKind;
using topology::testing::dgx;

constexpr units::Bytes kSize = units::gigabytes(1);

topology::ClusterSpec reducing(int gpus, FabricKind fabric = FabricKind::RailOptimised) {
  topology::ClusterSpec spec = dgx(gpus, fabric);
  spec.in_network_reduction = true;
  spec.nodes_per_leaf = 2;
  return spec;
}

void expect_conserved(const Stage& stage, Algorithm algorithm, Collective op,
                      std::uint32_t root = 0) {
  CollectiveTask task = stage.task(op, kSize, 3);
  task.root = root;
  const Generator& generator = *generator_of(algorithm);
  ASSERT_TRUE(generator.can(task)) << name(algorithm) << " " << name(op);
  const CollectiveSchedule schedule = generator.steps(task);
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    EXPECT_EQ(SymbolicRun(schedule, op, root, seed).fault(), "")
        << name(algorithm) << " " << name(op) << " over " << stage.team.ranks();
  }
}

/// Bytes that the busiest rank sends, in units of the collective's size.
double most_sent(const Stage& stage, Algorithm algorithm, Collective op) {
  const auto sent = bytes_sent(generator_of(algorithm)->steps(stage.task(op, kSize)));
  return *std::max_element(sent.begin(), sent.begin() + stage.team.ranks()) / kSize.base();
}

constexpr Collective kReducing[] = {Collective::AllReduce, Collective::AllGather,
                                    Collective::ReduceScatter};

TEST(Schedules, RingsConserveForAnyNumberOfRanksAndOnUnevenDomains) {
  for (const int ranks : {2, 3, 5, 8}) {
    const Stage stage(dgx(8, FabricKind::SingleDomain),
                      place(dgx(8, FabricKind::SingleDomain), ranks, Placement::Packed));
    for (const Collective op : kReducing) {
      expect_conserved(stage, Algorithm::Ring, op);
    }
    expect_conserved(stage, Algorithm::Ring, Collective::Broadcast, 1);
    expect_conserved(stage, Algorithm::Ring, Collective::Reduce, 1);
  }
  const Stage uneven(dgx(24, FabricKind::RailOptimised), {0, 1, 2, 3, 4, 8, 9, 16, 17, 18});
  for (const Collective op : kReducing) {
    expect_conserved(uneven, Algorithm::Ring, op);
  }
  expect_conserved(uneven, Algorithm::Ring, Collective::Reduce, 5);
}

TEST(Schedules, ARingSendsTheTextbooksShare) {
  // Patarasuk and Yuan 2009: 2 (n-1)/n of the buffer for all-reduce, half of that otherwise.
  for (const int gpus : {8, 24}) {
    const Stage stage(dgx(gpus, gpus == 8 ? FabricKind::SingleDomain : FabricKind::RailOptimised));
    const double n = gpus;
    EXPECT_NEAR(most_sent(stage, Algorithm::Ring, Collective::AllReduce), 2 * (n - 1) / n, 1e-12);
    EXPECT_NEAR(most_sent(stage, Algorithm::Ring, Collective::AllGather), (n - 1) / n, 1e-12);
    EXPECT_NEAR(most_sent(stage, Algorithm::Ring, Collective::ReduceScatter), (n - 1) / n, 1e-12);
  }
}

TEST(Schedules, TreesConserve) {
  for (const int nodes : {2, 3, 4, 5, 7}) {
    expect_conserved(Stage(dgx(8 * nodes, FabricKind::RailOptimised)), Algorithm::Tree,
                     Collective::AllReduce);
  }
  for (const int ranks : {2, 3, 6, 9, 16}) {
    expect_conserved(Stage(testing::single_gpu_nodes(ranks, 8, 1)), Algorithm::Tree,
                     Collective::AllReduce);
  }
}

TEST(Schedules, DoubleBinaryTreesLetNobodySendMoreThanTwice) {
  // Sanders et al. 2009: inner in one tree and a leaf of the other: at most S up (halves from at
  // most one tree as inner node: its own half up, two children's halves down) = 2 S in all.
  for (const int ranks : {2, 3, 4, 6, 8, 15, 16}) {
    const Stage stage(testing::single_gpu_nodes(ranks, 8, 1));
    EXPECT_LE(most_sent(stage, Algorithm::Tree, Collective::AllReduce), 2.0 + 1e-12) << ranks;
  }
}

TEST(Schedules, EveryNodeOfADoubleTreeHasAWayToTheRootAndIsALeafOnce) {
  for (int n = 1; n < 70; ++n) {
    const auto trees = schedule::double_tree(n);
    for (const auto& parent : trees) {
      EXPECT_EQ(std::count(parent.begin(), parent.end(), -1), 1) << n;
      EXPECT_EQ(schedule::leaves_first(parent).size(), parent.size()) << n;
    }
    for (int i = 0; i < n && n % 2 == 0; ++i) {
      const bool inner_first = std::count(trees[0].begin(), trees[0].end(), i) > 0;
      const bool inner_second = std::count(trees[1].begin(), trees[1].end(), i) > 0;
      EXPECT_FALSE(inner_first && inner_second) << i << " of " << n;
    }
  }
}

TEST(Schedules, HalvingAndDoublingConservesAlsoBeyondPowersOfTwo) {
  for (const int ranks : {2, 3, 4, 5, 6, 7, 8, 11, 16, 21}) {
    const Stage stage(testing::single_gpu_nodes(ranks, 8, 1));
    for (const Collective op : kReducing) {
      expect_conserved(stage, Algorithm::HalvingDoubling, op);
    }
  }
}

TEST(Schedules, HalvingAndDoublingSendsAsLittleAsARing) {
  const Stage stage(testing::single_gpu_nodes(16, 8, 1));
  EXPECT_NEAR(most_sent(stage, Algorithm::HalvingDoubling, Collective::AllReduce), 2 * 15.0 / 16,
              1e-12);
  EXPECT_NEAR(most_sent(stage, Algorithm::HalvingDoubling, Collective::AllGather), 15.0 / 16,
              1e-12);
}

TEST(Schedules, ParallelAggregatedTreesConserveAndSendAsLittleAsARing) {
  for (const int ranks : {2, 3, 5, 8, 13}) {
    const Stage stage(testing::single_gpu_nodes(ranks, 8, 1));
    for (const Collective op : {Collective::AllGather, Collective::ReduceScatter}) {
      expect_conserved(stage, Algorithm::Pat, op);
      EXPECT_NEAR(most_sent(stage, Algorithm::Pat, op), (ranks - 1.0) / ranks, 1e-12);
    }
  }
}

TEST(Schedules, AllToAllDeliversEveryPieceToItsRank) {
  for (const int ranks : {2, 3, 8}) {
    const Stage stage(testing::single_gpu_nodes(ranks, 8, 1));
    expect_conserved(stage, Algorithm::Pairwise, Collective::AllToAll);
    EXPECT_NEAR(most_sent(stage, Algorithm::Pairwise, Collective::AllToAll), (ranks - 1.0) / ranks,
                1e-12);
  }
}

TEST(Schedules, AHierarchicalAllToAllForwardsOverTheRankOnTheDestinationsRail) {
  const Stage stage(dgx(24, FabricKind::RailOptimised));
  expect_conserved(stage, Algorithm::Hierarchical, Collective::AllToAll);
  // Inside: 7 of 8 rails' pieces for all 3 domains; then 8 ranks' pieces for 2 other domains.
  EXPECT_NEAR(most_sent(stage, Algorithm::Hierarchical, Collective::AllToAll),
              (7 * 3 + 8 * 2) / 24.0, 1e-12);
}

TEST(Schedules, SwitchesThatReduceConserve) {
  expect_conserved(Stage(dgx(8, FabricKind::SingleDomain)), Algorithm::Nvls, Collective::AllReduce);
  for (const int nodes : {2, 3, 4}) {
    expect_conserved(Stage(dgx(8 * nodes, FabricKind::RailOptimised)), Algorithm::NvlsTree,
                     Collective::AllReduce);
  }
  for (const Algorithm algorithm : {Algorithm::CollNetDirect, Algorithm::CollNetChain}) {
    expect_conserved(Stage(reducing(48)), algorithm, Collective::AllReduce);
    expect_conserved(Stage(reducing(40, FabricKind::FatTree)), algorithm, Collective::AllReduce);
  }
}

TEST(Schedules, InSwitchReductionSendsOnceAndItsShareOfTheMulticast) {
  // NVLS: each GPU pushes S of operands and multicasts the S/8 that it owns.
  EXPECT_NEAR(
      most_sent(Stage(dgx(8, FabricKind::SingleDomain)), Algorithm::Nvls, Collective::AllReduce),
      1.0 + 1.0 / 8, 1e-12);
}

TEST(Schedules, TorusAndHierarchicalConserve) {
  for (const auto& extents : {std::vector{4, 3}, std::vector{2, 3, 4}, std::vector{5}}) {
    const int gpus = std::accumulate(extents.begin(), extents.end(), 1, std::multiplies<>());
    const Stage stage(topology::testing::torus(extents, gpus));
    for (const Collective op : kReducing) {
      expect_conserved(stage, Algorithm::Torus, op);
    }
    EXPECT_NEAR(most_sent(stage, Algorithm::Torus, Collective::AllReduce), 2 * (gpus - 1.0) / gpus,
                1e-12);
  }
  const Stage nodes(dgx(24, FabricKind::RailOptimised));
  expect_conserved(nodes, Algorithm::Hierarchical, Collective::AllReduce);
  // 7/8 of S inside each way, and 2 (3-1)/3 of S/8 along the rail.
  EXPECT_NEAR(most_sent(nodes, Algorithm::Hierarchical, Collective::AllReduce),
              2 * 7.0 / 8 + 2 * 2.0 / 3 / 8, 1e-12);
}

TEST(Schedules, AMissingDependencyIsFound) {
  CollectiveSchedule schedule(2, 1);
  schedule.add({.from = 0, .to = 1, .action = Action::Add}, {});
  schedule.add({.from = 1, .to = 0, .action = Action::Copy}, {});
  bool found = false;
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U}) {
    found = found || !SymbolicRun(schedule, Collective::AllReduce, 0, seed).fault().empty();
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace sim
