// Clusters given as graphs (topology/build/custom.cpp).
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "topology/cluster.hpp"
#include "topology/import/edge_list.hpp"
#include "topology/import/graphml.hpp"

#include "tests/scenarios/messages.hpp"
#include "tests/topology/specs.hpp"

namespace topology {
namespace {

using topology::testing::dgx;
using ::testing::HasSubstr;

Cluster custom(DeviceGraph graph) {
  ClusterSpec spec;
  spec.fabric = FabricKind::Custom;
  spec.gpus = static_cast<int>(graph.count(VertexKind::Gpu));
  spec.graph = std::make_shared<const DeviceGraph>(std::move(graph));
  return Cluster::build(spec);
}
Cluster drawn(const std::string& edges) {
  return custom(parse_edge_list(edges, "net.edges"));
}

std::vector<std::string> passed(const Cluster& cluster, const Route& route) {
  std::vector<std::string> names;
  for (const Hop& hop : route.hops) {
    names.push_back(cluster.label(cluster.link(hop.link).to));
  }
  return names;
}
using Names = std::vector<std::string>;

/// gpu0 and gpu1 on leaf0, gpu2 and gpu3 on leaf1, two spines; the second is three times as fast.
const std::string kTwoSpines =
    "gpu0 leaf0 8GB/s 1us\ngpu1 leaf0 8GB/s 1us\ngpu2 leaf1 8GB/s 1us\ngpu3 leaf1 8GB/s 1us\n"
    "leaf0 spine0 2GB/s 1us\nleaf0 spine1 6GB/s 1us\nleaf1 spine0 2GB/s 1us\nleaf1 spine1 6GB/s "
    "1us\n";

/// A health in which the named links, "a -> b", are lost in this direction.
FabricHealth lost(const Cluster& cluster, const std::set<std::string>& labels) {
  FabricHealth health;
  for (LinkId id = 0; id < cluster.link_count(); ++id) {
    health.left.push_back(labels.contains(cluster.channel_label(id)) ? 0.0F : 1.0);
  }
  return health;
}

TEST(Custom, ASuperpodThroughGraphmlIsTheSameCluster) {
  ClusterSpec spec = dgx(64, FabricKind::RailOptimised);
  spec.nodes_per_leaf = 4;  // two leaf groups of 8 rails, and spines over them
  spec.switch_ports = 8;
  const Cluster built = Cluster::build(spec);
  std::ostringstream text;
  built.write_graphml(text);
  const Cluster read = custom(parse_graphml(text.str(), "superpod.graphml"));

  EXPECT_EQ(read.vertex_count(), built.vertex_count());
  EXPECT_EQ(read.link_count(), built.link_count());
  for (const VertexKind a : {VertexKind::Gpu, VertexKind::Nic, VertexKind::ScaleUpSwitch,
                             VertexKind::Leaf, VertexKind::Spine}) {
    EXPECT_EQ(read.count(a), built.count(a)) << name(a);
    for (const VertexKind b : {VertexKind::Nic, VertexKind::Leaf, VertexKind::Spine}) {
      EXPECT_EQ(read.cables(a, b), built.cables(a, b)) << name(a) << " " << name(b);
    }
  }
  const auto narrowest = [](const Cluster& cluster, const Route& route) {
    units::BytesPerSecond least = cluster.link(route.hops.front().link).bandwidth;
    for (const Hop& hop : route.hops) {
      least = std::min(least, cluster.link(hop.link).bandwidth);
    }
    return least;
  };
  for (int from = 0; from < 64; from += 3) {
    for (int to = 0; to < 64; ++to) {
      if (from == to) {
        continue;
      }
      const Route there = read.route(from, to);
      const Route expected = built.route(from, to);
      const bool rail_or_node = from % 8 == to % 8 || from / 8 == to / 8;
      if (rail_or_node) {
        EXPECT_EQ(there.hops.size(), expected.hops.size());
        EXPECT_DOUBLE_EQ(there.latency.base(), expected.latency.base());
        EXPECT_EQ(narrowest(read, there), narrowest(built, expected));
      } else {  // the builder changes rails over NVLink even where the spines would be faster
        EXPECT_LE(there.latency.base(), expected.latency.base() * (1 + 1e-12));
      }
    }
  }
}

TEST(Custom, DevicesKeepTheirNamesAndGpusTheirOrder) {
  const Cluster cluster =
      drawn("device b gpu\ndevice x leaf\ndevice a gpu\nb x 1GB/s 1us\na x 1GB/s 1us\n");
  EXPECT_EQ(cluster.label(cluster.gpu(0)), "b");
  EXPECT_EQ(passed(cluster, cluster.route(0, 1)), (Names{"x", "a"}));
}

TEST(Custom, TheFasterWayIsTakenAndAmongThoseTheOneWithFewerLinks) {
  const Cluster cluster = drawn(
      "gpu0 leaf0 1GB/s 1us\nleaf0 spine0 1GB/s 1us\nleaf0 leaf1 1GB/s 3us\nspine0 leaf1 1GB/s "
      "1us\nleaf1 gpu1 1GB/s 1us\n");
  EXPECT_EQ(passed(cluster, cluster.route(0, 1)), (Names{"leaf0", "spine0", "leaf1", "gpu1"}));
  const Cluster level = drawn(
      "gpu0 leaf0 1GB/s 0s\nleaf0 spine0 1GB/s 0s\nleaf0 leaf1 1GB/s 0s\nspine0 leaf1 1GB/s 0s\n"
      "leaf1 gpu1 1GB/s 0s\n");
  EXPECT_EQ(passed(level, level.route(0, 1)), (Names{"leaf0", "leaf1", "gpu1"}));
}

TEST(Custom, StaticRoutesSendDestinationsOfALeafOverDifferentSpines) {
  const Cluster cluster = drawn(kTwoSpines);
  EXPECT_NE(passed(cluster, cluster.route(0, 2))[1], passed(cluster, cluster.route(0, 3))[1]);
  EXPECT_EQ(passed(cluster, cluster.route(0, 2))[1], passed(cluster, cluster.route(1, 2))[1]);
}

TEST(Custom, EcmpTakesBothSpinesByChance) {
  const Cluster cluster = drawn(kTwoSpines);
  std::map<std::string, int> taken;
  for (std::uint64_t flow = 0; flow < 1000; ++flow) {
    ++taken[passed(cluster, cluster.route(0, 2, {Routing::Ecmp, flow, nullptr}))[1]];
  }
  // 1,000 fair coins: five standard deviations are 79.
  EXPECT_NEAR(taken["spine0"], 500, 79);
}

std::map<std::string, double> loads(const Cluster& cluster, const RouteRequest& request) {
  std::map<std::string, double> weights;
  for (const Hop& hop : cluster.route(0, 2, request).hops) {
    weights[cluster.channel_label(hop.link)] = hop.weight;
  }
  return weights;
}

TEST(Custom, SprayingSplitsEvenlyAndAdaptiveByWhatPortsCarry) {
  const Cluster cluster = drawn(kTwoSpines);
  const auto spray = loads(cluster, {Routing::Spray, 0, nullptr});
  EXPECT_EQ(spray.size(), 6U);
  EXPECT_DOUBLE_EQ(spray.at("gpu0 -> leaf0"), 1.0);
  EXPECT_DOUBLE_EQ(spray.at("leaf0 -> spine0"), 0.5);
  EXPECT_DOUBLE_EQ(spray.at("spine1 -> leaf1"), 0.5);
  const auto adaptive = loads(cluster, {Routing::Adaptive, 0, nullptr});
  EXPECT_DOUBLE_EQ(adaptive.at("leaf0 -> spine0"), 0.25);  // 2 of 2 + 6 GB/s
  EXPECT_DOUBLE_EQ(adaptive.at("spine1 -> leaf1"), 0.75);
  EXPECT_DOUBLE_EQ(adaptive.at("leaf1 -> gpu2"), 1.0);
  EXPECT_EQ(cluster.route(0, 2, {Routing::Spray, 0, nullptr}).latency, cluster.route(0, 2).latency);
}

TEST(Custom, LostLinksAreAvoidedAlsoBehindTheNextSwitch) {
  const Cluster cluster = drawn(kTwoSpines);
  const FabricHealth health = lost(cluster, {"spine0 -> leaf1"});
  for (const Routing routing :
       {Routing::Static, Routing::Ecmp, Routing::Adaptive, Routing::Spray}) {
    for (int to : {2, 3}) {
      const Route route = cluster.route(0, to, {routing, 0, &health});
      EXPECT_EQ(passed(cluster, route)[1], "spine1") << name(routing);
      EXPECT_EQ(route.hops.size(), 4U);
    }
  }
}

TEST(Custom, ALongerWayIsTakenWhereAllShortOnesAreLost) {
  const Cluster cluster = drawn(kTwoSpines + "leaf0 core0 1GB/s 5us\ncore0 leaf1 1GB/s 5us\n");
  const FabricHealth health = lost(cluster, {"leaf0 -> spine0", "spine1 -> leaf1"});
  EXPECT_EQ(passed(cluster, cluster.route(0, 2, {Routing::Static, 0, &health})),
            (Names{"leaf0", "core0", "leaf1", "gpu2"}));
}

TEST(Custom, NoWayLeftIsSaidWithBothNames) {
  const Cluster cluster = drawn(kTwoSpines);
  const FabricHealth health = lost(cluster, {"leaf0 -> spine0", "leaf0 -> spine1"});
  std::vector<Hop> hops;
  EXPECT_FALSE(cluster.route_into(0, 2, {Routing::Static, 0, &health}, hops).has_value());
  EXPECT_THAT(refusal([&] {
                (void)cluster.route(0, 2, {Routing::Static, 0, &health});
              }),
              HasSubstr("gpu0 cannot reach gpu2"));
  EXPECT_TRUE(cluster.route_into(2, 0, {Routing::Static, 0, &health}, hops).has_value());
}

TEST(Custom, WhatStaysInANodeDoesNotLeaveItUnlessItMust) {
  const Cluster cluster = drawn(
      "gpu0 nvswitch0 9GB/s 9us\ngpu1 nvswitch0 9GB/s 9us\ngpu0 nic0 1GB/s 1us\ngpu1 nic1 1GB/s "
      "1us\nnic0 leaf0 1GB/s 1us\nnic1 leaf0 1GB/s 1us\n");
  EXPECT_EQ(passed(cluster, cluster.route(0, 1)), (Names{"nvswitch0", "gpu1"}));
  const FabricHealth health = lost(cluster, {"gpu0 -> nvswitch0"});
  EXPECT_EQ(passed(cluster, cluster.route(0, 1, {Routing::Static, 0, &health})),
            (Names{"nic0", "leaf0", "nic1", "gpu1"}));
}

TEST(Custom, AGpuMayUseItsNeighboursNic) {
  const Cluster cluster = drawn(
      "gpu0 gpu1 9GB/s 1us\ngpu1 nic1 1GB/s 1us\nnic1 leaf0 1GB/s 1us\ngpu2 leaf0 1GB/s 1us\n");
  EXPECT_EQ(passed(cluster, cluster.route(0, 2)), (Names{"gpu1", "nic1", "leaf0", "gpu2"}));
}

TEST(Custom, GpusWithoutAWayAreRefusedByName) {
  EXPECT_THAT(refusal([] { (void)drawn("gpu-a leaf0 1GB/s 1us\ngpu-b leaf1 1GB/s 1us\n"); }),
              HasSubstr("no cable leads from gpu-a to gpu-b"));
  // The node in the middle has a port in both networks, but forwards nothing.
  const Cluster cluster = drawn(
      "gpu0 leaf0 1GB/s 1us\nnic1 leaf0 1GB/s 1us\ngpu1 nic1 1GB/s 1us\nnic1 leaf1 1GB/s 1us\n"
      "gpu2 leaf1 1GB/s 1us\n");
  EXPECT_NO_THROW((void)cluster.route(0, 1));
  EXPECT_NO_THROW((void)cluster.route(1, 2));
  EXPECT_THAT(refusal([&] { (void)cluster.route(0, 2); }),
              HasSubstr("there is no way from gpu0 to gpu2"));
  const Cluster one_way = drawn("gpu0 -> gpu1 1GB/s 1us\n");
  EXPECT_NO_THROW((void)one_way.route(0, 1));
  EXPECT_THAT(refusal([&] { (void)one_way.route(1, 0); }), HasSubstr("no way from gpu1 to gpu0"));
}

TEST(Custom, ParallelCablesAddUp) {
  const Cluster cluster =
      drawn("gpu0 leaf0 1GB/s 1us 3\nleaf0 gpu0 2GB/s 1us\ngpu1 leaf0 1GB/s 1us\n");
  const Link link = cluster.link(*cluster.find_link(0, 2));
  EXPECT_EQ(link.bandwidth, units::gigabytes_per_second(5));  // 3 x 1 and 1 x 2
  EXPECT_EQ(link.cables, 4);
}

}  // namespace
}  // namespace topology
