#include "sim/plan/placement.hpp"

#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "sim/engine/closed_form.hpp"
#include "sim/engine/flow_groups.hpp"
#include "sim/step/build.hpp"

#include "some_job.hpp"

namespace sim {
namespace {

TEST(SplitLayers, EveryLayerOnceAndInOrder) {
  for (const int layers : {8, 61, 96, 126}) {
    for (const int pp : {1, 2, 7, 16}) {
      for (const int v : {1, 3}) {
        if (layers < pp * v) {
          continue;
        }
        int next = 0;
        for (const ChunkLayers& chunk : split_layers(layers, pp, v)) {
          EXPECT_EQ(chunk.first, next);
          next += chunk.count;
        }
        EXPECT_EQ(next, layers);
      }
    }
  }
}

TEST(SplitLayers, Llama405bLeavesOneLayerOutAtBothEnds) {
  // arXiv 2407.21783, section 3.3.2: "we reduce one Transformer layer each from the first and the
  // last stages".
  const auto chunks = split_layers(126, 16, 8);
  EXPECT_EQ(chunks.front().count, 0);
  EXPECT_EQ(chunks.back().count, 0);
  EXPECT_EQ(chunks[1].count, 1);
}

TEST(Communicators, TensorParallelStaysInTheNodeAndDataParallelLeavesIt) {
  const Layout layout{.tp = 8, .pp = 2, .dp = 4};
  const Groups g = communicators(layout, test::h100_cluster(layout.world_size()));
  EXPECT_EQ(g.of(Axis::Tensor).per_domain, 8);
  EXPECT_EQ(g.of(Axis::Data).ranks, 4);
  EXPECT_EQ(g.of(Axis::Data).per_domain, 1);
  EXPECT_EQ(g.of(Axis::Pipeline).per_domain, 1);
}

TEST(Communicators, SmallTensorGroupsLeaveRoomForDataParallelRanksInTheNode) {
  const Layout layout{.tp = 2, .dp = 16};
  const Groups g = communicators(layout, test::h100_cluster(layout.world_size()));
  EXPECT_EQ(g.of(Axis::Data).ranks, 16);
  EXPECT_EQ(g.of(Axis::Data).per_domain, 4);
}

TEST(Communicators, ExpertsAndTheirReplicasFillTheDataParallelRanks) {
  const Layout layout{.tp = 1, .dp = 64, .ep = 8};
  const Groups g = communicators(layout, test::h100_cluster(64));
  EXPECT_EQ(g.of(Axis::Expert).ranks * g.of(Axis::ExpertData).ranks, 64);
  EXPECT_EQ(g.of(Axis::Expert).per_domain, 8);
  EXPECT_EQ(g.of(Axis::ExpertData).per_domain, 1);
}

TEST(Communicators, HybridShardingSplitsDataIntoShardAndReplica) {
  const Layout layout{.dp = 64, .sharding = Sharding::Zero3, .shard_degree = 8};
  const Groups g = communicators(layout, test::h100_cluster(64));
  EXPECT_EQ(g.of(Axis::Shard).ranks, 8);
  EXPECT_EQ(g.of(Axis::Shard).per_domain, 8);
  EXPECT_EQ(g.of(Axis::Replica).ranks, 8);
  EXPECT_EQ(g.of(Axis::Replica).per_domain, 1);
}

TEST(RankOrder, HasANameThatReadsBack) {
  std::set<std::string> names;
  for (const RankOrder& order : rank_orders()) {
    names.insert(name(order));
    EXPECT_EQ(rank_order_from_name(name(order)), order);
  }
  EXPECT_EQ(names.size(), 48U);  // 4! orders of tp, cp, dp, pp, with ep before or after dp
  EXPECT_EQ(name(RankOrder{}), "tp-cp-ep-dp-pp");
  for (const char* wrong : {"tp-cp-dp-pp", "tp-ep-cp-dp-pp", "tp-tp-ep-dp-pp", ""}) {
    EXPECT_FALSE(rank_order_from_name(wrong)) << wrong;
  }
}

TEST(RankOrder, GivesEveryRankItsOwnPlace) {
  for (const RankOrder& order : rank_orders()) {
    const Layout l{.tp = 2, .pp = 3, .dp = 4, .cp = 2, .order = order};
    const WorkerGrid grid(l, communicators(l, test::h100_cluster(48)));
    std::set<int> places;
    for (WorkerId w = 0; w < grid.count(); ++w) {
      for (int tp = 0; tp < l.tp; ++tp) {
        const int rank = grid.rank(w, tp);
        EXPECT_TRUE(rank >= 0 && rank < 48 && places.insert(rank).second) << name(order);
        EXPECT_EQ(grid.seat(rank).worker, w);
        EXPECT_EQ(grid.seat(rank).tp, tp);
      }
    }
  }
}

TEST(RankOrder, LaysMegatronsDefaultOutAsItsFormulaSays) {
  const Layout l{.tp = 2, .pp = 3, .dp = 4, .cp = 2};
  const RankStrides s = rank_strides(l);
  // place = tp + TP (cp + CP (dp + DP pp)), a replica being cp + CP dp.
  EXPECT_EQ(s.place(1, 1 + 2 * 3, 2), 1 + 2 * (1 + 2 * (3 + 4 * 2)));
}

TEST(RankOrder, PutsThePipelineIntoTheNodeWhereItIsNamedFirst) {
  Layout l{.tp = 4, .pp = 4, .dp = 4};
  l.order = rank_order_from_name("pp-tp-cp-ep-dp").value();
  const Groups g = communicators(l, test::h100_cluster(64));
  EXPECT_EQ(g.of(Axis::Pipeline).per_domain, 4);
  EXPECT_EQ(g.of(Axis::Tensor).per_domain, 2);
  EXPECT_EQ(g.of(Axis::Data).per_domain, 1);
}

/// Members of a worker's first rank's group that share its block of accelerators.
int counted(const WorkerGrid& grid, const Layout& l, WorkerId w, Axis axis, int block) {
  const int home = grid.rank(w, 0) / block;
  int in_block = 0;
  if (axis == Axis::Tensor) {
    for (int tp = 0; tp < l.tp; ++tp) {
      in_block += grid.rank(w, tp) / block == home ? 1 : 0;
    }
    return in_block;
  }
  if (axis == Axis::Pipeline) {
    WorkerId at = w;
    for (int stage = 0; stage < l.pp; ++stage, at = grid.neighbour(at, 1)) {
      in_block += grid.rank(at, 0) / block == home ? 1 : 0;
    }
    return in_block;
  }
  for (std::uint32_t i = 0; i < grid.members(w, axis).size; ++i) {
    in_block += grid.rank(grid.member(w, axis, i), 0) / block == home ? 1 : 0;
  }
  return in_block;
}

TEST(RankOrder, SpreadsOfGroupsAreThoseOfTheirRanks) {
  const Layout layouts[] = {{.tp = 2, .pp = 4, .dp = 4, .cp = 2, .ep = 4},
                            {.tp = 4, .pp = 2, .dp = 8, .ep = 2, .shard_degree = 4},
                            {.tp = 8, .pp = 2, .dp = 2, .cp = 2},
                            {.pp = 8, .dp = 8, .ep = 8}};
  int checked = 0;
  for (Layout l : layouts) {
    for (const RankOrder& order : different_orders(rank_orders(), l, 8)) {
      l.order = order;
      const Groups g = communicators(l, 8);
      const WorkerGrid grid(l, g);
      for (std::size_t a = 0; a < kAxes; ++a) {
        const auto axis = static_cast<Axis>(a);
        for (WorkerId w = 0; w < grid.count(); ++w) {
          EXPECT_EQ(g.of(axis).per_domain, counted(grid, l, w, axis, 8))
              << name(order) << " tp " << l.tp << " pp " << l.pp << " axis " << a;
          ++checked;
        }
      }
    }
  }
  EXPECT_GT(checked, 1000);
}

// Nodes of 8, tp 8, pp 4, dp 4: one order has tp inside the node and all else between nodes; with
// dp or pp first (4 of them in a node), one of the other two fills the node's last factor of two.
TEST(RankOrder, OrdersThatPutTheSameGroupsOnTheSameNodesCountOnce) {
  EXPECT_EQ(different_orders(rank_orders(), {.tp = 8, .pp = 4, .dp = 4}, 8).size(), 5U);
  EXPECT_EQ(different_orders(rank_orders(), {.tp = 8, .dp = 4}, 8).size(), 2U);
  EXPECT_EQ(different_orders(rank_orders(), {.dp = 32}, 8).size(), 1U);
}

TEST(RankOrder, ThoseThatCountOnceTakeTheSameTime) {
  const test::H100Profiles profiles;
  TrainingJob job = test::job(test::small_moe(), {.tp = 2, .pp = 2, .dp = 8, .cp = 2, .ep = 4});
  std::set<double> kept;
  for (const RankOrder& order : different_orders(rank_orders(), job.layout, 8)) {
    job.layout.order = order;
    kept.insert(closed_form(build_step(job, profiles.view())).step.base());
  }
  EXPECT_GT(kept.size(), 3U);
  for (const RankOrder& order : rank_orders()) {
    job.layout.order = order;
    if (groups_nest(job.layout)) {
      EXPECT_TRUE(kept.contains(closed_form(build_step(job, profiles.view())).step.base()))
          << name(order);
    }
  }
}

TEST(RankOrder, RefusesToTearGroupsOfExpertsApartUnevenly) {
  Layout l{.tp = 1, .pp = 2, .dp = 4, .cp = 3, .ep = 2};
  EXPECT_TRUE(groups_nest(l));
  l.order = rank_order_from_name("tp-cp-pp-ep-dp").value();
  EXPECT_FALSE(groups_nest(l));  // two of a stage's replicas out of three that are neighbours
}

}  // namespace
}  // namespace sim
