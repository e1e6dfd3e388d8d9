#include "topology/fabric_facts.hpp"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <gtest/gtest.h>

#include "tests/topology/specs.hpp"

namespace topology {
namespace {

using testing::dgx;
using units::gigabytes_per_second;

/// Maximum flow from the first half of the GPUs to the second, in GB/s, over the whole graph: an
/// oracle that knows nothing of leaves and spines.
double max_flow_between_halves(const Cluster& cluster) {
  using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
  using Graph = boost::adjacency_list<
      boost::vecS, boost::vecS, boost::directedS, boost::no_property,
      boost::property<
          boost::edge_capacity_t, long,
          boost::property<boost::edge_residual_capacity_t, long,
                          boost::property<boost::edge_reverse_t, Traits::edge_descriptor>>>>;
  const std::size_t vertices = cluster.vertex_count();
  Graph graph(vertices + 2);
  const auto add = [&graph](std::size_t from, std::size_t to, double gigabytes) {
    const auto there = boost::add_edge(from, to, graph).first;
    const auto back = boost::add_edge(to, from, graph).first;
    boost::put(boost::edge_capacity, graph, there, std::lround(gigabytes * 1000));
    boost::put(boost::edge_capacity, graph, back, 0);
    boost::put(boost::edge_reverse, graph, there, back);
    boost::put(boost::edge_reverse, graph, back, there);
  };
  for (const Link& link : cluster.links()) {
    add(link.from, link.to, link.bandwidth.in(gigabytes_per_second(1)));
  }
  const int gpus = cluster.spec().gpus;
  for (int gpu = 0; gpu < gpus; ++gpu) {
    const auto v = static_cast<std::size_t>(gpu);
    gpu < gpus / 2 ? add(vertices, v, 1e6) : add(v, vertices + 1, 1e6);
  }
  return static_cast<double>(boost::push_relabel_max_flow(graph, vertices, vertices + 1)) / 1000;
}

TEST(Bisection, OfClosFabricsIsTheMaximumFlowBetweenTheHalves) {
  for (const FabricKind kind : {FabricKind::RailOptimised, FabricKind::FatTree,
                                FabricKind::ThreeTier, FabricKind::RailOnly}) {
    for (const double taper : {1.0, 2.0}) {
      ClusterSpec spec = dgx(512, kind);
      spec.switch_ports = 16;
      spec.nodes_per_leaf = kind == FabricKind::RailOptimised ? 8 : 1;
      spec.leaf_oversubscription = taper;
      const auto found = bisection(spec);
      ASSERT_TRUE(found);
      EXPECT_NEAR(found->bandwidth.in(gigabytes_per_second(1)),
                  max_flow_between_halves(Cluster::build(spec)), 0.1)
          << name(kind) << ' ' << taper;
    }
  }
}

TEST(Bisection, SpinesTaperTheHalvesOfThreeTiers) {
  ClusterSpec spec = dgx(3072 * 2, FabricKind::ThreeTier);
  spec.nodes_per_leaf = 2;
  spec.nodes_per_pod = 384;
  spec.spine_oversubscription = 7;  // Meta's 24k cluster: 1:7 between pods
  spec.spine_ports = 576;
  spec.core_ports = 576;
  const auto found = bisection(spec);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->of_full, 1.0 / 7, 1e-9);
  EXPECT_NEAR(oversubscription(spec).at(1), 7.0, 1e-9);
}

// Google Cloud documentation: a v5e pod of 16 x 16 has 1.6 TB/s, 16 rows by two rings' cables by 50
// GB/s.
TEST(Bisection, OfATpuV5ePodIsThePublishedOne) {
  const ClusterSpec spec = testing::torus({16, 16}, 256);
  const auto found = bisection(spec);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->bandwidth.in(gigabytes_per_second(1000)), 1.6, 1e-12);
  EXPECT_NEAR(max_flow_between_halves(Cluster::build(spec)), 1600, 1e-3);
}

TEST(Bisection, OfASwitchedDomainIsFull) {
  const auto found = bisection(dgx(8, FabricKind::SingleDomain));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->of_full, 1.0);
  EXPECT_EQ(found->bandwidth, gigabytes_per_second(4 * 450));
}

TEST(Reach, CountsPeersByTheHighestTierPassed) {
  ClusterSpec spec = dgx(4096, FabricKind::FatTree);  // three tiers, four nodes to a leaf
  const Cluster cluster = Cluster::build(spec);
  const std::vector<Reach> reach = reach_from(cluster, 0);
  ASSERT_EQ(reach.size(), 4U);
  EXPECT_EQ(reach[0].highest, VertexKind::ScaleUpSwitch);
  EXPECT_EQ(reach[0].peers, 7);
  EXPECT_EQ(reach[1].highest, VertexKind::Leaf);
  EXPECT_EQ(reach[1].peers, 3 * 8);  // other rails over NVLink first (PXN)
  EXPECT_EQ(reach[1].min_links, 4);  // GPU, NIC, leaf, NIC, GPU
  EXPECT_EQ(reach[1].max_links, 6);
  EXPECT_EQ(reach[1].min_switches, 1);
  // NIC to NIC 2 us and a switch of 250 ns.
  EXPECT_NEAR(reach[1].min_latency.in(units::microseconds(1)), 2.25, 1e-9);
  EXPECT_EQ(reach.back().max_switches, 5);  // leaf, spine, core, spine, leaf
  int peers = 0;
  for (const Reach& one : reach) {
    peers += one.peers;
  }
  EXPECT_EQ(peers, 4095);
}

}  // namespace
}  // namespace topology
