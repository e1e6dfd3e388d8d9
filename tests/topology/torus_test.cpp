#include <algorithm>
#include <map>
#include <numeric>

#include <gtest/gtest.h>

#include "topology/cluster.hpp"
#include "topology/error.hpp"
#include "topology/torus_plan.hpp"

#include "tests/topology/fabrics.hpp"

namespace topology {
namespace {

using testing::connects;
using testing::Faults;
using testing::imbalance;
using testing::kRoutings;
using testing::torus;
using testing::uses_lost;

TEST(Torus, TpuV5ePodHasItsPublishedBisection) {
  // 16 x 16, 4 cables of 50 GB/s per chip: 16 rows x 2 (wrap) x 50 GB/s = 1.6 TB/s, Google Cloud's
  // figure.
  const Cluster c = Cluster::build(torus({16, 16}, 256));
  EXPECT_EQ(c.cables(VertexKind::Gpu, VertexKind::Gpu), 512U);
  units::BytesPerSecond cut;
  for (const Link& link : c.links()) {
    if (link.from / 16 < 8 && link.to / 16 >= 8) {
      cut += link.bandwidth;
    }
  }
  EXPECT_DOUBLE_EQ(cut.in(units::gigabytes_per_second(1000)), 1.6);
}

TEST(Torus, RoutesWrapAroundAndAreShortest) {
  const Cluster c = Cluster::build(torus({4, 5, 6}, 120));
  for (int from = 0; from < 120; ++from) {
    for (int to = 0; to < 120; ++to) {
      const auto ring = [](int a, int b, int n) {
        return std::min((a - b + n) % n, (b - a + n) % n);
      };
      const int hops = ring(from / 30, to / 30, 4) + ring(from / 6 % 5, to / 6 % 5, 5) +
                       ring(from % 6, to % 6, 6);
      const Route r = c.route(from, to, {Routing::Static});
      ASSERT_TRUE(connects(c, r, from, to));
      ASSERT_EQ(r.hops.size(), static_cast<std::size_t>(hops));
    }
  }
  EXPECT_EQ(c.route(0, 5, {Routing::Static}).hops.size(), 1U);  // 5 = -1 on the last axis
}

TEST(Torus, LongestShiftLoadsBothDirectionsAlike) {
  const Cluster c = Cluster::build(torus({8}, 8));
  std::map<LinkId, int> load;
  for (int from = 0; from < 8; ++from) {
    for (const auto& [id, weight] : c.route(from, (from + 4) % 8, {Routing::Static}).hops) {
      ++load[id];
    }
  }
  for (const auto& [id, flows] : load) {
    EXPECT_EQ(flows, 2) << id;
  }
  EXPECT_EQ(load.size(), 16U);
}

TEST(Torus, AxisOfTwoJoinsItsPairByBothCables) {
  const Cluster c = Cluster::build(torus({2, 4}, 8));
  const auto pair = c.find_link(0, 4);
  ASSERT_TRUE(pair.has_value());
  EXPECT_EQ(c.link(*pair).cables, 2);
  EXPECT_DOUBLE_EQ(c.link(*pair).bandwidth.in(units::gigabytes_per_second(1)), 100.0);
}

TEST(Torus, RejectsExtentsThatDoNotMultiplyToTheGpus) {
  EXPECT_THROW(Cluster::build(torus({16, 15}, 256)), InputError);
  EXPECT_THROW(Cluster::build(torus({}, 256)), InputError);
  EXPECT_THROW(Cluster::build(torus({-16, -16}, 256)), InputError);
}

/// Hops from device 0 to all others by breadth-first search over the graph alone.
std::vector<int> distances(const Cluster& c) {
  std::vector<int> hops(c.vertex_count(), -1);
  std::vector<VertexId> wave{0};
  hops[0] = 0;
  while (!wave.empty()) {
    std::vector<VertexId> next;
    for (const Link& link : c.links()) {
      const bool from_wave = std::find(wave.begin(), wave.end(), link.from) != wave.end();
      if (from_wave && hops[link.to] < 0) {
        hops[link.to] = hops[link.from] + 1;
        next.push_back(link.to);
      }
    }
    wave = std::move(next);
  }
  return hops;
}

TEST(TorusPlan, SixtyFourCubesNeedFortyEightCircuitSwitches) {
  // TPU v4: 64 cubes with 96 optical links each, 48 switches of 128 ports (Jouppi et al. 2023).
  const TorusPlan v4 = plan_torus({16, 16, 16}, 4096, 4, false);
  EXPECT_EQ(v4.cubes, 64);
  EXPECT_EQ(v4.circuit_switches, 48);
  EXPECT_EQ(v4.circuit_switch_ports, 128);
  EXPECT_EQ(v4.optical_cables, 64 * 96 / 2);
  EXPECT_EQ(v4.cables(), 3 * 4096);
  // TPU v7: 9,216 chips are 144 cubes; v5p's largest job of 16 x 16 x 24 is 96.
  EXPECT_EQ(plan_torus({16, 24, 24}, 9216, 4, false).cubes, 144);
  EXPECT_EQ(plan_torus({16, 16, 24}, 6144, 4, false).cubes, 96);
}

TEST(TorusPlan, AnAxisThatIsNoMultipleOfTheCubeIsALine) {
  const TorusPlan plan = plan_torus({2, 4, 8}, 64, 4, false);
  EXPECT_EQ(plan.wraps, (std::vector{false, true, true}));
  EXPECT_TRUE(plan.has_lines());
  EXPECT_EQ(plan.circuit_switches, 0);  // not whole cubes
  EXPECT_EQ(plan.cables(), 32 + 64 + 64);
  EXPECT_EQ(plan.optical_cables, 16 * 1 + 8 * 2);
  ClusterSpec spec = torus({2, 4, 8}, 64);
  spec.optical_cube = 4;
  const Cluster c = Cluster::build(spec);
  EXPECT_EQ(c.cables(VertexKind::Gpu, VertexKind::Gpu), 160U);
  EXPECT_FALSE(plan_torus({4, 4, 4}, 64, 4, false).has_lines());
}

TEST(TorusPlan, RefusesWhatCannotBeTwistedOrCubed) {
  EXPECT_THROW(plan_torus({4, 4, 4}, 64, 0, true), InputError);
  EXPECT_THROW(plan_torus({4, 6, 8}, 192, 0, true), InputError);
  EXPECT_THROW(plan_torus({2, 4}, 8, 4, true), InputError);  // a line has no wrap-around
  EXPECT_THROW(plan_torus({4, 4, 4}, 64, -4, false), InputError);
  EXPECT_THROW(plan_torus({65536, 65536, 1}, 0, 0, false), InputError);
}

TEST(Torus, LinesHaveNoWrapAround) {
  ClusterSpec spec = torus({2, 6}, 12);
  spec.optical_cube = 4;
  const Cluster c = Cluster::build(spec);
  EXPECT_EQ(c.route(0, 5, {Routing::Static}).hops.size(), 5U);
  for (const Routing routing : kRoutings) {
    for (int to = 1; to < 12; ++to) {
      EXPECT_LT(imbalance(c, c.route(0, to, {routing}), 0, to), 1e-9);
    }
  }
}

TEST(Torus, TwistedRoutesAreShortest) {
  for (const auto& extents : {std::vector{4, 8}, std::vector{4, 4, 8}, std::vector{4, 8, 8},
                              std::vector{8, 4, 4}, std::vector{2, 2, 4}}) {
    int devices = 1;
    for (const int extent : extents) {
      devices *= extent;
    }
    ClusterSpec spec = torus(extents, devices);
    spec.twisted = true;
    const Cluster c = Cluster::build(spec);
    const std::vector<int> hops = distances(c);
    for (int to = 1; to < devices; ++to) {
      const Route way = c.route(0, to, {Routing::Static});
      ASSERT_TRUE(connects(c, way, 0, to)) << to;
      EXPECT_EQ(static_cast<int>(way.hops.size()), hops[static_cast<std::size_t>(to)]) << to;
      for (const Routing routing : {Routing::Adaptive, Routing::Ecmp}) {
        const Route any = c.route(3, (3 + to) % devices, {routing, 3});
        EXPECT_LT(imbalance(c, any, 3, (3 + to) % devices), 1e-9);
      }
    }
  }
}

TEST(Torus, TwistingShortensTheAverageWay) {
  // Camara et al. 2010: a twisted k x k x 2k torus has a lower average distance than the plain one.
  const auto average = [](bool twisted) {
    ClusterSpec spec = torus({4, 4, 8}, 128);
    spec.twisted = twisted;
    const std::vector<int> hops = distances(Cluster::build(spec));
    return static_cast<double>(std::accumulate(hops.begin(), hops.end(), 0)) / 127;
  };
  EXPECT_NEAR(average(false), (1 + 1 + 2) * 128.0 / 127, 1e-9);  // n/4 per ring of n
  EXPECT_LT(average(true), average(false));
}

TEST(Torus, AdaptiveSplitsOverOrdersAndDirections) {
  const Cluster c = Cluster::build(torus({8, 8}, 64));
  const Route way = c.route(0, 9, {Routing::Adaptive});  // one step on either axis
  EXPECT_EQ(way.hops.size(), 4U);
  for (const Hop& hop : way.hops) {
    EXPECT_DOUBLE_EQ(hop.weight, 0.5);
  }
  const Route across = c.route(0, 4, {Routing::Spray});  // halfway round the last axis
  EXPECT_EQ(across.hops.size(), 8U);
  const Route near = c.route(0, 1, {Routing::Adaptive});
  EXPECT_EQ(near.hops, c.route(0, 1, {Routing::Static}).hops);
  std::map<LinkId, int> first;
  for (std::uint64_t flow = 0; flow < 400; ++flow) {
    ++first[c.route(0, 9, {Routing::Ecmp, flow}).hops.front().link];
  }
  EXPECT_EQ(first.size(), 2U);
  for (const auto& [link, flows] : first) {
    EXPECT_NEAR(flows, 200, 50);  // five standard deviations of a fair coin
  }
}

TEST(Torus, ALostCableIsGoneRoundTheOtherWayOrAside) {
  const Cluster ring = Cluster::build(torus({8}, 8));
  Faults cut(ring);
  cut.cut(0, 1);
  const Cluster plane = Cluster::build(torus({8, 8}, 64));
  Faults hole(plane);
  hole.cut(0, 1);
  for (const Routing routing : kRoutings) {
    EXPECT_EQ(ring.route(0, 1, {routing, 0, cut.health()}).hops.size(), 7U);
    EXPECT_EQ(ring.route(0, 7, {routing, 0, cut.health()}).hops.size(), 1U);
    EXPECT_EQ(plane.route(0, 1, {routing, 0, hole.health()}).hops.size(), 3U);
    for (int to = 1; to < 64; ++to) {
      const Route way = plane.route(0, to, {routing, 2, hole.health()});
      EXPECT_FALSE(uses_lost(plane, way, *hole.health()));
      EXPECT_LT(imbalance(plane, way, 0, to), 1e-9);
    }
  }
}

TEST(Torus, ALineThatIsCutSeparatesItsEnds) {
  ClusterSpec spec = torus({6}, 6);
  spec.optical_cube = 4;
  const Cluster c = Cluster::build(spec);
  Faults faults(c);
  faults.cut(2, 3);
  EXPECT_THROW((void)c.route(0, 5, {Routing::Adaptive, 0, faults.health()}), InputError);
  EXPECT_EQ(c.route(0, 2, {Routing::Adaptive, 0, faults.health()}).hops.size(), 2U);
}

TEST(Torus, TrainiumInstanceGoesRoundALostLinkOrByItsNic) {
  // trn2.48xlarge: 16 chips on a 4 x 4 torus, one EFA port each.
  ClusterSpec spec = testing::dgx(64, FabricKind::FatTree);
  spec.accelerator.scale_up.kind = ScaleUpKind::Torus;
  spec.accelerator.scale_up.peer_bandwidth = units::gigabytes_per_second(128);
  spec.gpus_per_node = 16;
  spec.scale_up_domain = 16;
  const Cluster c = Cluster::build(spec);
  EXPECT_EQ(c.cables(VertexKind::Gpu, VertexKind::Gpu), 4U * 32U);
  Faults faults(c);
  faults.cut(16, 17);
  EXPECT_EQ(c.route(16, 17, {Routing::Static, 0, faults.health()}).hops.size(), 3U);
  faults.cut(16, 19).cut(16, 20).cut(16, 28);
  const Route way = c.route(16, 17, {Routing::Static, 0, faults.health()});
  EXPECT_FALSE(uses_lost(c, way, *faults.health()));
  EXPECT_EQ(c.kind(c.link(way.hops[0].link).to), VertexKind::Nic);
}

TEST(Torus, TpuV5ePodMovesItsPublishedAllReduceBandwidth) {
  // Google Cloud: 51.2 TB/s per pod of 256 (v6e: 102.4), which is what all chips send at once over
  // their four cables of 50 GB/s.
  const Cluster c = Cluster::build(torus({16, 16}, 256));
  units::BytesPerSecond all;
  for (const Link& link : c.links()) {
    all += link.bandwidth;
  }
  EXPECT_NEAR(all.in(units::gigabytes_per_second(1000)), 51.2, 1e-9);
}

}  // namespace
}  // namespace topology
