// Laws that any collective cost has to keep, and NCCL's habits.
#include "sim/collective/collective.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace {

using calib::CollectiveProfile;
using sim::Algorithm;
using sim::Allowed;
using sim::Collective;
using sim::Group;
using sim::Protocol;
using units::bytes;
using units::gibibytes;
using units::microseconds;

constexpr Collective kAll[] = {Collective::AllReduce,     Collective::AllGather,
                               Collective::ReduceScatter, Collective::AllToAll,
                               Collective::Broadcast,     Collective::SendRecv};
constexpr Group kGroups[] = {{2, 2},  {2, 1},   {8, 8},  {16, 8},
                             {64, 8}, {512, 8}, {16, 1}, {16384, 8}};

/// H100 nodes of eight with one 400 Gbit/s InfiniBand port per GPU.
topology::ClusterSpec nodes_of_eight() {
  topology::ClusterSpec cluster;
  cluster.gpus = 16384;
  cluster.gpus_per_node = cluster.scale_up_domain = 8;
  cluster.network = topology::NetworkKind::Infiniband;
  cluster.nic_bandwidth = units::gigabits_per_second(400);
  cluster.nic_latency = microseconds(1.6);
  cluster.switch_latency = microseconds(0.23);
  topology::ScaleUp& scale_up = cluster.accelerator.scale_up;
  scale_up.kind = topology::ScaleUpKind::Switched;
  scale_up.bandwidth = scale_up.peer_bandwidth = units::gigabytes_per_second(450);
  scale_up.domain = 8;
  scale_up.in_switch_reduction = true;
  return cluster;
}

sim::CollectiveCost cost(Collective op, units::Bytes size, Group group) {
  return sim::collective_cost(nodes_of_eight(), {}, op, size, group);
}

/// The transfer of one forced ring, in seconds.
double ring_transfer(Collective op, units::Bytes size, Group group) {
  const Allowed ring = Allowed{}.only(Algorithm::Ring).only(Protocol::Simple);
  const auto c = sim::collective_cost(nodes_of_eight(), {}, op, size, group, ring);
  return (c->time - c->latency).base();
}

TEST(CollectiveCost, IsZeroForOneRankOrNoBytes) {
  for (const Collective op : kAll) {
    EXPECT_EQ(cost(op, gibibytes(1), {1, 1}).time, units::Seconds{});
    EXPECT_EQ(cost(op, bytes(0), {8, 8}).time, units::Seconds{});
    EXPECT_EQ(cost(op, bytes(0), {8, 8}).wire_bytes, units::Bytes{});
  }
}

TEST(CollectiveCost, GrowsWithSize) {
  for (const Collective op : kAll) {
    for (const Group& group : kGroups) {
      units::Seconds last;
      for (double size = 1; size < 0x1p36; size *= 1.5) {
        const units::Seconds time = cost(op, bytes(size), group).time;
        EXPECT_GE(time, last) << sim::name(op) << " on " << group.ranks << ", " << size << " bytes";
        last = time;
      }
    }
  }
}

TEST(CollectiveCost, IsFiniteAndConsistentWithItsWireRate) {
  for (const Collective op : kAll) {
    for (const Group& group : kGroups) {
      const auto c = cost(op, units::mebibytes(64), group);
      EXPECT_TRUE(std::isfinite(c.time.base()));
      EXPECT_GT(c.latency, units::Seconds{});
      EXPECT_NEAR((c.time - c.latency) * c.rate / bytes(1), c.wire_bytes / bytes(1),
                  1e-6 * c.wire_bytes.base());
      EXPECT_EQ(c.wire_bytes == units::Bytes{}, group.per_domain >= group.ranks);
    }
  }
}

TEST(CollectiveCost, NeverBeatsTheLine) {
  const auto cluster = nodes_of_eight();
  for (const Collective op : kAll) {
    for (const Group& group : kGroups) {
      const auto c = cost(op, gibibytes(4), group);
      EXPECT_GE(c.time, c.wire_bytes / cluster.nic_bandwidth);
      EXPECT_LE(c.rate, cluster.nic_bandwidth);
    }
  }
}

TEST(CollectiveCost, SendsWhatARingSends) {
  // Patarasuk and Yuan 2009: 2(n-1)/n S for all-reduce, half of that for its parts; eight NICs
  // share it.
  const Allowed ring = Allowed{}.only(Algorithm::Ring);
  const auto sent = [&](Collective op) {
    return sim::collective_cost(nodes_of_eight(), {}, op, gibibytes(1), {64, 8}, ring)
        ->wire_bytes.in(gibibytes(1));
  };
  EXPECT_DOUBLE_EQ(sent(Collective::AllReduce), 2.0 * 63 / 64 / 8);
  EXPECT_DOUBLE_EQ(sent(Collective::AllGather), 63.0 / 64 / 8);
  EXPECT_DOUBLE_EQ(sent(Collective::ReduceScatter), 63.0 / 64 / 8);
}

TEST(CollectiveCost, OfARingAllReduceIsThatOfItsTwoPartsInBandwidth) {
  const auto size = gibibytes(8);
  const Group across{64, 8};
  EXPECT_NEAR(ring_transfer(Collective::AllReduce, size, across),
              ring_transfer(Collective::ReduceScatter, size, across) +
                  ring_transfer(Collective::AllGather, size, across),
              1e-12);
}

TEST(CollectiveCost, OfARingGrowsInLatencyWithItsRanks) {
  const Allowed ring = Allowed{}.only(Algorithm::Ring).only(Protocol::Simple);
  const auto latency = [&](int ranks) {
    return sim::collective_cost(nodes_of_eight(), {}, Collective::AllGather, gibibytes(1),
                                {ranks, 8}, ring)
        ->latency.base();
  };
  EXPECT_NEAR((latency(256) - latency(128)) / (latency(128) - latency(64)), 2.0, 1e-9);
}

TEST(CollectiveChoice, TakesLowLatencyForSmallAndBulkForLarge) {
  EXPECT_EQ(cost(Collective::AllGather, bytes(1024), {8, 8}).protocol, Protocol::Ll);
  EXPECT_EQ(cost(Collective::AllGather, gibibytes(1), {8, 8}).protocol, Protocol::Simple);
  EXPECT_EQ(cost(Collective::AllReduce, gibibytes(1), {8, 8}).algorithm, Algorithm::Nvls);
  EXPECT_EQ(cost(Collective::AllReduce, gibibytes(1), {4, 4}).algorithm, Algorithm::Ring);
  EXPECT_EQ(cost(Collective::AllReduce, bytes(1024), {512, 8}).algorithm, Algorithm::Tree);
  EXPECT_EQ(cost(Collective::AllReduce, gibibytes(1), {512, 8}).algorithm, Algorithm::NvlsTree);
  EXPECT_EQ(cost(Collective::AllReduce, gibibytes(8), {16384, 8}).algorithm, Algorithm::NvlsTree);
}

TEST(CollectiveChoice, IsNeverWorseThanARestrictedOne) {
  for (const Group& group : kGroups) {
    for (const auto& allowed :
         {Allowed{}.only(Algorithm::Ring), Allowed{}.only(Protocol::Simple)}) {
      const auto free = cost(Collective::AllReduce, units::mebibytes(3), group);
      const auto forced = sim::collective_cost(nodes_of_eight(), {}, Collective::AllReduce,
                                               units::mebibytes(3), group, allowed);
      ASSERT_TRUE(forced);
      EXPECT_LE(free.time, forced->time);
    }
  }
}

TEST(CollectiveChoice, IsEmptyWhereTheForcedAlgorithmDoesNotExist) {
  auto cluster = nodes_of_eight();
  cluster.accelerator.scale_up.in_switch_reduction = false;
  EXPECT_FALSE(sim::collective_cost(cluster, {}, Collective::AllReduce, gibibytes(1), {8, 8},
                                    Allowed{}.only(Algorithm::Nvls)));
  EXPECT_FALSE(sim::collective_cost(cluster, {}, Collective::AllGather, gibibytes(1), {64, 8},
                                    Allowed{}.only(Algorithm::NvlsTree)));
}

TEST(CollectiveChoice, MayAggregateTreesWhereEachNodeHasOneRank) {
  const auto c = cost(Collective::AllGather, bytes(4096), {64, 1});
  EXPECT_EQ(c.algorithm, Algorithm::Pat);
  EXPECT_NE(cost(Collective::AllGather, bytes(4096), {64, 8}).algorithm, Algorithm::Pat);
}

TEST(PointToPoint, StaysInsideADomainOrGoesOverTheNic) {
  const auto inside = cost(Collective::SendRecv, gibibytes(1), {2, 2});
  const auto across = cost(Collective::SendRecv, gibibytes(1), {2, 1});
  EXPECT_EQ(inside.wire_bytes, units::Bytes{});
  EXPECT_EQ(across.wire_bytes, gibibytes(1));
  EXPECT_GT(across.time, inside.time * 4.0);
}

TEST(PointToPoint, HasFewerChannelsInLargeCommunicators) {
  // Measured on 400 Gbit/s ports: 43, 26 and 14.5 GB/s in communicators of 16, 64 and 128 ranks
  // (nccl-tests, B200).
  const auto rate = [](int ranks) {
    return cost(Collective::SendRecv, gibibytes(1), {ranks, 8})
        .rate.in(units::gigabytes_per_second(1));
  };
  EXPECT_NEAR(rate(16), 43, 3);
  EXPECT_NEAR(rate(64), 26, 4);
  EXPECT_NEAR(rate(128), 14.5, 1);
}

TEST(AllToAll, OverTwoNodesReachesTwiceTheNicInBusbw) {
  // Ceiling N/(N-1) of the NIC rate (nccl-tests issue 130); measured 89.9 of 100 GB/s on two B200
  // nodes.
  const auto c = cost(Collective::AllToAll, gibibytes(8), {16, 8});
  const double busbw = gibibytes(8) / c.time / units::gigabytes_per_second(1) *
                       sim::busbw_factor(Collective::AllToAll, 16);
  EXPECT_NEAR(busbw, 89.9, 8);
}

TEST(AllToAll, IsHeldBackByOversubscribedLeaves) {
  auto cluster = nodes_of_eight();
  cluster.nodes_per_leaf = 4;
  const auto fair = sim::collective_cost(cluster, {}, Collective::AllToAll, gibibytes(1), {512, 8});
  cluster.leaf_oversubscription = 3.0;
  const auto scarce =
      sim::collective_cost(cluster, {}, Collective::AllToAll, gibibytes(1), {512, 8});
  EXPECT_GT(scarce.time, fair.time * 2.0);
}

TEST(Mesh, GivesTwoRanksOneLinkOnly) {
  auto cluster = nodes_of_eight();
  topology::ScaleUp& scale_up = cluster.accelerator.scale_up;
  scale_up.kind = topology::ScaleUpKind::Mesh;
  scale_up.peer_bandwidth = scale_up.bandwidth / 7.0;
  scale_up.in_switch_reduction = false;
  const auto two = sim::collective_cost(cluster, {}, Collective::AllReduce, gibibytes(4), {2, 2});
  const auto all = sim::collective_cost(cluster, {}, Collective::AllReduce, gibibytes(4), {8, 8});
  const double two_busbw = 1.0 / two.time.base();
  const double all_busbw = 1.75 / all.time.base();
  EXPECT_NEAR(all_busbw / two_busbw, 7.0, 1.5);
}

topology::ClusterSpec torus_16x16() {
  topology::ClusterSpec cluster;
  cluster.gpus = cluster.scale_up_domain = 256;
  cluster.fabric = topology::FabricKind::Torus;
  cluster.torus = {16, 16};
  topology::ScaleUp& scale_up = cluster.accelerator.scale_up;
  scale_up.kind = topology::ScaleUpKind::Torus;
  scale_up.bandwidth = units::gigabytes_per_second(200);
  scale_up.peer_bandwidth = units::gigabytes_per_second(50);
  scale_up.latency = microseconds(1);
  return cluster;
}

TEST(Torus, UsesBothDirectionsOfEachAxis) {
  // How to Scale Your Model, 2025: all-gather of S over one closed axis takes S / (2 W), over two
  // axes S / (4 W).
  CollectiveProfile profile;
  profile.ring[2].bandwidth = 1.0;
  const auto seconds = [&](int ranks) {
    const auto c = sim::collective_cost(torus_16x16(), profile, Collective::AllGather,
                                        units::gigabytes(100), {ranks, ranks});
    EXPECT_EQ(c.algorithm, Algorithm::Torus);
    EXPECT_EQ(c.wire_bytes, units::Bytes{});
    return (c.time - c.latency).base();
  };
  EXPECT_NEAR(seconds(16), 100.0 / (2 * 50) * 15 / 16, 1e-9);
  EXPECT_NEAR(seconds(256), 100.0 / (4 * 50) * 255 / 256, 1e-9);
}

TEST(Torus, BindsAllToAllByItsLongestAxis) {
  CollectiveProfile profile;
  profile.ring[2].bandwidth = 1.0;
  const auto c = sim::collective_cost(torus_16x16(), profile, Collective::AllToAll,
                                      units::gigabytes(1), {256, 256});
  EXPECT_NEAR((c.time - c.latency).base(), 1.0 * 16 / 8 / 50, 1e-9);
}

TEST(Busbw, HasTheFactorsOfNcclTests) {
  EXPECT_DOUBLE_EQ(sim::busbw_factor(Collective::AllReduce, 8), 1.75);
  EXPECT_DOUBLE_EQ(sim::busbw_factor(Collective::AllGather, 8), 0.875);
  EXPECT_DOUBLE_EQ(sim::busbw_factor(Collective::ReduceScatter, 8), 0.875);
  EXPECT_DOUBLE_EQ(sim::busbw_factor(Collective::AllToAll, 4), 0.75);
  EXPECT_DOUBLE_EQ(sim::busbw_factor(Collective::Broadcast, 8), 1.0);
  EXPECT_DOUBLE_EQ(sim::busbw_factor(Collective::SendRecv, 2), 1.0);
  EXPECT_DOUBLE_EQ(sim::busbw_factor(Collective::AllReduce, 1), 0.0);
}

}  // namespace
