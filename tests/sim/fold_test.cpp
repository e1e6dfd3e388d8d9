#include "sim/engine/fold.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "topology/cluster.hpp"

#include "tests/topology/specs.hpp"

namespace sim {
namespace {

using topology::Cluster;
using topology::FabricKind;
using topology::Routing;

/// One flow from each GPU to the one `stride` on, as they start together in a ring.
FoldProblem shift(const Cluster& cluster, int stride, const topology::RouteRequest& how) {
  FoldProblem p;
  for (topology::LinkId id = 0; id < cluster.channel_count(); ++id) {
    p.link_colour.push_back(static_cast<std::uint64_t>(cluster.capacity(id, how).base()));
  }
  const int gpus = cluster.spec().gpus;
  std::vector<Hop> hops;
  for (int gpu = 0; gpu < gpus; ++gpu) {
    cluster.route_into(gpu, (gpu + stride) % gpus, how, hops);
    p.hops.items.insert(p.hops.items.end(), hops.begin(), hops.end());
    p.hops.close();
    p.flow_colour.push_back(1);
  }
  return p;
}

/// Time until the last flow of 1 GB has ended.
double seconds_of(const FoldProblem& p, const Folding& folding, const Cluster& cluster,
                  const topology::RouteRequest& how) {
  const auto network =
      make_network(kernel_backend_available() ? NetworkBackend::Kernel : NetworkBackend::Public);
  for (const std::uint32_t link : folding.links.first) {
    network->add_link(cluster.capacity(link, how));
  }
  for (std::uint32_t flow = 0; flow < folding.flows.size(); ++flow) {
    const Network::RouteId route = network->add_route(folded_hops(p, folding, flow));
    network->start_flow(units::gigabytes(1), {}, route, {}, flow);
  }
  network->run([](std::uint64_t) {});
  return network->now().base();
}

TEST(Fold, ARingOverARailOptimisedFabricIsAFewClasses) {
  const Cluster cluster = Cluster::build(topology::testing::dgx(2048, FabricKind::RailOptimised));
  const FoldProblem p = shift(cluster, 8, {Routing::Adaptive});
  const Folding folding = fold(p);
  EXPECT_TRUE(is_equitable(p, folding));
  // Within a leaf group, and over the spines to the next: two kinds of flow.
  EXPECT_EQ(folding.flows.size(), 2U);
  EXPECT_EQ(std::accumulate(folding.flows.count.begin(), folding.flows.count.end(), 0U), 2048U);
}

class FoldedTimes : public testing::TestWithParam<std::tuple<FabricKind, Routing, double>> {};

TEST_P(FoldedTimes, EqualThoseOfAllFlows) {
  if (!kernel_backend_available()) {
    GTEST_SKIP() << "weights of folded flows need the kernel backend";
  }
  const auto [fabric, routing, oversubscription] = GetParam();
  topology::ClusterSpec spec = topology::testing::dgx(1024, fabric);
  spec.nodes_per_leaf = 8;
  spec.leaf_oversubscription = oversubscription;
  const Cluster cluster = Cluster::build(spec);
  for (const int stride : {8, 8 * 5, 8 * 8, 8 * 9 + 3}) {
    const FoldProblem p = shift(cluster, stride, {routing});
    const Folding folding = fold(p);
    EXPECT_TRUE(is_equitable(p, folding));
    const double folded = seconds_of(p, folding, cluster, {routing});
    const double whole = seconds_of(p, fold_nothing(p), cluster, {routing});
    EXPECT_NEAR(folded / whole, 1.0, 1e-9) << "stride " << stride;
  }
}

INSTANTIATE_TEST_SUITE_P(Fabrics, FoldedTimes,
                         testing::Combine(testing::Values(FabricKind::RailOptimised,
                                                          FabricKind::FatTree),
                                          testing::Values(Routing::Static, Routing::Ecmp,
                                                          Routing::Adaptive, Routing::Spray),
                                          testing::Values(1.0, 4.0)));

TEST(Fold, ALostLinkSetsItsUsersApart) {
  const Cluster cluster = Cluster::build(topology::testing::dgx(1024, FabricKind::RailOptimised));
  topology::FabricHealth health;
  const std::size_t whole = fold(shift(cluster, 8 * 32, {Routing::Static})).flows.size();
  health.left.assign(cluster.link_count(), 1.0F);
  const topology::Route route = cluster.route(0, 8 * 32, {Routing::Static});
  health.left[route.hops[2].link] = 0.0F;
  const FoldProblem p = shift(cluster, 8 * 32, {.routing = Routing::Static, .health = &health});
  const Folding folding = fold(p);
  EXPECT_TRUE(is_equitable(p, folding));
  EXPECT_GT(folding.flows.size(), whole);
}

TEST(Fold, ActorsThatMeetDifferentPeersAreDifferent) {
  // Four actors in a chain 0 -> 1 -> 2 -> 3, all of one colour: only the ends differ at first, then
  // the middle by what it neighbours.
  FoldProblem p;
  p.actor_colour.assign(4, 7);
  for (std::uint32_t a = 0; a < 4; ++a) {
    if (a < 3) {
      p.peers.items.push_back({.other = a + 1, .role = 0});
    }
    p.peers.close();
  }
  EXPECT_EQ(fold(p).actors.size(), 4U);
  // Two such chains fold on each other.
  p.actor_colour.assign(8, 7);
  for (std::uint32_t a = 4; a < 8; ++a) {
    if (a < 7) {
      p.peers.items.push_back({.other = a + 1, .role = 0});
    }
    p.peers.close();
  }
  const Folding twice = fold(p);
  EXPECT_EQ(twice.actors.size(), 4U);
  EXPECT_TRUE(is_equitable(p, twice));
}

TEST(Fold, GroupsTellTheirMembersApart) {
  // {0, 1} meet, {2, 3} meet; actor 3 differs, so 2 meets somebody else than 0 and 1 do.
  FoldProblem p;
  p.actor_colour = {1, 1, 1, 2};
  p.group_colour = {5, 5};
  p.members.items = {0, 1};
  p.members.close();
  p.members.items.insert(p.members.items.end(), {2, 3});
  p.members.close();
  const Folding folding = fold(p);
  EXPECT_EQ(folding.actors.size(), 3U);
  EXPECT_EQ(folding.actors.of[0], folding.actors.of[1]);
  EXPECT_EQ(folding.groups.size(), 2U);
}

}  // namespace
}  // namespace sim
