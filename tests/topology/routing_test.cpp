#include "topology/routing.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "tests/topology/specs.hpp"

namespace topology {
namespace {

using testing::dgx;
using enum VertexKind;

int busiest(const std::map<LinkId, int>& load) {
  return std::max_element(load.begin(), load.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->second;
}

/// Flows per cable on the fullest switch-to-switch link when every GPU sends to the one `shift`
/// nodes on.
double worst_load_of_shift(const Cluster& c, int shift, Routing routing) {
  std::map<LinkId, int> load;
  const int gpus = c.spec().gpus;
  for (int gpu = 0; gpu < gpus; ++gpu) {
    for (const auto& [id, weight] : c.route(gpu, (gpu + 8 * shift) % gpus, {routing}).hops) {
      ++load[id];
    }
  }
  double worst = 0;
  for (const auto& [id, flows] : load) {
    worst = std::max(worst, flows / c.link(id).bandwidth.in(c.spec().nic_bandwidth));
  }
  return worst;
}

TEST(StaticRouting, ShiftsByWholeNodesNeverCollide) {
  for (const FabricKind fabric :
       {FabricKind::RailOptimised, FabricKind::FatTree, FabricKind::ThreeTier}) {
    for (const int gpus : {512, 2048, 8192}) {
      const Cluster c = Cluster::build(dgx(gpus, fabric));
      for (const int shift : {1, 4, 16, 32, 63}) {
        EXPECT_LE(worst_load_of_shift(c, shift, Routing::Static), 1.0 + 1e-9)
            << name(fabric) << " " << gpus << " shift " << shift;
      }
    }
  }
}

TEST(StaticRouting, RailsLookAlike) {
  const Cluster c = Cluster::build(dgx(2048, FabricKind::RailOptimised));
  for (int node = 1; node < 256; node += 5) {
    const auto spine_of = [&](int rail) {
      const Route r = c.route(rail, node * 8 + rail, {Routing::Static});
      return r.hops.size() > 4 ? c.link(r.hops[2].link).to : 0;
    };
    for (int rail = 1; rail < 8; ++rail) {
      EXPECT_EQ(spine_of(rail), spine_of(0)) << node;
    }
  }
}

TEST(StaticRouting, IgnoresTheFlowNumber) {
  const Cluster c = Cluster::build(dgx(512, FabricKind::RailOptimised));
  EXPECT_EQ(c.route(0, 504, {Routing::Static, 1}).hops, c.route(0, 504, {Routing::Static, 2}).hops);
}

TEST(EcmpRouting, SpreadsFlowsEvenlyAndRepeatably) {
  const Cluster c = Cluster::build(dgx(512, FabricKind::RailOptimised));
  std::map<LinkId, int> load;
  constexpr int kFlows = 8000;
  for (int flow = 0; flow < kFlows; ++flow) {
    const Route r = c.route(0, 504, {Routing::Ecmp, static_cast<std::uint64_t>(flow)});
    EXPECT_EQ(r.hops, c.route(0, 504, {Routing::Ecmp, static_cast<std::uint64_t>(flow)}).hops);
    ++load[r.hops[2].link];
  }
  EXPECT_EQ(load.size(), 8U);  // spines
  // A binomial count of mean 1000 stays within five standard deviations.
  EXPECT_LT(busiest(load), 1000 + 5 * std::sqrt(1000.0));
}

TEST(EcmpRouting, CollidesWhereStaticDoesNot) {
  const Cluster c = Cluster::build(dgx(2048, FabricKind::RailOptimised));
  EXPECT_GT(worst_load_of_shift(c, 32, Routing::Ecmp), 2.0);
}

TEST(PathChoice, PicksCoverTheirRange) {
  for (const Routing routing : {Routing::Static, Routing::Ecmp}) {
    for (int n = 1; n < 40; ++n) {
      for (int to = 0; to < 100; ++to) {
        PathChoice choice({routing, 0}, 1, to, to);
        for (int i = 0; i < 3; ++i) {
          const int pick = choice.pick(n);
          EXPECT_TRUE(pick >= 0 && pick < n);
        }
      }
    }
  }
}

}  // namespace
}  // namespace topology
