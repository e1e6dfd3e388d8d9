// Closed form and flow simulation of the same StepGraph.
#include "sim/engine/flow.hpp"

#include <gtest/gtest.h>

#include "sim/engine/closed_form.hpp"
#include "sim/step/build.hpp"

#include "some_job.hpp"

namespace sim {
namespace {

const test::H100Profiles& profiles() {
  static const test::H100Profiles kProfiles;
  return kProfiles;
}

FlowResult flow(const TrainingJob& j, FlowOptions options = {}) {
  const StepGraph graph = build_step(j, profiles().view());
  const topology::Cluster cluster = topology::Cluster::build(j.cluster);
  return simulate_flow(graph, j.layout, cluster, options);
}
StepTime closed(const TrainingJob& j) {
  return closed_form(build_step(j, profiles().view()));
}

struct Case {
  const char* name;
  Layout layout;
  ModelSpec model = test::small_llama();
  const char* habits = "megatron";
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

Layout ordered(Layout layout, const char* order) {
  layout.order = rank_order_from_name(order).value();
  return layout;
}

TrainingJob job_of(const Case& c) {
  TrainingJob j = test::job(c.model, c.layout);
  if (std::string_view(c.habits) == "zero bubble") {
    j.layout.schedule = Schedule::ZeroBubble;
    j.framework.zero_bubble = true;
  }
  if (std::string_view(c.habits) == "blocking") {
    j.framework.overlap_p2p = false;
    j.framework.overlap_grad_reduce = j.framework.overlap_param_gather = false;
  }
  return j;
}

class Uncontended : public testing::TestWithParam<Case> {};

TEST_P(Uncontended, ClosedFormAgreesWithFlowWithin2Percent) {
  const TrainingJob j = job_of(GetParam());
  EXPECT_NEAR(closed(j).step / flow(j).time.step, 1.0, 0.02);
}

TEST_P(Uncontended, PartsAddUpToTheStepInBothFidelities) {
  const TrainingJob j = job_of(GetParam());
  for (const StepTime& t : {closed(j), flow(j).time}) {
    EXPECT_NEAR(t.parts.total() / t.step, 1.0, 1e-12);
    EXPECT_GE(t.parts[Part::Bubble], units::seconds(-1e-9));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Layouts, Uncontended,
    testing::Values(
        Case{"one_gpu", {}}, Case{"data", {.dp = 16, .sharding = Sharding::Zero1}},
        Case{"data_ddp", {.dp = 16}},
        Case{"tensor_pipeline", {.tp = 8, .pp = 4, .dp = 4, .sharding = Sharding::Zero1}},
        Case{"uneven", {.tp = 8, .pp = 3, .dp = 2, .sharding = Sharding::Zero1}},
        Case{"interleaved",
             {.tp = 8, .pp = 4, .virtual_stages = 4, .dp = 4, .sharding = Sharding::Zero1}},
        Case{"interleaved_uneven", {.tp = 8, .pp = 4, .virtual_stages = 3, .dp = 2}},
        Case{"blocking", {.tp = 4, .pp = 4, .dp = 4}, test::small_llama(), "blocking"},
        Case{"context", {.dp = 2, .cp = 16, .sharding = Sharding::Zero1}},
        Case{"fsdp", {.dp = 32, .sharding = Sharding::Zero3}},
        Case{"hsdp", {.dp = 32, .sharding = Sharding::Zero3, .shard_degree = 8}},
        Case{
            "experts_in_node", {.dp = 16, .ep = 8, .sharding = Sharding::Zero1}, test::small_moe()},
        Case{"zero_bubble", {.tp = 8, .pp = 4, .dp = 4}, test::small_llama(), "zero bubble"},
        Case{"zero_bubble_uneven",
             {.tp = 8, .pp = 3, .dp = 2, .sharding = Sharding::Zero1},
             test::small_llama(),
             "zero bubble"},
        Case{"zero_bubble_deep", {.tp = 2, .pp = 16, .dp = 2}, test::small_llama(), "zero bubble"},
        Case{"zero_bubble_two", {.tp = 4, .pp = 2, .dp = 2}, test::small_llama(), "zero bubble"},
        Case{"zero_bubble_experts",
             {.tp = 2, .pp = 4, .dp = 8, .ep = 8, .sharding = Sharding::Zero1},
             test::small_moe(),
             "zero bubble"},
        Case{"pipeline_inside",
             ordered({.tp = 4, .pp = 2, .dp = 4, .sharding = Sharding::Zero1}, "pp-tp-cp-ep-dp")},
        Case{"pipeline_between_context_and_data",
             ordered({.tp = 2, .pp = 4, .dp = 4, .cp = 2, .sharding = Sharding::Zero1},
                     "tp-cp-pp-ep-dp")},
        Case{"data_inside",
             ordered({.tp = 4, .pp = 4, .dp = 2, .sharding = Sharding::Zero1}, "ep-dp-tp-cp-pp")},
        Case{"replicas_of_experts_inside",
             ordered({.pp = 2, .dp = 16, .ep = 4, .sharding = Sharding::Zero1}, "tp-cp-dp-ep-pp"),
             test::small_moe()},
        Case{"experts_across",
             {.tp = 2, .dp = 16, .ep = 8, .sharding = Sharding::Zero1},
             test::small_moe()},
        Case{"tensor_across_nodes", {.tp = 16, .pp = 2, .dp = 2}}),
    [](const testing::TestParamInfo<Case>& i) { return std::string(i.param.name); });

TEST(Folding, UnfoldedRanksGiveTheSameTime) {
  for (const Layout& layout : {Layout{.tp = 8, .pp = 2, .dp = 4, .sharding = Sharding::Zero1},
                               Layout{.tp = 4, .pp = 2, .dp = 4}}) {
    const TrainingJob j = test::job(test::small_llama(8), layout);
    const FlowResult folded = flow(j);
    const FlowResult unfolded = flow(j, {.unfold = true});
    EXPECT_NEAR(folded.time.step / unfolded.time.step, 1.0, 1e-9);
    EXPECT_FALSE(folded.folded.empty());
    EXPECT_GT(unfolded.events, folded.events);
  }
}

TEST(Folding, HoldsOnAFatTreeWhoseLeavesAreSharedByRanksOfANode) {
  TrainingJob j =
      test::job(test::small_llama(8), {.tp = 8, .pp = 2, .dp = 4, .sharding = Sharding::Zero1});
  j.cluster.fabric = topology::FabricKind::FatTree;
  j.cluster.nodes_per_leaf = 2;
  j.cluster.leaf_oversubscription = 4.0;
  EXPECT_NEAR(flow(j).time.step / flow(j, {.unfold = true}).time.step, 1.0, 0.02);
}

TEST(Contention, OversubscriptionSlowsTheFlowsButNotTheClosedForm) {
  TrainingJob j = test::job(test::small_llama(8), {.tp = 8, .dp = 16});
  j.framework.overlap_grad_reduce = false;
  j.cluster.nodes_per_leaf = 2;
  const units::Seconds full = flow(j).time.step;
  j.cluster.leaf_oversubscription = 8.0;
  const FlowResult narrow = flow(j);
  EXPECT_GT(narrow.time.step, full * 1.05);
  EXPECT_GT(narrow.time.parts[Part::DpComm], closed(j).parts[Part::DpComm]);
  ASSERT_FALSE(narrow.busiest.empty());
  EXPECT_LE(narrow.busiest.front().utilisation, 1.0 + 1e-9);
}

TEST(Backends, PublicAndKernelEnginesAgree) {
  if (!kernel_backend_available()) {
    GTEST_SKIP() << "this SimGrid does not export the symbols of the kernel backend";
  }
  const TrainingJob j =
      test::job(test::small_llama(8), {.tp = 4, .pp = 4, .dp = 8, .sharding = Sharding::Zero1});
  const FlowResult kernel = flow(j, {.backend = NetworkBackend::Kernel});
  const FlowResult open = flow(j, {.backend = NetworkBackend::Public});
  EXPECT_NEAR(kernel.time.step / open.time.step, 1.0, 1e-9);
}

TEST(Flow, SameInputSameResult) {
  const TrainingJob j =
      test::job(test::small_llama(8), {.tp = 4, .pp = 4, .dp = 8, .sharding = Sharding::Zero1});
  EXPECT_EQ(flow(j).time.step.base(), flow(j).time.step.base());
}

TEST(Flow, EverySentByteCrossesTheSendersNic) {
  // Without data parallelism only activations and gradients of the boundary leave a node: each
  // micro-batch sends one forward and one backward between two stages.
  TrainingJob j = test::job(test::small_llama(8), {.tp = 8, .pp = 2});
  const StepGraph graph = build_step(j, profiles().view());
  const FlowResult r = flow(j);
  ASSERT_FALSE(r.busiest.empty());
  const double expected = graph.micro_batches * graph.boundary.cost.wire_bytes.base();
  EXPECT_NEAR(r.busiest.front().carried.base() / expected, 1.0, 1e-9);
}

TEST(Flow, TimelineCoversEveryPassOfReplicaZero) {
  const TrainingJob j =
      test::job(test::small_llama(8), {.tp = 8, .pp = 2, .dp = 2, .sharding = Sharding::Zero1});
  const FlowResult r = flow(j, {.record_timeline = true});
  int passes = 0;
  for (const Span& s : r.timeline.spans) {
    EXPECT_LE(s.begin, s.end);
    passes += s.kind == SpanKind::Forward || s.kind == SpanKind::Backward ? 1 : 0;
  }
  EXPECT_EQ(passes, 2 * 2 * j.training.global_batch / j.layout.dp);
}

}  // namespace
}  // namespace sim
