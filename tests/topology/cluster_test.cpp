#include "topology/cluster.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "topology/error.hpp"
#include "topology/routing.hpp"

#include "tests/topology/specs.hpp"

namespace topology {
namespace {

using testing::connects;
using testing::dgx;
using testing::kinds;
using enum VertexKind;

TEST(Cluster, GraphHasTheSwitchesAndCablesOfTheDgxB200Table) {
  const Cluster c = Cluster::build(dgx(4096, FabricKind::RailOptimised));
  EXPECT_EQ(c.count(Gpu), 4096U);
  EXPECT_EQ(c.count(ScaleUpSwitch), 512U);
  EXPECT_EQ(c.count(Leaf), 128U);
  EXPECT_EQ(c.count(Spine), 128U);
  EXPECT_EQ(c.count(Core), 64U);
  EXPECT_EQ(c.cables(Nic, Leaf), 4096U);
  EXPECT_EQ(c.cables(Leaf, Spine), 4096U);
  EXPECT_EQ(c.cables(Spine, Core), 4096U);
  EXPECT_EQ(c.cables(Core, Spine), 4096U);
}

TEST(Cluster, TwoDirectionsOfACableAreTwoLinksOfEqualBandwidth) {
  const Cluster c = Cluster::build(dgx(512, FabricKind::RailOptimised));
  for (LinkId id = 0; id < c.link_count(); ++id) {
    const Link& there = c.link(id);
    EXPECT_EQ(c.find_link(there.from, there.to), id);
    const auto back = c.find_link(there.to, there.from);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(c.link(*back).bandwidth, there.bandwidth);
  }
}

TEST(Cluster, TiersWithoutOversubscriptionCarryAllEndpoints) {
  for (const FabricKind fabric :
       {FabricKind::RailOptimised, FabricKind::FatTree, FabricKind::ThreeTier}) {
    const Cluster c = Cluster::build(dgx(4096, fabric));
    units::BytesPerSecond leaf_up;
    units::BytesPerSecond spine_up;
    for (const Link& link : c.links()) {
      leaf_up += c.kind(link.from) == Leaf && c.kind(link.to) == Spine ? link.bandwidth
                                                                       : units::BytesPerSecond{};
      spine_up += c.kind(link.to) == Core ? link.bandwidth : units::BytesPerSecond{};
    }
    EXPECT_NEAR(leaf_up.in(units::gigabits_per_second(400)), 4096, 1e-6);
    EXPECT_NEAR(spine_up.in(units::gigabits_per_second(400)), 4096, 1e-6);
  }
}

TEST(Cluster, OversubscriptionDividesTheUplinkBandwidth) {
  ClusterSpec spec = dgx(
      3584, FabricKind::ThreeTier);  // two full pods of 56 leaves where spines are 56 down : 8 up
  const auto up = [](const Cluster& c, VertexKind from, VertexKind to) {
    units::BytesPerSecond sum;
    for (const Link& link : c.links()) {
      if (c.kind(link.from) == from && c.kind(link.to) == to) {
        sum += link.bandwidth;
      }
    }
    return sum.in(units::gigabits_per_second(400));
  };
  spec.spine_oversubscription = 7;  // Llama 3's aggregation layer
  const Cluster islands = Cluster::build(spec);
  EXPECT_NEAR(up(islands, Leaf, Spine), 3584.0, 1e-6);
  EXPECT_NEAR(up(islands, Spine, Core), 3584.0 / 7, 1e-6);
  spec.fabric = FabricKind::RailOptimised;
  spec.spine_oversubscription = 1;
  spec.leaf_oversubscription = 2;
  const Cluster tapered = Cluster::build(spec);
  EXPECT_NEAR(up(tapered, Leaf, Spine), 1792.0, 1e-6);
}

TEST(Cluster, RouteInsideADomainStaysOnScaleUp) {
  const Cluster c = Cluster::build(dgx(512, FabricKind::RailOptimised));
  const Route r = c.route(8, 13, {Routing::Static});
  EXPECT_EQ(kinds(c, r), (std::vector{Gpu, ScaleUpSwitch, Gpu}));
  EXPECT_TRUE(connects(c, r, 8, 13));
  EXPECT_DOUBLE_EQ(r.latency.in(units::microseconds(1)), 1.0);
  EXPECT_TRUE(c.route(5, 5, {Routing::Static}).hops.empty());
}

TEST(Cluster, SameRailInAGroupPassesOneLeaf) {
  const Cluster c = Cluster::build(dgx(512, FabricKind::RailOptimised));
  const Route r = c.route(3, 8 * 7 + 3, {Routing::Static});
  EXPECT_EQ(kinds(c, r), (std::vector{Gpu, Nic, Leaf, Nic, Gpu}));
  EXPECT_DOUBLE_EQ(r.latency.in(units::microseconds(1)), 2.0 + 0.25);
}

TEST(Cluster, OtherRailIsReachedByForwardingOverScaleUp) {
  const Cluster c = Cluster::build(dgx(512, FabricKind::RailOptimised));
  const Route r = c.route(3, 8 * 40 + 5, {Routing::Static});
  EXPECT_EQ(kinds(c, r), (std::vector{Gpu, ScaleUpSwitch, Gpu, Nic, Leaf, Spine, Leaf, Nic, Gpu}));
  EXPECT_EQ(c.link(r.hops[1].link).to, c.gpu(5));
  EXPECT_DOUBLE_EQ(r.latency.in(units::microseconds(1)), 1.0 + 2.0 + 3 * 0.25);
}

TEST(Cluster, RailPodsKeepSameRailTrafficBelowTheCore) {
  const Cluster c = Cluster::build(dgx(8192, FabricKind::RailOptimised));
  EXPECT_EQ(kinds(c, c.route(0, 8184, {Routing::Static})),
            (std::vector{Gpu, Nic, Leaf, Spine, Leaf, Nic, Gpu}));
  ClusterSpec pcie = dgx(8192, FabricKind::RailOptimised);
  pcie.accelerator.scale_up.kind = ScaleUpKind::Pcie;  // no forwarding: another rail is another pod
  const Cluster p = Cluster::build(pcie);
  EXPECT_EQ(kinds(p, p.route(0, 8185, {Routing::Static})),
            (std::vector{Gpu, Nic, Leaf, Spine, Core, Spine, Leaf, Nic, Gpu}));
}

TEST(Cluster, RoutesAreConnectedAndSymmetricInHops) {
  for (const FabricKind fabric :
       {FabricKind::RailOptimised, FabricKind::FatTree, FabricKind::ThreeTier}) {
    const Cluster c =
        Cluster::build(dgx(5000, fabric));  // the last group, pod and node are not full
    for (const Routing routing : {Routing::Static, Routing::Ecmp}) {
      for (int k = 0; k < 3000; ++k) {
        const int from = static_cast<int>(mix64(static_cast<std::uint64_t>(k)) % 5000);
        const int to = static_cast<int>(mix64(static_cast<std::uint64_t>(k) + 77777) % 5000);
        const Route there = c.route(from, to, {routing, 3});
        const Route back = c.route(to, from, {routing, 3});
        ASSERT_TRUE(connects(c, there, from, to)) << from << " " << to;
        ASSERT_TRUE(connects(c, back, to, from)) << from << " " << to;
        ASSERT_EQ(there.hops.size(), back.hops.size()) << from << " " << to;
      }
    }
  }
}

TEST(Cluster, LabelsCountWithinAKind) {
  const Cluster c = Cluster::build(dgx(512, FabricKind::RailOptimised));
  EXPECT_EQ(c.label(c.gpu(17)), "gpu 17");
  EXPECT_EQ(c.label(512 + 64 + 512 + 3), "leaf 3");
}

TEST(Cluster, WritesGraphviz) {
  const Cluster c = Cluster::build(dgx(8, FabricKind::SingleDomain));
  std::ostringstream out;
  c.write_dot(out);
  EXPECT_NE(out.str().find("label=\"gpu 7\""), std::string::npos);
  EXPECT_NE(out.str().find("450 GB/s"), std::string::npos);
}

TEST(Cluster, RejectsWhatMakesNoFabric) {
  EXPECT_THROW(Cluster::build(dgx(16, FabricKind::SingleDomain)), InputError);
  EXPECT_THROW(Cluster::build(dgx(0, FabricKind::SingleDomain)), InputError);
  ClusterSpec no_nic = dgx(16, FabricKind::FatTree);
  no_nic.nic_bandwidth = {};
  EXPECT_THROW(Cluster::build(no_nic), InputError);
  ClusterSpec odd = dgx(16, FabricKind::FatTree);
  odd.scale_up_domain = 3;
  EXPECT_THROW(Cluster::build(odd), InputError);
}

}  // namespace
}  // namespace topology
