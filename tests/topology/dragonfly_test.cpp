#include <gtest/gtest.h>

#include "topology/dragonfly_plan.hpp"
#include "topology/error.hpp"

#include "tests/topology/fabrics.hpp"

namespace topology {
namespace {

using testing::Faults;
using testing::first_of;
using testing::for_pairs;
using testing::imbalance;
using testing::kinds;
using testing::kRoutings;
using testing::rate_gbit;
using testing::uses_lost;
using enum VertexKind;

/// Frontier: nodes of four packages with a 200 Gbit/s port each, groups of 32 switches with 16
/// ports for endpoints.
ClusterSpec frontier(int groups) {
  ClusterSpec spec = testing::dgx(groups * 512, FabricKind::Dragonfly);
  spec.gpus_per_node = 4;
  spec.scale_up_domain = 4;
  spec.nic_bandwidth = units::gigabits_per_second(200);
  spec.switch_ports = 64;
  spec.dragonfly = {.switches = 32,
                    .endpoints = 16,
                    .spines = 0,
                    .global_links = 10,
                    .local_bandwidth = {},
                    .global_bandwidth = {}};
  return spec;
}

/// Groups of 16 leaves and 16 spines of 40 ports.
ClusterSpec plus(int groups) {
  ClusterSpec spec = testing::dgx(groups * 256, FabricKind::DragonflyPlus);
  spec.switch_ports = 40;
  spec.dragonfly = {.switches = 16,
                    .endpoints = 16,
                    .spines = 16,
                    .global_links = 16,
                    .local_bandwidth = {},
                    .global_bandwidth = {}};
  return spec;
}

TEST(DragonflyPlan, FrontierHasItsPublishedGlobalBandwidth) {
  // 74 compute groups of 32 switches with 16 endpoints each; 270 TB/s over all global cables
  // (TOPOLOGIES, section 8): four cables of 25 GB/s between any two groups.
  const DragonflyPlan plan = plan_dragonfly(frontier(74));
  EXPECT_EQ(plan.groups, 74);
  EXPECT_EQ(plan.switches(), 2368);
  EXPECT_EQ(plan.endpoints, 9472 * 4);  // 128 nodes per group
  EXPECT_EQ(plan.cables_per_pair, 4);
  EXPECT_EQ(plan.global_cables(), 10804);
  EXPECT_NEAR(static_cast<double>(plan.global_cables()) * 25e9 / 1e12, 270, 0.5);
  EXPECT_EQ(plan.local_cables(), 74 * 496);
  // A little over half of what a group injects: 73 x 4 against 512 ports.
  EXPECT_NEAR(73 * 4 / 512.0, 0.57, 0.01);
}

TEST(DragonflyPlan, TheGraphHasItsCables) {
  const Cluster c = Cluster::build(frontier(20));
  const DragonflyPlan plan = plan_dragonfly(frontier(20));
  EXPECT_EQ(c.count(Router), static_cast<std::size_t>(plan.switches()));
  EXPECT_EQ(c.cables(Nic, Router), static_cast<std::size_t>(plan.endpoint_cables()));
  EXPECT_EQ(c.cables(Router, Router),
            static_cast<std::size_t>(plan.local_cables() + plan.global_cables()));
  const Cluster p = Cluster::build(plus(5));
  const DragonflyPlan small = plan_dragonfly(plus(5));
  EXPECT_EQ(p.cables(Leaf, Spine), static_cast<std::size_t>(small.local_cables()));
  EXPECT_EQ(p.cables(Spine, Spine), static_cast<std::size_t>(small.global_cables()));
}

TEST(DragonflyPlan, NoSwitchHasMoreGlobalCablesThanItsPorts) {
  for (const int groups : {2, 3, 7, 20, 74, 196}) {
    const Cluster c = Cluster::build(frontier(groups));
    std::map<VertexId, int> out;
    const VertexId first = first_of(c, Router);
    for (const Link& link : c.links()) {
      const bool routers = c.kind(link.from) == Router && c.kind(link.to) == Router;
      if (routers && (link.from - first) / 32 != (link.to - first) / 32) {
        out[link.from] += link.cables;
      }
    }
    for (const auto& [v, cables] : out) {
      EXPECT_LE(cables, 10) << groups;
    }
  }
}

TEST(DragonflyPlan, SaysWhichPortsAreMissing) {
  const auto message = [](const ClusterSpec& spec) {
    try {
      plan_dragonfly(spec);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  ClusterSpec spec = frontier(8);
  spec.dragonfly.global_links = 18;
  EXPECT_NE(message(spec).find("65 ports, its switch has 64"), std::string::npos);
  spec = frontier(8);
  spec.dragonfly.global_links = 1;  // 32 cables out of a group
  EXPECT_EQ(message(spec), "");
  spec.gpus = 34 * 512;
  EXPECT_NE(message(spec).find("reach only 32 others"), std::string::npos);
  spec = frontier(8);
  spec.planes = 2;
  EXPECT_NE(message(spec).find("planes"), std::string::npos);
  spec = plus(4);
  spec.dragonfly.spines = 0;
  EXPECT_NE(message(spec).find("spine"), std::string::npos);
}

TEST(DragonflyRoutes, AreMinimal) {
  const Cluster c = Cluster::build(frontier(20));
  EXPECT_EQ(kinds(c, c.route(0, 4, {})), (std::vector{Gpu, Nic, Router, Nic, Gpu}));
  EXPECT_EQ(kinds(c, c.route(0, 500, {})), (std::vector{Gpu, Nic, Router, Router, Nic, Gpu}));
  for (const Routing routing : {Routing::Static, Routing::Ecmp}) {
    for_pairs(c, 2000, [&](int from, int to) {
      const Route way = c.route(from, to, {routing, 5});
      ASSERT_TRUE(testing::connects(c, way, from, to));
      EXPECT_LE(way.hops.size(), 4U + 3U);  // at most local, global, local
    });
  }
}

TEST(DragonflyRoutes, CarryOneFlowUnderEveryPolicy) {
  for (const ClusterSpec& spec : {frontier(1), frontier(2), frontier(20), plus(1), plus(5)}) {
    const Cluster c = Cluster::build(spec);
    for (const Routing routing : kRoutings) {
      for_pairs(c, 500, [&](int from, int to) {
        EXPECT_LT(imbalance(c, c.route(from, to, {routing, 5}), from, to), 1e-6)
            << name(spec.fabric) << " " << name(routing) << " " << from << " " << to;
      });
    }
  }
}

TEST(DragonflyRoutes, PoliciesUseOneGateOrAllOfThem) {
  const Cluster c = Cluster::build(frontier(20));  // 320 / 19 = 16 cables per pair
  const VertexId first = first_of(c, Router);
  std::map<VertexId, int> gates[2];
  for (int to = 512; to < 1024; ++to) {
    for (int i = 0; i < 2; ++i) {
      const Route way = c.route(3, to, {i == 0 ? Routing::Static : Routing::Ecmp, 5});
      for (const Hop& hop : way.hops) {
        const Link& link = c.link(hop.link);
        if (c.kind(link.from) == Router && c.kind(link.to) == Router &&
            (link.from - first) / 32 == 0 && (link.to - first) / 32 == 1) {
          ++gates[i][link.from];
        }
      }
    }
  }
  EXPECT_EQ(gates[0].size(), 16U);
  for (const auto& [gate, flows] : gates[0]) {
    EXPECT_EQ(flows, 512 / 16);  // the destination's number modulo 16
  }
  EXPECT_EQ(gates[1].size(), 16U);
  const Route sprayed = c.route(3, 600, {Routing::Spray});
  EXPECT_EQ(std::count_if(sprayed.hops.begin(), sprayed.hops.end(),
                          [](const Hop& hop) { return hop.weight == 1.0 / 16; }),
            16 + 15 + 15);  // global; to and from gates that are not the flow's own switches
}

TEST(DragonflyRoutes, OneGroupPairIsBoundByItsCables) {
  const Cluster c = Cluster::build(frontier(74));
  const Route way = c.route(0, 512 + 7, {Routing::Adaptive});
  const auto trunk = std::find_if(way.hops.begin(), way.hops.end(),
                                  [&](const Hop& hop) { return hop.link >= c.link_count(); });
  ASSERT_NE(trunk, way.hops.end());
  EXPECT_EQ(c.channel_label(trunk->link), "group 0 -> group 1");
  EXPECT_NEAR(trunk->weight, 1.0, 1e-12);
  EXPECT_NEAR(c.capacity(trunk->link).in(units::gigabits_per_second(200)), 4, 1e-9);
  EXPECT_NEAR(rate_gbit(c, way, {}), 200, 1e-6);
  // Back again is another trunk.
  const Route back = c.route(512 + 7, 0, {Routing::Adaptive});
  EXPECT_TRUE(std::none_of(back.hops.begin(), back.hops.end(),
                           [&](const Hop& hop) { return hop.link == trunk->link; }));
}

TEST(DragonflyRoutes, AvoidALostGlobalCableUnderEveryPolicy) {
  for (const ClusterSpec& spec : {frontier(20), plus(5)}) {
    const Cluster c = Cluster::build(spec);
    const DragonflyPlan plan = plan_dragonfly(spec);
    const VertexId gates = first_of(c, plan.spines > 0 ? Spine : Router);
    const auto gate = [&](int group, int peer, int cable) {
      return gates + static_cast<VertexId>(group * plan.gates() + plan.gate_of(group, peer, cable));
    };
    Faults faults(c);
    faults.cut(gate(0, 1, 0), gate(1, 0, 0)).cut(gate(0, 1, 3), gate(1, 0, 3));
    const int group = spec.gpus / plan.groups;
    for (const Routing routing : kRoutings) {
      const RouteRequest how{routing, 1, faults.health()};
      for (int to = group; to < 2 * group; to += 7) {
        EXPECT_FALSE(uses_lost(c, c.route(to - group, to, how), *faults.health()));
      }
    }
  }
}

TEST(DragonflyRoutes, GoThroughAThirdGroupWhereAllMinimalWaysAreLost) {
  for (const ClusterSpec& spec : {frontier(20), plus(5)}) {
    const Cluster c = Cluster::build(spec);
    const DragonflyPlan plan = plan_dragonfly(spec);
    const VertexId gates = first_of(c, plan.spines > 0 ? Spine : Router);
    Faults faults(c);
    for (int i = 0; i < plan.cables_per_pair; ++i) {
      faults.cut(gates + static_cast<VertexId>(plan.gate_of(0, 1, i)),
                 gates + static_cast<VertexId>(plan.gates() + plan.gate_of(1, 0, i)));
    }
    const int group = spec.gpus / plan.groups;
    for (const Routing routing : kRoutings) {
      const RouteRequest how{routing, 1, faults.health()};
      for (int to = group; to < 2 * group; to += 5) {
        const Route way = c.route(to - group, to, how);
        EXPECT_FALSE(uses_lost(c, way, *faults.health()));
        EXPECT_LT(imbalance(c, way, to - group, to), 1e-6);
      }
    }
  }
}

TEST(DragonflyRoutes, GoRoundALostLocalCable) {
  const Cluster c = Cluster::build(frontier(3));
  const VertexId router = first_of(c, Router);
  Faults faults(c);
  faults.cut(router, router + 1);
  for (const Routing routing : kRoutings) {
    const RouteRequest how{routing, 1, faults.health()};
    const Route way = c.route(0, 16, how);
    EXPECT_EQ(way.hops.size(), 4U + 2U);  // one switch more in between
    EXPECT_LT(imbalance(c, way, 0, 16), 1e-6);
    EXPECT_FALSE(uses_lost(c, way, *faults.health()));
  }
}

TEST(DragonflyRoutes, ALostSwitchMeansTheNicsOfAnother) {
  // Nodes of 8 under a dragonfly+: leaf 0 serves GPUs 0 ... 15, whole nodes; no other NIC is near.
  const Cluster c = Cluster::build(plus(3));
  Faults faults(c);
  faults.lose(first_of(c, Leaf));
  std::vector<Hop> hops;
  EXPECT_FALSE(c.route_into(0, 400, {Routing::Static, 0, faults.health()}, hops));
  EXPECT_TRUE(c.route_into(0, 7, {Routing::Static, 0, faults.health()}, hops));  // scale-up
  // A lost NIC is replaced by a neighbour's.
  Faults nic(c);
  nic.lose(first_of(c, Nic) + 20);
  const Route way = c.route(20, 400, {Routing::Static, 0, nic.health()});
  EXPECT_FALSE(uses_lost(c, way, *nic.health()));
  EXPECT_EQ(c.kind(c.link(way.hops[0].link).to), ScaleUpSwitch);
}

}  // namespace
}  // namespace topology
