// Flow simulation of a step under routing policies, faults, other jobs and mixed nodes.
#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "sim/engine/flow.hpp"
#include "sim/engine/role.hpp"
#include "sim/plan/place_jobs.hpp"
#include "sim/step/build.hpp"
#include "topology/error.hpp"

#include "some_job.hpp"

namespace sim {
namespace {

using topology::Cluster;
using topology::Routing;
using units::Seconds;

const Seconds kForever = units::seconds(std::numeric_limits<double>::infinity());

const test::H100Profiles& profiles() {
  static const test::H100Profiles kProfiles;
  return kProfiles;
}

/// Data parallelism over 16 nodes under leaves of 4, gradients reduced after the backward pass.
TrainingJob wide_job() {
  TrainingJob j = test::job(test::small_llama(8), {.tp = 8, .pp = 2, .dp = 8});
  j.framework.overlap_grad_reduce = false;
  j.cluster.nodes_per_leaf = 4;
  return j;
}

FlowResult flow(const TrainingJob& j, const FlowOptions& options) {
  const StepGraph graph = build_step(j, profiles().view());
  return simulate_flow(graph, j.layout, Cluster::build(j.cluster), options);
}

void skip_without_kernel() {
  if (!kernel_backend_available()) {
    GTEST_SKIP() << "this SimGrid does not export the symbols of the kernel backend";
  }
}

class Policies : public testing::TestWithParam<Routing> {};

TEST_P(Policies, FoldedEqualsUnfolded) {
  skip_without_kernel();
  TrainingJob j = wide_job();
  j.cluster.leaf_oversubscription = 4.0;
  const FlowResult folded = flow(j, {.routing = GetParam()});
  const FlowResult whole = flow(j, {.routing = GetParam(), .unfold = true});
  EXPECT_NEAR(folded.time.step / whole.time.step, 1.0, 1e-9);
  EXPECT_LE(folded.events, whole.events);
}

/// What the kinds of a link carried adds up to what it carried.
void expect_kinds_add_up(const FlowResult& r) {
  const std::size_t kinds = r.load_kinds.names.size();
  ASSERT_FALSE(r.loads.empty());
  ASSERT_EQ(r.load_kinds.bytes.size(), r.loads.size() * kinds);
  for (std::size_t row = 0; row < r.loads.size(); ++row) {
    units::Bytes sum;
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      sum += r.load_kinds.bytes[row * kinds + kind];
    }
    EXPECT_NEAR(sum / r.loads[row].carried, 1.0, 1e-9) << r.loads[row].label;
  }
}

TEST_P(Policies, KindsAddUpToTheLoadOfALink) {
  const FlowResult r = flow(wide_job(), {.routing = GetParam(), .record_link_loads = true});
  EXPECT_EQ(r.load_kinds.names, (std::vector<std::string>{"pp_forward", "pp_backward", "dp_ring"}));
  expect_kinds_add_up(r);
}

INSTANTIATE_TEST_SUITE_P(AllPolicies, Policies,
                         testing::Values(Routing::Static, Routing::Ecmp, Routing::Adaptive,
                                         Routing::Spray),
                         [](const auto& i) { return std::string(topology::name(i.param)); });

TEST(Congestion, HashedFlowsCollideAndAdaptiveOnesDoNot) {
  const TrainingJob j = wide_job();
  const Seconds adaptive = flow(j, {.routing = Routing::Adaptive}).time.step;
  EXPECT_GT(flow(j, {.routing = Routing::Ecmp}).time.step, adaptive);
}

TEST(Congestion, AnInefficientFabricIsSlower) {
  TrainingJob j = wide_job();
  j.cluster.leaf_oversubscription = 2.0;
  const Seconds whole = flow(j, {.routing = Routing::Adaptive}).time.step;
  EXPECT_GT(flow(j, {.routing = Routing::Adaptive, .fabric_efficiency = 0.7}).time.step, whole);
}

/// Both directions of all cables of a device.
std::vector<LinkFault> lose(const Cluster& cluster, std::string_view device, Seconds begin,
                            Seconds end, float left = 0.0F) {
  const topology::VertexId vertex = *cluster.find(device);
  std::vector<LinkFault> faults;
  for (topology::LinkId id = 0; id < cluster.link_count(); ++id) {
    if (cluster.link(id).from == vertex || cluster.link(id).to == vertex) {
      faults.push_back({.link = id, .begin = begin, .end = end, .left = left});
    }
  }
  return faults;
}

TEST(Faults, ALostSpineCostsTheFailoverAndSomeBandwidth) {
  skip_without_kernel();
  TrainingJob j = wide_job();
  j.cluster.leaf_oversubscription = 2.0;
  j.cluster.switch_ports = 16;  // several spines
  const Cluster cluster = Cluster::build(j.cluster);
  ASSERT_GT(cluster.count(topology::VertexKind::Spine), 1U);
  const Seconds whole = flow(j, {.routing = Routing::Adaptive}).time.step;
  FlowOptions faulty{.routing = Routing::Adaptive};
  faulty.faults = lose(cluster, "spine 0", Seconds{}, kForever);
  const Seconds from_the_start = flow(j, faulty).time.step;
  EXPECT_GT(from_the_start, whole);
  // In the middle of the gradient reduction at the end, flows stand still for the fail-over.
  faulty.faults = lose(cluster, "spine 0", whole * 0.9, kForever);
  faulty.failover = units::milliseconds(100);
  const Seconds midway = flow(j, faulty).time.step;
  EXPECT_GT(midway, whole + units::milliseconds(90));
  EXPECT_LT(midway, whole + units::milliseconds(250));
}

TEST(Faults, KindsAddUpAlsoWhereFlowsChangeTheirWay) {
  skip_without_kernel();
  TrainingJob j = wide_job();
  j.cluster.switch_ports = 16;
  const Cluster cluster = Cluster::build(j.cluster);
  const Seconds whole = flow(j, {.routing = Routing::Adaptive}).time.step;
  FlowOptions faulty{.routing = Routing::Adaptive, .record_link_loads = true};
  faulty.faults = lose(cluster, "spine 0", whole * 0.9, kForever);
  expect_kinds_add_up(flow(j, faulty));
}

TEST(Kinds, ARankSendsAllItsFlowsThroughItsNic) {
  // Each of a rank's gradient buckets crosses its NIC once, whatever the way behind it: the bytes
  // of one role are those of the step graph. Pipeline sends: forward, one per micro-batch.
  const TrainingJob j = wide_job();
  const StepGraph graph = build_step(j, profiles().view());
  const Cluster cluster = Cluster::build(j.cluster);
  const FlowResult r = simulate_flow(graph, j.layout, cluster, {.record_link_loads = true});
  const auto row = std::find_if(r.loads.begin(), r.loads.end(), [](const LinkLoad& load) {
    return load.label == "nic 0 -> leaf 0";
  });
  ASSERT_NE(row, r.loads.end());
  ASSERT_EQ(r.load_kinds.names.front(), "pp_forward");
  const auto index = static_cast<std::size_t>(row - r.loads.begin());
  const units::Bytes sent = r.load_kinds.bytes[index * r.load_kinds.names.size()];
  EXPECT_NEAR(sent / (graph.boundary.cost.wire_bytes * static_cast<double>(graph.micro_batches)),
              1.0, 1e-9);
}

TEST(Roles, AreReadAsTheyAreWritten) {
  for (std::uint32_t role = 0; role < Role::kCount; ++role) {
    EXPECT_EQ(role_from_name(name_of_role(role)), role);
  }
  EXPECT_FALSE(role_from_name("neighbours"));
}

TEST(Faults, AfterTheStepTheyDoNotMatter) {
  skip_without_kernel();
  const TrainingJob j = wide_job();
  const Cluster cluster = Cluster::build(j.cluster);
  const Seconds whole = flow(j, {.routing = Routing::Adaptive}).time.step;
  FlowOptions faulty{.routing = Routing::Adaptive};
  faulty.faults = lose(cluster, "spine 0", whole * 3.0, kForever);
  EXPECT_NEAR(flow(j, faulty).time.step / whole, 1.0, 1e-12);
}

TEST(Faults, ASlowNicSlowsTheWholeJobWhileItLasts) {
  skip_without_kernel();
  const TrainingJob j = wide_job();
  const Cluster cluster = Cluster::build(j.cluster);
  const Seconds whole = flow(j, {}).time.step;
  FlowOptions faulty;
  faulty.faults = lose(cluster, "nic 17", Seconds{}, kForever, 0.1F);
  const Seconds always = flow(j, faulty).time.step;
  EXPECT_GT(always, whole * 1.05);
  faulty.faults = lose(cluster, "nic 17", Seconds{}, whole * 0.5, 0.1F);
  const Seconds half = flow(j, faulty).time.step;
  EXPECT_LT(half, always);
}

TEST(Faults, ALostNicIsReplacedByItsNeighboursOverScaleUp) {
  const TrainingJob j = wide_job();
  const Cluster cluster = Cluster::build(j.cluster);
  FlowOptions faulty;
  faulty.faults = lose(cluster, "nic 17", Seconds{}, kForever);
  EXPECT_GT(flow(j, faulty).time.step, flow(j, {}).time.step);
}

TEST(Faults, ANodeWithoutNetworkCutsTheJobOff) {
  const TrainingJob j = wide_job();
  const Cluster cluster = Cluster::build(j.cluster);
  FlowOptions faulty;
  for (int nic = 16; nic < 24; ++nic) {
    const auto lost = lose(cluster, "nic " + std::to_string(nic), Seconds{}, kForever);
    faulty.faults.insert(faulty.faults.end(), lost.begin(), lost.end());
  }
  EXPECT_THROW(flow(j, faulty), CutOff);
}

TEST(Faults, FoldedEqualsUnfoldedThroughAFlappingLink) {
  skip_without_kernel();
  const TrainingJob j = wide_job();
  const Cluster cluster = Cluster::build(j.cluster);
  const Seconds whole = flow(j, {}).time.step;
  FlowOptions faulty{.routing = Routing::Adaptive};
  for (double at = 0.8; at < 1.0; at += 0.05) {
    const auto flap = lose(cluster, "spine 1", whole * at, whole * (at + 0.02));
    faulty.faults.insert(faulty.faults.end(), flap.begin(), flap.end());
  }
  const Seconds folded = flow(j, faulty).time.step;
  faulty.unfold = true;
  EXPECT_NEAR(folded / flow(j, faulty).time.step, 1.0, 1e-9);
}

class TwoJobs : public testing::Test {
 protected:
  TwoJobs() : job_(wide_job()), graph_(build_step(job_, profiles().view())) {
    fabric_ = job_.cluster;
    fabric_.gpus *= 2;
    fabric_.leaf_oversubscription = 4.0;
  }
  FlowResult run(PlacementRule rule) {
    const auto places = place_jobs(
        fabric_, {{"a", job_.cluster.gpus, rule, {}}, {"b", job_.cluster.gpus, rule, {}}});
    std::vector<PlacedJob> jobs;
    for (const std::vector<int>& place : places) {
      jobs.push_back({.graph = &graph_, .layout = &job_.layout, .gpus = place});
    }
    return simulate_flow(jobs, Cluster::build(fabric_), {.routing = Routing::Adaptive});
  }
  TrainingJob job_;
  StepGraph graph_;
  topology::ClusterSpec fabric_;
};

TEST_F(TwoJobs, PackedJobsDoNotDisturbEachOtherAsMuchAsScatteredOnes) {
  const FlowResult packed = run(PlacementRule::Packed);
  const FlowResult scattered = run(PlacementRule::Scattered);
  ASSERT_EQ(packed.jobs.size(), 2U);
  EXPECT_GE(packed.jobs[1].steps, 1);
  EXPECT_LT(packed.time.step, scattered.time.step);
}

TEST_F(TwoJobs, WhatOthersSentIsAKindOfItsOwn) {
  const auto places = place_jobs(fabric_, {{"a", job_.cluster.gpus, PlacementRule::Scattered, {}},
                                           {"b", job_.cluster.gpus, PlacementRule::Scattered, {}}});
  std::vector<PlacedJob> jobs;
  for (const std::vector<int>& place : places) {
    jobs.push_back({.graph = &graph_, .layout = &job_.layout, .gpus = place});
  }
  const FlowResult r = simulate_flow(jobs, Cluster::build(fabric_),
                                     {.routing = Routing::Adaptive, .record_link_loads = true});
  EXPECT_EQ(r.load_kinds.names.back(), "neighbours");
  expect_kinds_add_up(r);
}

TEST_F(TwoJobs, AlikeJobsTakeAlikeTimes) {
  const FlowResult r = run(PlacementRule::RailAligned);
  EXPECT_NEAR(r.jobs[0].time.step / r.jobs[1].time.step, 1.0, 1e-9);
}

TEST(MixedNodes, TheSlowerKindSetsThePace) {
  TrainingJob j = wide_job();
  const StepGraph fast = build_step(j, profiles().view());
  topology::NodeGroup group{.gpus = 64,
                            .accelerator = j.cluster.accelerator,
                            .nic_bandwidth = j.cluster.nic_bandwidth,
                            .node_overhead_power = {}};
  TrainingJob slow_job = j;
  slow_job.layout.dp = j.layout.dp;
  StepGraph slow = build_step(slow_job, profiles().view());
  for (ChunkClass& chunk : slow.classes) {
    for (Pass* pass : {&chunk.forward, &chunk.backward}) {
      pass->local = pass->local * 2.0;
      pass->duration = pass->duration + pass->local * 0.5;
    }
  }
  j.cluster.other_nodes = {group};
  const Cluster cluster = Cluster::build(j.cluster);
  const PlacedJob mixed{.graph = &fast, .layout = &j.layout, .gpus = {}, .other_graphs = {&slow}};
  const FlowResult r = simulate_flow(std::span(&mixed, 1), cluster, {});
  const FlowResult all_fast = simulate_flow(fast, j.layout, cluster, {});
  EXPECT_GT(r.time.step, all_fast.time.step * 1.5);
}

TEST(PlaceJobs, RulesTakeTheNodesThatTheySay) {
  topology::ClusterSpec fabric = test::h100_cluster(8 * 16);
  fabric.nodes_per_leaf = 4;
  const auto first_gpus = [](const std::vector<int>& gpus) {
    std::vector<int> nodes;
    for (std::size_t rank = 0; rank < gpus.size(); rank += 8) {
      nodes.push_back(gpus[rank] / 8);
    }
    return nodes;
  };
  const auto packed = place_jobs(fabric, {{"a", 24, PlacementRule::Packed, {}},
                                          {"b", 16, PlacementRule::RailAligned, {}},
                                          {"c", 24, PlacementRule::Scattered, {}},
                                          {"d", 16, PlacementRule::Listed, {15, 3}}});
  EXPECT_EQ(first_gpus(packed[0]), (std::vector{0, 1, 2}));
  EXPECT_EQ(first_gpus(packed[1]), (std::vector{4, 5}));      // an empty leaf group
  EXPECT_EQ(first_gpus(packed[2]), (std::vector{8, 12, 9}));  // what is free, leaf by leaf
  EXPECT_EQ(first_gpus(packed[3]), (std::vector{15, 3}));
  EXPECT_EQ(packed[3][9], 3 * 8 + 1);  // rank 9 is the second GPU of its second node
}

TEST(PlaceJobs, RefusesWhatIsNotThere) {
  const topology::ClusterSpec fabric = test::h100_cluster(32);
  EXPECT_THROW(place_jobs(fabric, {{"a", 40, PlacementRule::Packed, {}}}), topology::InputError);
  EXPECT_THROW(place_jobs(fabric, {{"a", 16, PlacementRule::Listed, {1, 1}}}),
               topology::InputError);
  EXPECT_THROW(place_jobs(fabric, {{"a", 8, PlacementRule::Listed, {4}}}), topology::InputError);
}

}  // namespace
}  // namespace sim
