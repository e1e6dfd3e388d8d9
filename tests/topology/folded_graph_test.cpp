#include "topology/folded_graph.hpp"

#include <algorithm>
#include <numeric>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/topology/specs.hpp"

namespace topology {
namespace {

using testing::dgx;

TEST(FoldedGraph, ASymmetricClusterIsAHandfulOfBoxes) {
  const Cluster cluster = Cluster::build(dgx(4096, FabricKind::RailOptimised));
  const FoldedGraph graph = fold_graph(cluster);
  ASSERT_EQ(graph.classes.size(), 6U);  // GPU, NVSwitch, NIC, leaf, spine, core
  for (const FoldedGraph::Class& one : graph.classes) {
    EXPECT_EQ(one.count, cluster.count(one.kind));
  }
}

TEST(FoldedGraph, KeepsEveryVertexAndCable) {
  for (const int gpus : {72, 1000, 2048}) {
    const Cluster cluster = Cluster::build(dgx(gpus, FabricKind::RailOptimised));
    const FoldedGraph graph = fold_graph(cluster);
    std::size_t vertices = 0, cables = 0, all = 0;
    for (const auto& one : graph.classes) {
      vertices += one.count;
    }
    for (const auto& bundle : graph.bundles) {
      cables += bundle.cables;
    }
    for (const Link& link : cluster.links()) {
      all += static_cast<std::size_t>(link.cables);
    }
    EXPECT_EQ(vertices, cluster.vertex_count());
    EXPECT_EQ(2 * cables, all);
  }
}

TEST(FoldedGraph, TellsNodesOfAHalfFullGroupApart) {
  // 36 nodes: a leaf group of 32 and one of 4.
  const Cluster cluster = Cluster::build(dgx(36 * 8, FabricKind::RailOptimised));
  const FoldedGraph graph = fold_graph(cluster);
  const auto leaves = std::count_if(graph.classes.begin(), graph.classes.end(),
                                    [](const auto& c) { return c.kind == VertexKind::Leaf; });
  EXPECT_EQ(leaves, 2);
}

TEST(FoldedGraph, StopsBeforeThereAreTooManyClasses) {
  const Cluster cluster = Cluster::build(dgx(36 * 8, FabricKind::RailOptimised));
  EXPECT_LE(fold_graph(cluster, 5).classes.size(), 5U);
}

TEST(FoldedGraph, DotNamesCountsAndRates) {
  ClusterSpec spec = dgx(1024, FabricKind::RailOptimised);
  spec.id = "a \"quoted\" name";
  const Cluster cluster = Cluster::build(spec);
  std::ostringstream out;
  write_dot(fold_graph(cluster), cluster, out);
  const std::string dot = out.str();
  EXPECT_NE(dot.find("graph \"a \\\"quoted\\\" name\" {"), std::string::npos);
  EXPECT_NE(dot.find("[label=\"1024 x gpu\"]"), std::string::npos);
  EXPECT_NE(dot.find("[label=\"32 x leaf\"]"), std::string::npos);
  // 1,024 cables from 32 leaves to 16 spines: 32 and 64 each.
  EXPECT_NE(dot.find("[label=\"1024 x 400 Gbit/s\", taillabel=\"32\", headlabel=\"64\"]"),
            std::string::npos);
}

}  // namespace
}  // namespace topology
