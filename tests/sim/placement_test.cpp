#include "sim/plan/placement.hpp"

#include <numeric>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace sim
