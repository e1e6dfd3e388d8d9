#include "sim/step/pipeline.hpp"

#include <set>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "sim/engine/closed_form.hpp"
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

StepGraph zero_bubble(int pp, int micro_batches) {
  StepGraph g = shape(pp, 1, micro_batches);
  g.schedule = Schedule::ZeroBubble;
  return g;
}

/// "F1 B1 W1 ..."
std::string text(const std::vector<PassRef>& order) {
  std::string s;
  for (const PassRef& p : order) {
    s += (s.empty() ? "" : " ") +
         std::string(p.weight    ? "W"
                     : p.forward ? "F"
                                 : "B") +
         std::to_string(p.micro_batch + 1);
  }
  return s;
}

// Figure 3 of arXiv 2401.10241 (ZB-H1, 4 stages, 8 micro-batches), its first and last device.
TEST(StageSchedule, ZeroBubblePutsOffAsManyWeightGradientsAsTheStageIsFromTheFirst) {
  EXPECT_EQ(text(stage_schedule(zero_bubble(4, 8), 0)),
            "F1 F2 F3 F4 B1 W1 F5 B2 W2 F6 B3 W3 F7 B4 W4 F8 B5 W5 B6 W6 B7 W7 B8 W8");
  EXPECT_EQ(text(stage_schedule(zero_bubble(4, 8), 3)),
            "F1 B1 F2 B2 F3 B3 F4 B4 W1 F5 B5 W2 F6 B6 W3 F7 B7 W4 F8 B8 W5 W6 W7 W8");
}

TEST(StageSchedule, ZeroBubbleNeverHoldsMoreThanTheFirstStageUnder1F1B) {
  for (const auto& [pp, m] : {std::pair{4, 8}, {8, 8}, {8, 3}, {2, 16}}) {
    for (int stage = 0; stage < pp; ++stage) {
      int held = 0;
      for (const PassRef& p : stage_schedule(zero_bubble(pp, m), stage)) {
        held += p.forward ? 1 : p.weight ? -1 : 0;
        EXPECT_LE(held, std::min(pp, m));
      }
      EXPECT_EQ(held, 0);
    }
  }
}

/// Equal stages of one chunk with these times, and nothing else.
StepGraph equal_stages(StepGraph g, double forward_s, double backward_s, double weight_s) {
  const auto pass = [](double s) {
    Pass p;
    p.duration = p.local = units::seconds(s);
    p.parts[Part::Gemm] = p.duration;
    return p;
  };
  ChunkClass chunk;
  chunk.layers = 1;
  chunk.forward = pass(forward_s);
  chunk.backward = pass(backward_s);
  chunk.weight = pass(weight_s);
  g.classes.push_back(std::move(chunk));
  g.class_of_chunk.assign(static_cast<std::size_t>(g.pp), 0);
  g.tails.resize(static_cast<std::size_t>(g.pp));
  return g;
}

// arXiv 2401.10241, table 1: bubbles (p - 1)(F + B + W) under 1F1B and (p - 1)(F + B - W) under
// ZB-H1. By hand for F = B = W = 1 s, p = 4, m = 8: 24 + 9 and 24 + 3 s.
TEST(ClosedForm, ZeroBubbleLeavesTheBubbleOfItsPaper) {
  EXPECT_NEAR(closed_form(equal_stages(shape(4, 1, 8), 1, 2, 0)).step.base(), 33.0, 1e-9);
  EXPECT_NEAR(closed_form(equal_stages(zero_bubble(4, 8), 1, 1, 1)).step.base(), 27.0, 1e-9);
  // F = 2, B = 3, W = 1.5: 8 x 6.5 + 3 x 3.5.
  EXPECT_NEAR(closed_form(equal_stages(zero_bubble(4, 8), 2, 3, 1.5)).step.base(), 62.5, 1e-9);
  const StepTime t = closed_form(equal_stages(zero_bubble(4, 8), 1, 1, 1));
  EXPECT_NEAR(t.parts[Part::Bubble].base(), 3.0, 1e-9);
  EXPECT_NEAR(t.parts.total().base(), 27.0, 1e-9);
}

}  // namespace
}  // namespace sim
