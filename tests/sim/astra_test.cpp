// sim/trace/astra: expected times are what ASTRA-sim prints for its own examples, in ns.
#include "sim/trace/astra.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/trace/execute.hpp"

#include "tests/sim/some_trace.hpp"

namespace sim::test {
namespace {

using testing::HasSubstr;

constexpr double kGb = 0x1p30;  // of ASTRA-sim's network

/// Ring_8npus.yml with Ring_4chunks.json.
AstraNetwork ring_network() {
  return {.topology = AstraNetwork::Topology::Ring,
          .npus = 8,
          .bandwidth = units::bytes_per_second(50 * kGb),
          .latency = units::nanoseconds(500)};
}
AstraSystem four_chunks() {
  AstraSystem s;
  s.splits = 4;
  s.memory_bandwidth = units::gigabytes_per_second(1600);
  return s;
}

/// HGX-H100-validated.
AstraNetwork hgx_network() {
  return {.topology = AstraNetwork::Topology::Switch,
          .npus = 8,
          .bandwidth = units::bytes_per_second(400 * kGb),
          .latency = units::nanoseconds(936.25)};
}
AstraSystem hgx_system() {
  AstraSystem s;
  s.splits = 4;
  s.active_chunks = 2;
  s.memory_bandwidth = units::gigabytes_per_second(3350);
  return s;
}

double ns(units::Seconds t) {
  return t.in(units::nanoseconds(1));
}

double run_ns(const TraceSet& traces, const AstraNetwork& astra, const AstraSystem& system) {
  const auto network = make_network(NetworkBackend::Kernel);
  AstraMachine machine(astra, system, *network);
  return ns(run_traces(traces, match(traces, {}), machine, *network).total);
}

double mebibyte_ns(TraceCollective op, const AstraNetwork& astra, const AstraSystem& system) {
  return run_ns(shared_trace(SomeTrace().collective(1, op, 1 << 20).finish(), 8), astra, system);
}

TEST(Astra, RingCollectivesTakeWhatItPrints) {
  EXPECT_NEAR(mebibyte_ns(TraceCollective::AllReduce, ring_network(), four_chunks()), 64440, 1e-3);
  EXPECT_NEAR(mebibyte_ns(TraceCollective::AllGather, ring_network(), four_chunks()), 151016, 1e-3);
  EXPECT_NEAR(mebibyte_ns(TraceCollective::ReduceScatter, ring_network(), four_chunks()), 33080,
              1e-3);
}

TEST(Astra, ASwitchTakesTwoHopsAndChunksRunSideBySide) {
  AstraNetwork network = hgx_network();
  EXPECT_NEAR(mebibyte_ns(TraceCollective::AllReduce, network, hgx_system()), 55222, 1e-3);
  network.congestion_aware = true;
  EXPECT_NEAR(mebibyte_ns(TraceCollective::AllReduce, network, hgx_system()), 57426, 1e-3);
}

TEST(Astra, HopsGoTheShorterWayRoundTheRing) {
  const AstraNetwork ring = ring_network();
  EXPECT_EQ(ring.hops(0, 1), 1);
  EXPECT_EQ(ring.hops(7, 0), 1);
  EXPECT_EQ(ring.hops(1, 5), 4);
  EXPECT_EQ(ring.hops(3, 3), 0);
  EXPECT_EQ(hgx_network().hops(0, 5), 2);
}

TEST(Astra, ARingOverEverySecondNpuPaysTwoHops) {
  // Four ranks two links apart: n = 6 steps of floor(2 x 500 + 65536/53.687) + 10 ns, r = 3
  // reductions of 3 floor(65536/1600) ns, four chunks.
  const double chunk = 10 + 6 * (std::floor(1000 + 65536 / (50 * kGb * 1e-9)) + 10) + 3 * 3 * 40;
  EXPECT_NEAR(ns(astra_ring_time(ring_network(), four_chunks(), TraceCollective::AllReduce,
                                 units::bytes(1 << 20), 4, 2)),
              4 * chunk, 1e-3);
}

TEST(Astra, ACustomAllReduceRunsItsAlgorithm) {
  // Two ranks swap halves twice, with 3 us of arithmetic: 2 (500 + 64 KiB / 53.687) + 3000.
  const auto algorithm = [](int other) {
    return SomeTrace()
        .send(0, other, 65536)
        .receive(1, other, 65536, {0})
        .compute(2, 3, {1})
        .send(3, other, 65536, {2})
        .receive(4, other, 65536, {3})
        .finish();
  };
  const TraceSet job = traces_of({SomeTrace().compute(5, 1).all_reduce(9, 1 << 17, {5}).finish(),
                                  SomeTrace().compute(5, 1).all_reduce(9, 1 << 17, {5}).finish()});
  const TraceSet whole = with_custom_all_reduce(job, traces_of({algorithm(1), algorithm(0)}));
  EXPECT_EQ(whole.of(0).size(), 7U);
  EXPECT_NEAR(run_ns(whole, ring_network(), AstraSystem{}), 1000 + 2 * 1720 + 3000, 1e-3);
}

TEST(Astra, WhatItDoesNotCoverIsRefused) {
  EXPECT_THAT(
      refusal([] { (void)mebibyte_ns(TraceCollective::AllToAll, ring_network(), four_chunks()); }),
      HasSubstr("the traces need all-to-all"));
  AstraSystem direct = four_chunks();
  direct.all_reduce = "direct";
  EXPECT_THAT(
      refusal([&] { (void)mebibyte_ns(TraceCollective::AllReduce, ring_network(), direct); }),
      HasSubstr("all-reduce by \"direct\""));
  EXPECT_THAT(refusal([] {
                (void)with_custom_all_reduce(shared_trace(SomeTrace().all_reduce(1, 8).finish(), 2),
                                             shared_trace(SomeTrace().compute(1, 8).finish(), 3));
              }),
              HasSubstr("is written for 3 ranks, and the traces have 2"));
}

TEST(Astra, RooflineTakesTheSlowerOfProductsAndMemory) {
  AstraSystem s;
  s.roofline = true;
  s.peak = units::teraflops_per_second(900);
  s.memory_bandwidth = units::gigabytes_per_second(1600);
  const auto network = make_network(NetworkBackend::Kernel);
  const AstraMachine machine(ring_network(), s, *network);
  TraceNode node;
  node.operations = units::flops(9e9);  // 10 us
  EXPECT_NEAR(ns(machine.compute_time(0, node)), 10000, 1e-3);
  node.traffic = units::bytes(32e6);  // 20 us
  EXPECT_NEAR(ns(machine.compute_time(0, node)), 20000, 1e-3);
}

}  // namespace
}  // namespace sim::test
