#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "topology/cluster.hpp"
#include "topology/error.hpp"

#include "tests/topology/specs.hpp"

namespace topology {
namespace {

using testing::connects;
using testing::torus;

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

}  // namespace
}  // namespace topology
