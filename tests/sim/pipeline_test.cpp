#include "sim/step/pipeline.hpp"

#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "sim/step/graph.hpp"

namespace sim {
namespace {

StepGraph shape(int pp, int virtual_stages, int micro_batches) {
  StepGraph g;
  g.pp = pp;
  g.virtual_stages = virtual_stages;
  g.micro_batches = micro_batches;
  return g;
}

TEST(StageSchedule, RunsEachPassOnceAndBackwardAfterForward) {
  for (const auto& [pp, v, m] :
       {std::tuple{1, 1, 3}, {4, 1, 8}, {4, 1, 2}, {4, 3, 8}, {8, 2, 16}}) {
    for (int stage = 0; stage < pp; ++stage) {
      std::set<std::pair<int, int>> forward;
      std::set<std::pair<int, int>> backward;
      for (const PassRef& p : stage_schedule(shape(pp, v, m), stage)) {
        const std::pair<int, int> key{p.micro_batch, p.virtual_stage};
        if (p.forward) {
          EXPECT_TRUE(forward.insert(key).second);
        } else {
          EXPECT_TRUE(forward.contains(key));
          EXPECT_TRUE(backward.insert(key).second);
        }
      }
      EXPECT_EQ(forward.size(), static_cast<std::size_t>(m * v));
      EXPECT_EQ(backward, forward);
    }
  }
}

TEST(StageSchedule, OneForwardOneBackwardWarmsUpByItsDistanceToTheEnd) {
  const auto order = stage_schedule(shape(4, 1, 8), 1);
  EXPECT_TRUE(order[0].forward && order[1].forward && order[2].forward);
  EXPECT_FALSE(order[3].forward);
  EXPECT_EQ(order[3].micro_batch, 0);
}

TEST(StageSchedule, LastStageAlternatesFromTheStart) {
  const auto order = stage_schedule(shape(4, 1, 8), 3);
  for (std::size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(order[i].forward, i % 2 == 0);
  }
}

TEST(StageSchedule, InterleavedGoesThroughGroupsOfPpMicroBatches) {
  const auto order = stage_schedule(shape(2, 2, 4), 0);
  // Forward: micro-batches 0, 1 through chunk 0, then 0, 1 through chunk 1, then 2, 3.
  EXPECT_EQ(order[0].virtual_stage, 0);
  EXPECT_EQ(order[1].micro_batch, 1);
  EXPECT_EQ(order[2].virtual_stage, 1);
  EXPECT_EQ(order[2].micro_batch, 0);
}

}  // namespace
}  // namespace sim
