// sim/trace/export_step: a step written as traces and run again takes what flow simulation says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/engine/flow.hpp"
#include "sim/step/build.hpp"
#include "sim/trace/cluster_machine.hpp"
#include "sim/trace/execute.hpp"
#include "sim/trace/export_step.hpp"

#include "tests/sim/some_job.hpp"
#include "tests/sim/some_trace.hpp"

namespace sim::test {
namespace {

using units::Seconds;

struct Step {
  explicit Step(const TrainingJob& given)
      : job(given),
        graph(build_step(job, punctual())),
        cluster(topology::Cluster::build(job.cluster)) {}

  /// A trace does not say how long a collective waits for its last rank.
  [[nodiscard]] Profiles punctual() const {
    Profiles p = profiles.view();
    p.steps.collective_skew_us = 0.0;
    return p;
  }
  [[nodiscard]] Seconds flow() const {
    return simulate_flow(graph, job.layout, cluster, {.unfold = true}).time.step;
  }
  /// As files: durations are whole microseconds.
  [[nodiscard]] TraceSet traces() const {
    const StepExport step(graph, job.layout);
    std::vector<ExecutionTrace> all;
    for (int r = 0; r < step.ranks(); ++r) {
      all.push_back(trace_of(bytes_of(step.trace(r))));
    }
    return traces_of(std::move(all));
  }
  [[nodiscard]] Seconds again(int communications) const {
    const TraceSet set = traces();
    const auto network = make_network(NetworkBackend::Kernel);
    ClusterMachine machine(cluster, profiles.device, profiles.collectives, *network);
    return run_traces(set, match(set, {}), machine, *network, {.communications = communications})
        .total;
  }

  H100Profiles profiles;
  TrainingJob job;
  StepGraph graph;
  topology::Cluster cluster;
};

TEST(StepExport, ARoundTripKeepsTheStepTimeInsideANode) {
  const Step step(job(small_llama(), {.tp = 2, .pp = 2, .dp = 2}));
  EXPECT_NEAR(step.again(1) / step.flow(), 1.0, 0.02);
}

TEST(StepExport, ARoundTripKeepsTheStepTimeAcrossNodes) {
  for (const Layout& layout :
       {Layout{.tp = 8, .dp = 4}, Layout{.tp = 8, .pp = 4},
        Layout{.tp = 4, .pp = 2, .dp = 4, .sharding = Sharding::Zero1},
        Layout{.tp = 2, .pp = 4, .virtual_stages = 2, .dp = 4},
        Layout{.tp = 1, .dp = 32, .sharding = Sharding::Zero3}, Layout{.tp = 16, .dp = 2}}) {
    const Step step(job(small_llama(), layout));
    // Data-parallel collectives and sends run side by side in flow simulation.
    EXPECT_NEAR(step.again(4) / step.flow(), 1.0, 0.02)
        << "tp " << layout.tp << " pp " << layout.pp << " dp " << layout.dp;
  }
}

TEST(StepExport, OneCommunicationAtATimePutsThemInARow) {
  // Tensor-parallel collectives across nodes wait for data-parallel ones.
  const Step step(job(small_llama(), {.tp = 16, .dp = 2}));
  EXPECT_GT(step.again(1), step.again(4));
}

TEST(StepExport, RanksOfAGroupNameTheSameMembers) {
  const Step step(job(small_llama(), {.tp = 2, .pp = 2, .dp = 2}));
  const TraceSet set = step.traces();
  ASSERT_EQ(set.ranks(), 8);
  // Rank = tp + TP (dp + DP pp): rank 3 shares its weights with rank 1.
  for (const int rank : {1, 3}) {
    ASSERT_EQ(set.of(rank).groups().size(), 1U);
    EXPECT_EQ(set.of(rank).groups()[0].name.substr(0, 3), "dp-");
    EXPECT_THAT(set.of(rank).groups()[0].members, testing::ElementsAre(1, 3));
  }
}

TEST(StepExport, StagesSendForwardAndBackOncePerMicroBatch) {
  const Step step(job(small_llama(), {.tp = 2, .pp = 2, .dp = 2}));
  const TraceSet set = step.traces();
  int sends = 0;
  int receives = 0;
  for (const TraceNode& n : set.of(0).nodes()) {
    sends += n.work == TraceWork::Send && n.peer == 4 ? 1 : 0;
    receives += n.work == TraceWork::Receive && n.peer == 4 ? 1 : 0;
  }
  EXPECT_EQ(sends, step.graph.micro_batches);
  EXPECT_EQ(receives, step.graph.micro_batches);
}

TEST(StepExport, TheSameStepGivesTheSameBytes) {
  const Step step(job(small_llama(4), {.tp = 2, .pp = 2, .dp = 2}));
  const StepExport step_export(step.graph, step.job.layout);
  EXPECT_EQ(bytes_of(step_export.trace(5)), bytes_of(step_export.trace(5)));
}

}  // namespace
}  // namespace sim::test
