// sim/trace: matching of ranks, the rules of execution, deadlocks, and the cluster's network.
#include "sim/trace/execute.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/trace/cluster_machine.hpp"

#include "tests/scenarios/temporary_files.hpp"
#include "tests/sim/some_job.hpp"
#include "tests/sim/some_trace.hpp"

namespace sim::test {
namespace {

using testing::HasSubstr;
using units::microseconds;
using units::Seconds;

double us(Seconds t) {
  return t.in(microseconds(1));
}

/// Every collective takes 100 us, every message 10 us.
class FixedTimes final : public TraceMachine {
 public:
  explicit FixedTimes(Network& network) : network_(network) {}
  Seconds compute_time(int, const TraceNode& node) const override { return node.duration; }
  std::uint32_t start(const CollectiveCall&, const TraceCommunicator&, std::uint64_t tag) override {
    network_.after(microseconds(100), tag);
    return 1;
  }
  void send(const Message&, std::uint64_t tag) override { network_.after(microseconds(10), tag); }

 private:
  Network& network_;
};

TraceRun run(const TraceSet& traces, const TraceRunOptions& options = {},
             const GroupFile& groups = {}) {
  const auto network = make_network(NetworkBackend::Kernel);
  FixedTimes machine(*network);
  return run_traces(traces, match(traces, groups), machine, *network, options);
}

std::string match_refusal(const TraceSet& traces, const GroupFile& groups = {}) {
  return refusal([&] { (void)match(traces, groups); });
}

// ---- which operations belong together

TEST(Matching, AGroupWithoutMembersIsTheWorld) {
  for (const char* name : {"", "0"}) {
    const Matching m = match(shared_trace(SomeTrace().all_reduce(1, 8, {}, name).finish(), 4), {});
    ASSERT_EQ(m.calls.size(), 1U);
    EXPECT_EQ(m.communicators[m.calls[0].communicator].members.size(), 4U);
  }
}

TEST(Matching, MembersComeFromTheSideFileOrTheTrace) {
  const TraceSet side = shared_trace(SomeTrace().all_reduce(1, 8, {}, "tp").finish(), 2);
  EXPECT_EQ(match(side, {{"tp", {0, 1}}}).calls.size(), 1U);
  EXPECT_THAT(
      match_refusal(side),
      HasSubstr("rank 0 node 1 \"nccl\": uses process group \"tp\", whose ranks are nowhere "
                "listed; give a file {\"tp\": [ranks]} with --groups"));
  const TraceSet own =
      shared_trace(SomeTrace().group("tp", {1, 0}).all_reduce(1, 8, {}, "tp").finish(), 2);
  EXPECT_EQ(match(own, {}).calls.size(), 1U);
}

TEST(Matching, GroupsOfOneNameAndOtherMembersAreOthers) {
  std::vector<ExecutionTrace> ranks;
  for (int r = 0; r < 4; ++r) {
    ranks.push_back(SomeTrace()
                        .group("tp", {r / 2 * 2, r / 2 * 2 + 1})
                        .all_reduce(1, 8.0 + r / 2, {}, "tp")
                        .finish());
  }
  EXPECT_EQ(match(traces_of(std::move(ranks)), {}).calls.size(), 2U);
}

TEST(Matching, BadGroupsAreRefused) {
  const auto trace = [](std::vector<int> members) {
    return shared_trace(
        SomeTrace().group("g", std::move(members)).all_reduce(1, 8, {}, "g").finish(), 2);
  };
  EXPECT_THAT(
      match_refusal(trace({0, 1, 2})),
      HasSubstr("rank 0 node 1 \"nccl\": uses process group \"g\" with rank 2, which has no "
                "trace file (there are ranks 0 to 1)"));
  EXPECT_THAT(match_refusal(trace({0, 1, 1})), HasSubstr("lists rank 1 twice"));
  EXPECT_THAT(
      match_refusal(trace({0})),
      HasSubstr("rank 1 node 1 \"nccl\": is a collective of process group \"g\", which rank "
                "1 does not belong to"));
}

TEST(Matching, ACollectiveThatARankNeverReachesIsRefused) {
  EXPECT_EQ(
      match_refusal(traces_of({SomeTrace().all_reduce(1, 8).all_reduce(2, 8).finish(),
                               SomeTrace().all_reduce(1, 8).all_reduce(2, 8).finish(),
                               SomeTrace().all_reduce(1, 8).finish()})),
      "rank 0 node 2 \"nccl\": is a collective of all 3 ranks (all-reduce 8 bytes) that rank 2 "
      "never reaches; all members of the group must call it");
}

TEST(Matching, TypesAndSizesMustAgree) {
  EXPECT_THAT(
      match_refusal(traces_of({SomeTrace().all_reduce(1, 8).finish(),
                               SomeTrace().collective(5, TraceCollective::AllGather, 8).finish()})),
      HasSubstr("rank 1 node 5 \"nccl\": is all-gather where rank 0 node 1 \"nccl\", the same "
                "collective of all 2 ranks, is all-reduce"));
  EXPECT_THAT(match_refusal(traces_of(
                  {SomeTrace().all_reduce(1, 8).finish(), SomeTrace().all_reduce(1, 16).finish()})),
              HasSubstr("is all-reduce of 16 bytes where rank 0 node 1"));
}

TEST(Matching, AnUnevenAllToAllTakesItsLargestWithAWarning) {
  const Matching m =
      match(traces_of({SomeTrace().collective(1, TraceCollective::AllToAll, 8).finish(),
                       SomeTrace().collective(1, TraceCollective::AllToAll, 32).finish()}),
            {});
  EXPECT_EQ(m.calls.at(0).size.base(), 32.0);
  EXPECT_EQ(m.warnings.size(), 1U);
}

TEST(Matching, SendsAndReceivesPairByChannelInOrder) {
  const Matching m = match(
      traces_of({SomeTrace().send(1, 1, 10).send(2, 1, 20).send(3, 1, 30, {}, 9).finish(),
                 SomeTrace().receive(1, 0, 30, {}, 9).receive(2, 0, 10).receive(3, 0, 0).finish()}),
      {});
  ASSERT_EQ(m.messages.size(), 3U);
  EXPECT_EQ(m.messages[0].receive, 1U);
  EXPECT_EQ(m.messages[1].receive, 2U);  // a receive without a size takes what comes
  EXPECT_EQ(m.messages[1].size.base(), 20.0);
  EXPECT_EQ(m.messages[2].receive, 0U);
}

TEST(Matching, ASendWithoutItsReceiveIsRefused) {
  EXPECT_EQ(
      match_refusal(traces_of({SomeTrace().send(4, 1, 8, {}, 7).finish(),
                               SomeTrace().receive(1, 0, 8, {}, 6).finish()})),
      "rank 0 node 4 \"isend\": sends to rank 1 with tag 7, but rank 1 has no receive for it");
  EXPECT_THAT(
      match_refusal(
          traces_of({SomeTrace().compute(1, 1).finish(), SomeTrace().receive(6, 0, 8).finish()})),
      HasSubstr("rank 1 node 6 \"irecv\": receives from rank 0 with tag 0, but rank 0 has no "
                "send for it"));
  EXPECT_THAT(match_refusal(traces_of(
                  {SomeTrace().send(4, 1, 8).finish(), SomeTrace().receive(1, 0, 9).finish()})),
              HasSubstr("expects 9 bytes, but rank 0 node 4 \"isend\" sends 8 bytes"));
  EXPECT_THAT(match_refusal(traces_of({SomeTrace().send(4, 3, 8).finish()})),
              HasSubstr("sends to rank 3, which has no trace file"));
}

// ---- how they run

TEST(RunTraces, OneKernelAtATimeBesideOneCpuOperator) {
  const TraceRun r = run(traces_of(
      {SomeTrace().compute(1, 30).compute(2, 20).cpu(3, 70).compute(4, 5, {3}).finish()}));
  EXPECT_DOUBLE_EQ(us(r.total), 75.0);  // 70 on the CPU, then 5; kernels 1 and 2 beside
  EXPECT_DOUBLE_EQ(us(r.ranks[0].compute), 55.0);
  EXPECT_DOUBLE_EQ(us(r.ranks[0].cpu), 20.0);
  EXPECT_EQ(r.nodes, 4U);
}

TEST(RunTraces, OneCommunicationAtATimeUnlessAskedFor) {
  const TraceSet traces =
      shared_trace(SomeTrace().all_reduce(1, 8).all_reduce(2, 8).compute(3, 150).finish(), 2);
  const TraceRun one = run(traces);
  EXPECT_DOUBLE_EQ(us(one.total), 200.0);
  EXPECT_DOUBLE_EQ(us(one.ranks[1].compute), 150.0);
  EXPECT_DOUBLE_EQ(us(one.ranks[1].exposed), 50.0);
  EXPECT_DOUBLE_EQ(us(one.ranks[1].communication), 200.0);
  EXPECT_DOUBLE_EQ(us(run(traces, {.communications = 2}).total), 150.0);
}

TEST(RunTraces, ACollectiveStartsWithItsLastMember) {
  const TraceRun r = run(traces_of({SomeTrace().all_reduce(1, 8).finish(),
                                    SomeTrace().compute(1, 40).all_reduce(2, 8, {1}).finish()}));
  EXPECT_DOUBLE_EQ(us(r.total), 140.0);
  EXPECT_DOUBLE_EQ(us(r.ranks[0].exposed), 140.0);
}

TEST(RunTraces, AReceiveDoesNotOccupyTheSlot) {
  // Rank 1 posts its receive and runs a collective while rank 0 is not yet there to send.
  const TraceRun r =
      run(traces_of({SomeTrace().all_reduce(1, 8).compute(2, 30, {1}).send(3, 1, 8, {2}).finish(),
                     SomeTrace().receive(1, 0, 8).all_reduce(2, 8).compute(3, 5, {1}).finish()}));
  EXPECT_DOUBLE_EQ(us(r.total), 145.0);  // 100 + 30 + 10, then 5
  EXPECT_DOUBLE_EQ(us(r.ranks[1].idle), 30.0);
  EXPECT_DOUBLE_EQ(us(r.ranks[1].exposed), 110.0);
  EXPECT_DOUBLE_EQ(us(r.ranks[0].finish), 140.0);
}

TEST(RunTraces, AMessageMayComeBeforeItsReceive) {
  const TraceRun r = run(traces_of({SomeTrace().send(1, 1, 8).finish(),
                                    SomeTrace().compute(1, 50).receive(2, 0, 8, {1}).finish()}));
  EXPECT_DOUBLE_EQ(us(r.ranks[0].finish), 10.0);
  EXPECT_DOUBLE_EQ(us(r.total), 50.0);
}

TEST(RunTraces, MetadataTakesNoTimeAndTimesAddUp) {
  const TraceRun r =
      run(traces_of({SomeTrace().metadata(0).compute(1, 10).all_reduce(2, 8, {1}).finish(),
                     SomeTrace().cpu(1, 25).all_reduce(2, 8, {1}).compute(3, 7, {2}).finish()}));
  EXPECT_DOUBLE_EQ(us(r.total), 132.0);
  for (const RankTime& t : r.ranks) {
    EXPECT_NEAR(us(t.compute + t.exposed + t.cpu + t.idle), 132.0, 1e-9);
  }
}

TEST(RunTraces, ManyRanksShareOneTrace) {
  const TraceRun r =
      run(shared_trace(SomeTrace().compute(1, 3).all_reduce(2, 8, {1}).finish(), 5000));
  EXPECT_DOUBLE_EQ(us(r.total), 103.0);
  EXPECT_EQ(r.nodes, 10000U);
}

TEST(RunTraces, ADeadlockIsExplained) {
  // Two groups of the same ranks, entered in opposite order.
  const auto first = SomeTrace().group("a", {0, 1}).group("b", {1, 0});
  SomeTrace zero = first;
  SomeTrace one = first;
  const std::string message = refusal([&] {
    (void)run(traces_of({zero.all_reduce(1, 8, {}, "a").all_reduce(2, 8, {1}, "b").finish(),
                         one.all_reduce(1, 8, {}, "b").all_reduce(2, 8, {1}, "a").finish()}));
  });
  EXPECT_EQ(
      message,
      "deadlock: 2 of 2 ranks wait for each other for ever: rank 0 node 1 \"nccl\" (all-reduce "
      "of process group \"a\") waits for rank 1; rank 1 node 1 \"nccl\" (all-reduce of "
      "process group \"b\") waits for rank 0; repair the order of these nodes, or let a rank "
      "run more than 1 communication at a time (--communications)");
}

TEST(RunTraces, ADeadlockOfReceivesIsExplained) {
  EXPECT_THAT(refusal([&] {
                (void)run(traces_of({SomeTrace().receive(1, 1, 8).send(2, 1, 8, {1}).finish(),
                                     SomeTrace().receive(3, 0, 8).send(4, 0, 8, {3}).finish()}));
              }),
              HasSubstr("rank 0 node 1 \"irecv\" waits for rank 1 node 4 \"isend\", which was not "
                        "sent; rank 1 node 3 \"irecv\" waits for rank 0 node 2 \"isend\""));
}

// ---- on a cluster

struct OnCluster {
  explicit OnCluster(int gpus)
      : cluster(topology::Cluster::build(h100_cluster(gpus))),
        network(make_network(NetworkBackend::Kernel)),
        machine(cluster, profiles.device, profiles.collectives, *network) {}
  TraceRun run(const TraceSet& traces) {
    return run_traces(traces, match(traces, {}), machine, *network);
  }
  H100Profiles profiles;
  topology::Cluster cluster;
  std::unique_ptr<Network> network;
  ClusterMachine machine;
};

TEST(ClusterMachine, ACollectiveInANodeTakesItsClosedForm) {
  OnCluster on(8);
  const auto expected =
      collective_cost(on.cluster.spec(), on.profiles.collectives, Collective::AllReduce,
                      units::bytes(1 << 30), {.ranks = 8, .per_domain = 8});
  EXPECT_DOUBLE_EQ(
      on.run(shared_trace(SomeTrace().all_reduce(1, 1 << 30).finish(), 8)).total.base(),
      expected.time.base());
}

TEST(ClusterMachine, AnAllGatherCountsWhatEachRankPutsIn) {
  OnCluster on(8);
  const auto expected =
      collective_cost(on.cluster.spec(), on.profiles.collectives, Collective::AllGather,
                      units::bytes(8 << 20), {.ranks = 8, .per_domain = 8});
  const TraceSet traces =
      shared_trace(SomeTrace().collective(1, TraceCollective::AllGather, 1 << 20).finish(), 8);
  EXPECT_DOUBLE_EQ(on.run(traces).total.base(), expected.time.base());
}

TEST(ClusterMachine, ABarrierTakesTimeWithoutData) {
  OnCluster on(16);
  const TraceRun r =
      on.run(shared_trace(SomeTrace().collective(1, TraceCollective::Barrier, 0).finish(), 16));
  EXPECT_GT(us(r.total), 1.0);  // no message crosses the network in less
}

TEST(ClusterMachine, ACollectiveAcrossNodesTakesItsClosedFormWhenAlone) {
  OnCluster on(32);
  const auto expected =
      collective_cost(on.cluster.spec(), on.profiles.collectives, Collective::AllReduce,
                      units::bytes(1 << 30), {.ranks = 32, .per_domain = 8});
  const TraceRun r = on.run(shared_trace(SomeTrace().all_reduce(1, 1 << 30).finish(), 32));
  EXPECT_NEAR(r.total / expected.time, 1.0, 1e-9);
  EXPECT_FALSE(on.machine.busiest(r.total).empty());
  EXPECT_FALSE(on.machine.busiest(r.total).front().label.empty());
}

TEST(ClusterMachine, MessagesThroughOneNicShareIt) {
  // Ranks 0 and 1 send to 8 of the other node; on the receiving NIC both meet.
  const auto time = [](bool both) {
    OnCluster on(16);
    std::vector<ExecutionTrace> ranks;
    for (int r = 0; r < 16; ++r) {
      SomeTrace t;
      if (r == 0 || (r == 1 && both)) {
        t.send(1, 8, 1e9);
      } else if (r == 8) {
        t.receive(1, 0, 1e9);
        if (both) {
          t.receive(2, 1, 1e9);
        }
      }
      ranks.push_back(t.finish());
    }
    return on.run(traces_of(std::move(ranks))).total;
  };
  EXPECT_GT(time(true) / time(false), 1.5);
}

TEST(ClusterMachine, ARooflineStandsInForAMissingDuration) {
  OnCluster on(8);
  TraceNode node;
  node.operations = units::flops(989.4e9);  // 1 ms at the H100's dense bf16 peak
  EXPECT_NEAR(us(on.machine.compute_time(0, node)), 1000.0, 1e-6);
  node.traffic = units::gigabytes(33.5);  // 10 ms at its memory rate, more in practice
  EXPECT_GT(us(on.machine.compute_time(0, node)), 10000.0);
  node.duration = microseconds(5);
  EXPECT_DOUBLE_EQ(us(on.machine.compute_time(0, node)), 5.0);
}

// ---- the files of a job

class TraceFiles : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& bytes) { files.write(name, bytes); }
  TraceSet read() const { return read_traces(files.directory() / "t"); }
  TemporaryFiles files;
};

TEST_F(TraceFiles, EqualFilesAreSharedAndOthersIgnored) {
  const std::string same = bytes_of(SomeTrace().all_reduce(1, 8).finish());
  write("t.0.et", same);
  write("t.1.et", bytes_of(SomeTrace().all_reduce(2, 8).finish()));
  write("t.2.et", same);
  write("t.et", "x");
  write("t.x.et", "x");
  write("tt.0.et", "x");
  const TraceSet set = read();
  EXPECT_EQ(set.ranks(), 3);
  EXPECT_EQ(set.traces.size(), 2U);
  EXPECT_EQ(&set.of(0), &set.of(2));
}

TEST_F(TraceFiles, GapsAndDuplicatesAreRefused) {
  EXPECT_THAT(refusal([&] { (void)read(); }), HasSubstr("there are no traces"));
  const std::string bytes = bytes_of(SomeTrace().all_reduce(1, 8).finish());
  write("t.0.et", bytes);
  write("t.2.et", bytes);
  EXPECT_THAT(refusal([&] { (void)read(); }), HasSubstr("rank 1 has no trace"));
  write("t.1.et", bytes);
  write("t.01.et", bytes);
  EXPECT_THAT(refusal([&] { (void)read(); }), HasSubstr("is a second trace of rank 1"));
}

TEST_F(TraceFiles, ADamagedFileIsNamedWithItsRank) {
  write("t.0.et", bytes_of(SomeTrace().compute(1, 1).finish()));
  write("t.1.et", "\x05zz");
  EXPECT_THAT(refusal([&] { (void)read(); }), HasSubstr("t.1.et (rank 1): byte 0: "));
}

}  // namespace
}  // namespace sim::test
