#include <gtest/gtest.h>

#include "topology/cluster.hpp"
#include "topology/error.hpp"

#include "tests/topology/specs.hpp"

namespace topology {
namespace {

using testing::connects;
using testing::dgx;
using testing::kinds;
using enum VertexKind;

ClusterSpec pcie_node() {
  ClusterSpec spec = dgx(8, FabricKind::SingleDomain);
  spec.accelerator.scale_up.kind = ScaleUpKind::Pcie;
  spec.accelerator.scale_up.bandwidth = units::gigabytes_per_second(32);
  return spec;
}

TEST(PcieNode, NeighboursMeetInTheirSwitchOthersInTheHost) {
  const Cluster c = Cluster::build(pcie_node());
  EXPECT_EQ(c.count(PcieSwitch), 2U);
  EXPECT_EQ(c.count(Host), 1U);
  EXPECT_EQ(kinds(c, c.route(0, 3, {Routing::Static})), (std::vector{Gpu, PcieSwitch, Gpu}));
  const Route far = c.route(0, 4, {Routing::Static});
  EXPECT_EQ(kinds(c, far), (std::vector{Gpu, PcieSwitch, Host, PcieSwitch, Gpu}));
  EXPECT_TRUE(connects(c, far, 0, 4));
  EXPECT_DOUBLE_EQ(far.latency.in(units::microseconds(1)), 3.0);
}

TEST(BridgedPairs, UseThePcieTreeOfTheNodeForOthers) {
  ClusterSpec spec = dgx(16, FabricKind::FatTree);
  spec.scale_up_domain = 2;
  spec.accelerator.host_bandwidth = units::gigabytes_per_second(32);
  const Cluster c = Cluster::build(spec);
  EXPECT_EQ(kinds(c, c.route(0, 1, {Routing::Static})), (std::vector{Gpu, ScaleUpSwitch, Gpu}));
  EXPECT_EQ(kinds(c, c.route(0, 2, {Routing::Static})), (std::vector{Gpu, PcieSwitch, Gpu}));
  EXPECT_EQ(kinds(c, c.route(0, 8, {Routing::Static})), (std::vector{Gpu, Nic, Leaf, Nic, Gpu}));
  EXPECT_EQ(kinds(c, c.route(0, 9, {Routing::Static})),
            (std::vector{Gpu, ScaleUpSwitch, Gpu, Nic, Leaf, Nic, Gpu}));
}

TEST(Nvl72, RackIsOneDomainAndTheTrayIsTheNode) {
  ClusterSpec spec = dgx(576, FabricKind::RailOptimised);  // one unit of DGX GB200: 8 racks
  spec.gpus_per_node = 4;
  spec.scale_up_domain = 72;
  spec.nodes_per_leaf = 16;
  const Cluster c = Cluster::build(spec);
  EXPECT_EQ(c.count(ScaleUpSwitch), 8U);
  EXPECT_EQ(kinds(c, c.route(0, 71, {Routing::Static})), (std::vector{Gpu, ScaleUpSwitch, Gpu}));
  const Route far = c.route(1, 72 * 3 + 2, {Routing::Static});
  EXPECT_TRUE(connects(c, far, 1, 72 * 3 + 2));
  EXPECT_EQ(c.link(far.hops[1].link).to, c.gpu(2));
}

TEST(Mesh, JoinsAllPairsOfADomainDirectly) {
  ClusterSpec spec = dgx(16, FabricKind::FatTree);
  spec.accelerator.scale_up.kind = ScaleUpKind::Mesh;  // MI300X: 7 links of 64 GB/s
  spec.accelerator.scale_up.bandwidth = units::gigabytes_per_second(448);
  spec.accelerator.scale_up.peer_bandwidth = {};
  const Cluster c = Cluster::build(spec);
  EXPECT_EQ(c.cables(Gpu, Gpu), 2U * 8 * 7 / 2);
  const Route r = c.route(9, 14, {Routing::Static});
  ASSERT_EQ(r.hops.size(), 1U);
  EXPECT_DOUBLE_EQ(c.link(r.hops[0].link).bandwidth.in(units::gigabytes_per_second(1)), 64.0);
}

TEST(SmallTorus, IsASquareInsideEachDomain) {
  ClusterSpec spec = dgx(32, FabricKind::FatTree);  // Trn2: 16 chips as 4 x 4
  spec.gpus_per_node = 16;
  spec.scale_up_domain = 16;
  spec.accelerator.scale_up.kind = ScaleUpKind::Torus;
  spec.accelerator.scale_up.peer_bandwidth = units::gigabytes_per_second(128);
  const Cluster c = Cluster::build(spec);
  EXPECT_EQ(c.cables(Gpu, Gpu), 2U * 16 * 2);
  EXPECT_EQ(c.route(16, 16 + 5, {Routing::Static}).hops.size(), 2U);
  EXPECT_EQ(c.route(16, 16 + 3, {Routing::Static}).hops.size(), 1U);  // wraps
}

TEST(ScaleUp, NeedsABandwidth) {
  ClusterSpec spec = pcie_node();
  spec.accelerator.scale_up.bandwidth = {};
  spec.accelerator.scale_up.peer_bandwidth = {};
  EXPECT_THROW(Cluster::build(spec), InputError);
}

TEST(ScaleUp, OneGpuHasNoLinks) {
  ClusterSpec spec = dgx(1, FabricKind::SingleDomain);
  spec.gpus_per_node = 1;
  spec.scale_up_domain = 1;
  EXPECT_EQ(Cluster::build(spec).link_count(), 0U);
}

}  // namespace
}  // namespace topology
