// Ways over Clos fabrics: planes, rail-only, pods, sites, mixed nodes, trunks, lost links.
#include <gtest/gtest.h>

#include "topology/error.hpp"
#include "topology/routing.hpp"

#include "tests/topology/fabrics.hpp"

namespace topology {
namespace {

using testing::dgx;
using testing::Faults;
using testing::for_pairs;
using testing::imbalance;
using testing::kinds;
using testing::kRoutings;
using testing::leaves_of;
using testing::rate_gbit;
using testing::uses_lost;
using enum VertexKind;

ClusterSpec two_planes(int gpus) {
  ClusterSpec spec = dgx(gpus, FabricKind::RailOptimised);
  spec.planes = 2;
  return spec;
}

VertexId nic_of(const Cluster& c, int gpu) {
  return testing::first_of(c, Nic) + static_cast<VertexId>(gpu);
}

std::vector<ClusterSpec> clos_fabrics() {
  ClusterSpec pods = dgx(2048, FabricKind::RailOptimised);
  pods.nodes_per_pod = 64;
  ClusterSpec fast_uplinks = dgx(1024, FabricKind::FatTree);
  fast_uplinks.uplink_bandwidth = units::gigabits_per_second(800);
  ClusterSpec sites = dgx(1024, FabricKind::FatTree);
  sites.sites = {2, units::gigabits_per_second(10000), units::microseconds(500)};
  ClusterSpec deep_sites = dgx(4096, FabricKind::ThreeTier);
  deep_sites.sites = sites.sites;
  ClusterSpec small_sites = dgx(64, FabricKind::FatTree);
  small_sites.sites = sites.sites;
  return {two_planes(1024),
          dgx(1024, FabricKind::RailOnly),
          pods,
          fast_uplinks,
          sites,
          deep_sites,
          small_sites,
          testing::meta_24k(),
          testing::hpn7(1),
          dgx(5000, FabricKind::ThreeTier)};
}

TEST(ClosRoutes, CarryOneFlowUnderEveryPolicy) {
  for (const ClusterSpec& spec : clos_fabrics()) {
    const Cluster c = Cluster::build(spec);
    for (const Routing routing : kRoutings) {
      for_pairs(c, 300, [&](int from, int to) {
        const Route way = c.route(from, to, {routing, 7});
        ASSERT_LT(imbalance(c, way, from, to), 1e-5)
            << name(spec.fabric) << " " << name(routing) << " " << from << " " << to;
      });
    }
  }
}

TEST(ClosRoutes, AvoidLostLinksUnderEveryPolicy) {
  for (const ClusterSpec& spec : clos_fabrics()) {
    const Cluster c = Cluster::build(spec);
    const VertexId nic9 = nic_of(c, 9);
    Faults faults(c);
    faults.cut(nic9, leaves_of(c, nic9).front());
    if (c.count(Spine) > 0) {
      faults.lose(testing::first_of(c, Spine));
    }
    if (c.count(Core) > 0) {
      faults.lose(testing::first_of(c, Core) + 1);
    }
    for (const Routing routing : kRoutings) {
      const RouteRequest how{routing, 3, faults.health()};
      for (int other = 0; other < spec.gpus; other += spec.gpus / 64 + 1) {
        if (other != 9) {
          EXPECT_FALSE(uses_lost(c, c.route(9, other, how), *faults.health()));
          EXPECT_FALSE(uses_lost(c, c.route(other, 9, how), *faults.health()));
        }
      }
    }
  }
}

TEST(DualPlane, HalvesOfAFlowGoOverBothToRs) {
  const Cluster c = Cluster::build(two_planes(1024));
  EXPECT_EQ(c.cables(Nic, Leaf), 2048U);
  const Route way = c.route(0, 512, {Routing::Static});
  EXPECT_EQ(leaves_of(c, nic_of(c, 0)).size(), 2U);
  int halves = 0;
  for (const Hop& hop : way.hops) {
    halves += hop.weight == 0.5 ? 1 : 0;
  }
  EXPECT_EQ(halves, 2 * 4);  // NIC, leaf, spine, leaf, NIC in each plane
  EXPECT_NEAR(rate_gbit(c, way, {}), 400, 1e-6);
}

TEST(DualPlane, ALostPortLeavesHalfTheRateOverTheOtherPlane) {
  const Cluster c = Cluster::build(two_planes(1024));
  Faults faults(c);
  faults.cut(nic_of(c, 0), leaves_of(c, nic_of(c, 0))[0]);
  for (const Routing routing : kRoutings) {
    const RouteRequest how{routing, 0, faults.health()};
    EXPECT_NEAR(rate_gbit(c, c.route(0, 512, how), how), 200, 1e-6) << name(routing);
    EXPECT_NEAR(rate_gbit(c, c.route(512, 0, how), how), 200, 1e-6) << name(routing);
    EXPECT_NEAR(rate_gbit(c, c.route(8, 520, how), how), 400, 1e-6) << name(routing);
  }
}

TEST(DualPlane, ALeafWithoutUplinksIsLeftOutToo) {
  const Cluster c = Cluster::build(two_planes(1024));
  const VertexId leaf = leaves_of(c, nic_of(c, 0))[0];
  Faults faults(c);
  for (const VertexId spine : testing::all_of(c, Spine)) {
    faults.cut(leaf, spine);
  }
  for (const Routing routing : kRoutings) {
    const RouteRequest how{routing, 0, faults.health()};
    const Route far = c.route(0, 512, how);
    EXPECT_NEAR(rate_gbit(c, far, how), 200, 1e-6) << name(routing);
    EXPECT_LT(imbalance(c, far, 0, 512), 1e-5);
    // Under the same leaf the plane still serves.
    EXPECT_NEAR(rate_gbit(c, c.route(0, 8, how), how), 400, 1e-6) << name(routing);
  }
}

TEST(DualPlane, BothPortsLostMeanTheNeighboursNic) {
  const Cluster c = Cluster::build(two_planes(1024));
  Faults faults(c);
  for (const VertexId leaf : leaves_of(c, nic_of(c, 0))) {
    faults.cut(nic_of(c, 0), leaf);
  }
  const RouteRequest how{Routing::Static, 0, faults.health()};
  const Route out = c.route(0, 512, how);
  EXPECT_FALSE(uses_lost(c, out, *faults.health()));
  EXPECT_EQ(c.kind(c.link(out.hops[0].link).to), ScaleUpSwitch);
  EXPECT_EQ(c.link(out.hops[1].link).to, c.gpu(1));
  const Route in = c.route(512, 0, how);
  EXPECT_EQ(c.link(in.hops.back().link).to, c.gpu(0));
  EXPECT_EQ(c.kind(c.link(in.hops.back().link).from), ScaleUpSwitch);
}

TEST(LostParts, NvlinkOfOneGpuIsGoneRoundByItsNic) {
  const Cluster c = Cluster::build(dgx(512, FabricKind::RailOptimised));
  const VertexId nvswitch = testing::first_of(c, ScaleUpSwitch);
  Faults faults(c);
  faults.cut(0, nvswitch);
  const RouteRequest how{Routing::Static, 0, faults.health()};
  EXPECT_EQ(kinds(c, c.route(0, 1, how)), (std::vector{Gpu, Nic, Leaf, Spine, Leaf, Nic, Gpu}));
  EXPECT_EQ(kinds(c, c.route(0, 8, how)), (std::vector{Gpu, Nic, Leaf, Nic, Gpu}));
  EXPECT_FALSE(uses_lost(c, c.route(0, 9, how), *faults.health()));
  EXPECT_EQ(kinds(c, c.route(1, 2, how)), (std::vector{Gpu, ScaleUpSwitch, Gpu}));
}

TEST(LostParts, WhoCannotBeReachedIsNamed) {
  ClusterSpec spec = dgx(512, FabricKind::RailOptimised);
  spec.accelerator.scale_up.kind = ScaleUpKind::Pcie;  // nobody forwards
  const Cluster c = Cluster::build(spec);
  Faults faults(c);
  faults.lose(nic_of(c, 17));
  for (const Routing routing : kRoutings) {
    try {
      (void)c.route(17, 300, {routing, 0, faults.health()});
      FAIL();
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find("gpu 17 cannot reach gpu 300"), std::string::npos);
    }
  }
  std::vector<Hop> hops;
  EXPECT_FALSE(c.route_into(300, 17, {Routing::Adaptive, 0, faults.health()}, hops).has_value());
}

TEST(LostParts, TrunksNeedOneWholeWay) {
  // The sender's leaf keeps only spine 0, the receiver's only spine 1: no way down from any spine.
  const Cluster c = Cluster::build(dgx(1024, FabricKind::FatTree));
  const VertexId spine = testing::first_of(c, Spine);
  const VertexId here = leaves_of(c, nic_of(c, 0))[0];
  const VertexId there = leaves_of(c, nic_of(c, 512))[0];
  Faults faults(c);
  for (const VertexId v : testing::all_of(c, Spine)) {
    if (v != spine) {
      faults.cut(here, v);
    }
    if (v != spine + 1) {
      faults.cut(there, v);
    }
  }
  std::vector<Hop> hops;
  for (const Routing routing : kRoutings) {
    EXPECT_FALSE(c.route_into(0, 512, {routing, 0, faults.health()}, hops)) << name(routing);
  }
}

TEST(Trunks, HoldTheUplinksOfALeaf) {
  const Cluster c = Cluster::build(dgx(512, FabricKind::RailOptimised));
  const Route way = c.route(0, 504, {Routing::Adaptive});
  ASSERT_EQ(way.hops.size(), 6U);  // GPU - NIC - leaf - spines - leaf - NIC - GPU
  const LinkId up = way.hops[2].link;
  EXPECT_GE(up, c.link_count());
  EXPECT_LT(up, c.channel_count());
  EXPECT_EQ(c.members(up).size(), 8U);  // 512 / 64 spines
  EXPECT_EQ(c.channel_label(up), "leaf 0 -> 8 spines");
  EXPECT_EQ(c.channel_label(way.hops[3].link), "8 spines -> leaf 8");
  EXPECT_EQ(c.channel_label(way.hops[0].link), "gpu 0 -> nic 0");
  for (const LinkId id : c.members(up)) {
    EXPECT_EQ(c.label(c.link(id).from), "leaf 0");
  }
  EXPECT_NEAR(c.capacity(up).in(units::gigabits_per_second(400)), 32, 1e-9);
}

TEST(Trunks, AdaptiveLosesWhatALinkLostSprayAsMuchForEveryLink) {
  const Cluster c = Cluster::build(dgx(512, FabricKind::RailOptimised));
  const LinkId up = c.route(0, 504, {Routing::Adaptive}).hops[2].link;
  FabricHealth health;
  health.left.assign(c.link_count(), 1.0F);
  health.left[c.members(up)[3]] = 0.5F;
  const auto cables = [&](Routing routing) {
    return c.capacity(up, {routing, 0, &health}).in(units::gigabits_per_second(400));
  };
  EXPECT_NEAR(cables(Routing::Adaptive), 32 - 2, 1e-5);  // 8 spines x 4 cables, half of one lost
  EXPECT_NEAR(cables(Routing::Spray), 16, 1e-5);         // eight times what the slowest takes
  health.left[c.members(up)[3]] = 0.0F;
  EXPECT_NEAR(cables(Routing::Adaptive), 28, 1e-5);
  EXPECT_NEAR(cables(Routing::Spray), 28, 1e-5);  // the lost port gets no packets
}

TEST(RailOnly, OtherRailsAreReachedOverScaleUpOnly) {
  const Cluster c = Cluster::build(dgx(4096, FabricKind::RailOnly));
  EXPECT_EQ(kinds(c, c.route(3, 8 * 40 + 5, {Routing::Static})),
            (std::vector{Gpu, ScaleUpSwitch, Gpu, Nic, Leaf, Spine, Leaf, Nic, Gpu}));
  // No switch joins two rails.
  std::map<VertexId, int> rail_of;
  for (const Link& link : c.links()) {
    if (c.kind(link.from) == Nic && c.kind(link.to) == Leaf) {
      const int rail = static_cast<int>(link.from - nic_of(c, 0)) % 8;
      EXPECT_EQ(rail_of.emplace(link.to, rail).first->second, rail);
    }
  }
  for (const Link& link : c.links()) {
    if (c.kind(link.from) == Leaf && c.kind(link.to) == Spine) {
      EXPECT_EQ(rail_of.emplace(link.to, rail_of.at(link.from)).first->second,
                rail_of.at(link.from));
    }
  }
}

TEST(RailOnly, ALostNicMovesBothEndsToAnotherRail) {
  const Cluster c = Cluster::build(dgx(1024, FabricKind::RailOnly));
  Faults faults(c);
  faults.lose(nic_of(c, 0));
  const Route way = c.route(0, 512, {Routing::Static, 0, faults.health()});
  EXPECT_FALSE(uses_lost(c, way, *faults.health()));
  EXPECT_LT(imbalance(c, way, 0, 512), 1e-6);
}

TEST(RailOnly, NeedsScaleUpOverTheWholeNode) {
  ClusterSpec spec = dgx(1024, FabricKind::RailOnly);
  spec.scale_up_domain = 4;
  EXPECT_THROW(Cluster::build(spec), InputError);
  spec = dgx(1024, FabricKind::RailOnly);
  spec.accelerator.scale_up.kind = ScaleUpKind::Pcie;
  EXPECT_THROW(Cluster::build(spec), InputError);
}

TEST(Sites, LongLinksAreCrossedOnceWithTheirLatency) {
  ClusterSpec spec = dgx(1024, FabricKind::FatTree);
  // 100 km of fibre at 5 us per km.
  spec.sites = {2, units::gigabits_per_second(3200), units::microseconds(500)};
  const Cluster c = Cluster::build(spec);
  EXPECT_EQ(c.count(Border), 2U);
  EXPECT_EQ(c.cables(Border, Border), 1U);
  const Route near = c.route(0, 8 * 8, {Routing::Static});
  const Route far = c.route(0, 512 + 8 * 8, {Routing::Static});
  EXPECT_EQ(kinds(c, near), (std::vector{Gpu, Nic, Leaf, Spine, Leaf, Nic, Gpu}));
  EXPECT_EQ(kinds(c, far),
            (std::vector{Gpu, Nic, Leaf, Spine, Border, Border, Spine, Leaf, Nic, Gpu}));
  // Two border switches and the fibre instead of the one spine in between.
  EXPECT_NEAR((far.latency - near.latency).in(units::microseconds(1)), 500 + 3 * 0.25 - 0.25 + 0.0,
              1e-9);
}

TEST(Sites, AllTrafficBetweenTwoSharesTheirLink) {
  ClusterSpec spec = dgx(1024, FabricKind::FatTree);
  spec.sites = {2, units::gigabits_per_second(3200), units::microseconds(500)};
  const Cluster c = Cluster::build(spec);
  const VertexId border = testing::first_of(c, Border);
  const auto link = c.find_link(border, border + 1);
  ASSERT_TRUE(link.has_value());
  EXPECT_NEAR(c.link(*link).bandwidth.in(units::gigabits_per_second(1)), 3200, 1e-9);
  for (const Routing routing : kRoutings) {
    for (int gpu = 0; gpu < 512; gpu += 37) {
      const Route way = c.route(gpu, gpu + 512, {routing, 1});
      EXPECT_EQ(std::count(way.hops.begin(), way.hops.end(), Hop{*link, 1.0}), 1);
    }
  }
  Faults faults(c);
  faults.cut(border, border + 1);
  std::vector<Hop> hops;
  EXPECT_FALSE(c.route_into(0, 512, {Routing::Adaptive, 0, faults.health()}, hops).has_value());
}

TEST(Sites, MustDivideTheNodesAndHaveABandwidth) {
  ClusterSpec spec = dgx(1024, FabricKind::FatTree);
  spec.sites = {3, units::gigabits_per_second(3200), {}};
  EXPECT_THROW(Cluster::build(spec), InputError);
  spec.sites = {2, {}, {}};
  EXPECT_THROW(Cluster::build(spec), InputError);
  spec.sites = {100000, units::gigabits_per_second(1), {}};
  EXPECT_THROW(Cluster::build(spec), InputError);
}

TEST(MixedNodes, KeepTheirOwnNicsAndScaleUp) {
  ClusterSpec spec = dgx(1024, FabricKind::RailOptimised);
  NodeGroup old{.gpus = 512,
                .accelerator = spec.accelerator,
                .nic_bandwidth = units::gigabits_per_second(200),
                .node_overhead_power = {}};
  old.accelerator.id = "old";
  old.accelerator.scale_up.bandwidth = units::gigabytes_per_second(300);
  spec.other_nodes = {old};
  const Cluster c = Cluster::build(spec);
  EXPECT_EQ(spec.accelerator_of(511).id, "");
  EXPECT_EQ(spec.accelerator_of(512).id, "old");
  EXPECT_NEAR(rate_gbit(c, c.route(0, 256, {}), {}), 400, 1e-6);
  EXPECT_NEAR(rate_gbit(c, c.route(512, 768, {}), {}), 200, 1e-6);
  EXPECT_NEAR(rate_gbit(c, c.route(0, 768, {}), {}), 200, 1e-6);
  EXPECT_NEAR(rate_gbit(c, c.route(0, 1, {}), {}), 450 * 8, 1e-6);
  EXPECT_NEAR(rate_gbit(c, c.route(512, 513, {}), {}), 300 * 8, 1e-6);
}

TEST(MixedNodes, MustBeWholeNodesOfTheSameKindOfScaleUp) {
  const auto refused = [](int gpus, ScaleUpKind kind) {
    ClusterSpec spec = dgx(64, FabricKind::RailOptimised);
    NodeGroup group{.gpus = gpus,
                    .accelerator = spec.accelerator,
                    .nic_bandwidth = spec.nic_bandwidth,
                    .node_overhead_power = {}};
    group.accelerator.scale_up.kind = kind;
    spec.other_nodes = {group};
    try {
      Cluster::build(spec);
    } catch (const InputError&) {
      return true;
    }
    return false;
  };
  EXPECT_FALSE(refused(16, ScaleUpKind::Switched));
  EXPECT_TRUE(refused(12, ScaleUpKind::Switched));
  EXPECT_TRUE(refused(128, ScaleUpKind::Switched));
  EXPECT_TRUE(refused(16, ScaleUpKind::Mesh));
}

}  // namespace
}  // namespace topology
