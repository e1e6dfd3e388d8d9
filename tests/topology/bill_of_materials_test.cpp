#include "topology/bill_of_materials.hpp"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

#include "topology/cluster.hpp"
#include "topology/error.hpp"

#include "tests/topology/specs.hpp"

namespace topology {
namespace {

using testing::dgx;
using units::gigabits_per_second;
using units::metres;
using units::usd;
using units::Watts;
using units::watts;

Cable cable(std::string id, Medium medium, double gigabits, double reach_m, double power_w,
            double price_usd) {
  return {.id = std::move(id),
          .medium = medium,
          .speed = gigabits_per_second(gigabits),
          .reach = metres(reach_m),
          .power = watts(power_w),
          .price = usd(price_usd),
          .figures = {}};
}

/// 64-port switch of 400 Gbit/s, two ports to a cage; 747 W and 36,000 USD. Numbers per end as in
/// "H100 Freakonomics" (2024-08): 640 USD and 8.5 W.
NetworkParts parts() {
  NetworkParts all;
  all.nic = Nic{.id = "nic",
                .bandwidth = gigabits_per_second(400),
                .latency = {},
                .power = watts(25),
                .price = usd(1700),
                .figures = {}};
  all.nics_per_node = 8;
  all.leaf = Switch{.id = "switch",
                    .ports = 64,
                    .port_bandwidth = gigabits_per_second(400),
                    .latency = {},
                    .power = watts(747),
                    .ports_per_module = 2,
                    .price = usd(36000),
                    .figures = {}};
  all.cables = {cable("dac", Medium::Copper, 400, 3, 0.1, 150),
                cable("optic-400", Medium::Transceiver, 400, 100, 8.5, 640),
                cable("optic-800", Medium::Transceiver, 800, 100, 17, 1280),
                cable("fibre", Medium::Fibre, 1600, 500, 0, 0)};
  return all;
}

ClusterSpec with_parts(ClusterSpec spec, const NetworkParts& all = parts()) {
  spec.parts = std::make_shared<const NetworkParts>(all);
  return spec;
}

long count(const Bill& bill, Role role, const std::string& where = {}) {
  long total = 0;
  for (const BillLine& line : bill.lines) {
    total += line.role == role && (where.empty() || line.where == where) ? line.count : 0;
  }
  return total;
}

const BillLine& line(const Bill& bill, Role role, const std::string& where = {}) {
  const auto it = std::find_if(bill.lines.begin(), bill.lines.end(), [&](const BillLine& one) {
    return one.role == role && (where.empty() || one.where == where);
  });
  if (it == bill.lines.end()) {
    throw std::out_of_range("no such line: " + where);
  }
  return *it;
}

// NVIDIA DGX SuperPOD B200 reference architecture, 32 nodes per unit, 64-port switches.
TEST(BillOfMaterials, CountsThePublishedSwitchesAndCables) {
  constexpr struct {
    int nodes;
    long leaf, spine, core, node_leaf, leaf_spine, spine_core;
  } kTable[] = {{64, 16, 8, 0, 512, 512, 0},
                {128, 32, 16, 0, 1024, 1024, 0},
                {512, 128, 128, 64, 4096, 4096, 4096},
                {2048, 512, 512, 256, 16384, 16384, 16384}};
  for (const auto& row : kTable) {
    const Bill bill = bill_of_materials(with_parts(dgx(row.nodes * 8, FabricKind::RailOptimised)));
    EXPECT_EQ(count(bill, Role::Leaf), row.leaf) << row.nodes;
    EXPECT_EQ(count(bill, Role::Spine), row.spine) << row.nodes;
    EXPECT_EQ(count(bill, Role::Core), row.core) << row.nodes;
    EXPECT_EQ(count(bill, Role::Cable, "NIC - leaf"), row.node_leaf) << row.nodes;
    EXPECT_EQ(count(bill, Role::Cable, "leaf - spine"), row.leaf_spine) << row.nodes;
    EXPECT_EQ(count(bill, Role::Cable, "spine - core"), row.spine_core) << row.nodes;
    EXPECT_EQ(line(bill, Role::Leaf).ports_used, row.node_leaf + row.leaf_spine);
    EXPECT_EQ(line(bill, Role::Spine).ports_used, row.leaf_spine + row.spine_core);
  }
}

TEST(BillOfMaterials, ATwinPortCageServesTwoLinks) {
  const Bill bill = bill_of_materials(with_parts(dgx(1024, FabricKind::RailOptimised)));
  const BillLine& at_nic = line(bill, Role::Transceiver, "NIC - leaf, at the NIC");
  EXPECT_EQ(at_nic.item, "optic-400");
  EXPECT_EQ(at_nic.count, 1024);
  const BillLine& at_leaf = line(bill, Role::Transceiver, "NIC - leaf, at the leaf");
  EXPECT_EQ(at_leaf.item, "optic-800");
  EXPECT_EQ(at_leaf.count, 512);
}

// "H100 Freakonomics", 2024-08: 1,024 nodes in 8 planes of two tiers: 384 switches are 13.8 million
// USD, cables and optics 21.0 million. Prices are the sheet's own: this checks the counting.
TEST(BillOfMaterials, AddsUpToThePublishedSheet) {
  const Bill bill = bill_of_materials(with_parts(dgx(8192, FabricKind::RailOnly)));
  EXPECT_EQ(count(bill, Role::Leaf) + count(bill, Role::Spine), 384);
  const auto price = bill.network_price();
  EXPECT_EQ(price.unknown_lines, 0);
  EXPECT_NEAR(price.sum.in(usd(1e6)), 34.8, 0.01 * 34.8);
}

// Two tiers: 4 ends and 3/64 switches per accelerator, three: 6 and 5/64; published as 95 and 135 W
// with the 25 W of the NIC.
TEST(BillOfMaterials, PowerPerAcceleratorIsThatOfTwoAndThreeTiers) {
  for (const auto& [gpus, ends, switches] :
       {std::tuple(2048, 4, 3.0 / 64), std::tuple(16384, 6, 5.0 / 64)}) {
    const Bill bill = bill_of_materials(with_parts(dgx(gpus, FabricKind::RailOptimised)));
    EXPECT_NEAR(bill.network_power().sum / watts(gpus), ends * 8.5 + switches * 747, 1e-9);
    EXPECT_NEAR((bill.network_power().sum + bill.node_power().sum) / watts(gpus),
                gpus == 2048 ? 95 : 135, 1.0);
  }
}

TEST(BillOfMaterials, NicsComeWithTheNodes) {
  const Bill bill = bill_of_materials(with_parts(dgx(1024, FabricKind::RailOptimised)));
  EXPECT_TRUE(line(bill, Role::Nic).with_node);
  EXPECT_EQ(bill.node_power().sum, 1024 * watts(25));
  EXPECT_EQ(bill.node_price().sum, 1024 * usd(1700));
}

TEST(BillOfMaterials, CopperReachesALeafInTheRack) {
  ClusterSpec spec = dgx(512, FabricKind::ThreeTier);
  spec.nodes_per_leaf = 2;
  const Bill bill = bill_of_materials(with_parts(spec));
  const BillLine& host = line(bill, Role::Cable, "NIC - leaf");
  EXPECT_EQ(host.item, "dac");
  EXPECT_EQ(host.count, 512);
  EXPECT_EQ(*host.unit_power, watts(0.2));  // two ends
  EXPECT_EQ(count(bill, Role::Transceiver, "NIC - leaf, at the NIC"), 0);
  EXPECT_EQ(line(bill, Role::Cable, "leaf - spine").item, "fibre");
}

TEST(BillOfMaterials, AGivenRunDecidesBetweenCopperAndOptics) {
  NetworkParts near = parts();
  near.runs.host = metres(3);
  const ClusterSpec spec = dgx(1024, FabricKind::RailOptimised);
  EXPECT_EQ(line(bill_of_materials(with_parts(spec, near)), Role::Cable, "NIC - leaf").item, "dac");
  near.runs.host = metres(3.1);
  EXPECT_EQ(line(bill_of_materials(with_parts(spec, near)), Role::Cable, "NIC - leaf").item,
            "fibre");
}

TEST(BillOfMaterials, SaysWhatItDoesNotKnow) {
  NetworkParts unpriced = parts();
  unpriced.leaf->price.reset();
  unpriced.cables.clear();
  const Bill bill = bill_of_materials(with_parts(dgx(1024, FabricKind::RailOptimised), unpriced));
  EXPECT_EQ(bill.network_price().unknown_lines, 4);  // leaf, spine, and the links of two boundaries
  EXPECT_EQ(bill.network_price().sum, units::Usd{});
  EXPECT_EQ(bill.network_power().unknown_lines, 2);
  EXPECT_EQ(line(bill, Role::Cable).item, "400 Gbit/s link, no cable known");
  EXPECT_FALSE(network_power(dgx(1024, FabricKind::RailOptimised)).has_value());
}

TEST(BillOfMaterials, AScenarioMaySetThePowerOfASwitch) {
  ClusterSpec spec = with_parts(dgx(1024, FabricKind::RailOptimised));
  spec.switch_power = watts(1000);
  EXPECT_EQ(*line(bill_of_materials(spec), Role::Spine).unit_power, watts(1000));
  EXPECT_EQ(line(bill_of_materials(spec), Role::Spine).power_from.source, "given in the scenario");
}

TEST(BillOfMaterials, EveryPlaneHasItsOwnSwitchesAndCables) {
  ClusterSpec spec = dgx(1024, FabricKind::RailOptimised);
  spec.planes = 2;  // ports of 200 Gbit/s
  spec.switch_ports = 128;
  spec.nodes_per_leaf = 64;
  const Bill bill = bill_of_materials(with_parts(spec));
  EXPECT_EQ(count(bill, Role::Nic), 1024);
  EXPECT_EQ(count(bill, Role::Cable, "NIC - leaf"), 2048);
  // Between switches 200 Gbit/s links share cables of 400.
  EXPECT_EQ(count(bill, Role::Cable, "leaf - spine"), 1024);
}

TEST(BillOfMaterials, MoreNicsThanAcceleratorsMeanMoreCables) {
  NetworkParts split = parts();
  split.nics_per_node = 32;  // 100 Gbit/s each, as in p5
  const Bill bill = bill_of_materials(with_parts(dgx(1024, FabricKind::RailOptimised), split));
  EXPECT_EQ(count(bill, Role::Nic), 4096);
  EXPECT_EQ(count(bill, Role::Cable, "NIC - leaf"), 4096);
  // Four of them share a port, eight a cage.
  EXPECT_EQ(line(bill, Role::Transceiver, "NIC - leaf, at the leaf").count, 512);
}

TEST(BillOfMaterials, StorageIsANetworkOfItsOwn) {
  ClusterSpec spec = with_parts(dgx(1024, FabricKind::RailOptimised));
  spec.storage_network = SideNetwork{.network = NetworkKind::Infiniband,
                                     .nics_per_node = 1,
                                     .nic_bandwidth = gigabits_per_second(400),
                                     .node_bandwidth = units::gigabytes_per_second(40),
                                     .switch_ports = 64,
                                     .oversubscription = 1.0,
                                     .parts = spec.parts};
  const Bill bill = bill_of_materials(spec);
  long leaves = 0, spines = 0;
  for (const BillLine& one : bill.lines) {
    leaves += one.use == NetworkUse::Storage && one.role == Role::Leaf ? one.count : 0;
    spines += one.use == NetworkUse::Storage && one.role == Role::Spine ? one.count : 0;
  }
  EXPECT_EQ(leaves, 128 / 32);  // 32 ports down, 128 nodes
  EXPECT_EQ(spines, 128 / 64);
}

TEST(BillOfMaterials, RefusesMorePortsThanCanBeCounted) {
  ClusterSpec spec = dgx(1 << 30, FabricKind::SingleDomain);
  spec.storage_network = SideNetwork{};
  spec.storage_network->nics_per_node = 1024;
  EXPECT_THROW(bill_of_materials(spec), InputError);
}

// NVL72: 18 links of each of 72 GPUs on 9 trays of 144 ports.
TEST(BillOfMaterials, ARackHasItsScaleUpSwitchesInTheNode) {
  NetworkParts rack = parts();
  rack.scale_up_switch = Switch{.id = "tray",
                                .ports = 144,
                                .port_bandwidth = units::gigabytes_per_second(50),
                                .latency = {},
                                .power = watts(1000),
                                .ports_per_module = 1,
                                .price = {},
                                .figures = {}};
  rack.scale_up_switches = 9;
  rack.scale_up_cables = 5184;
  ClusterSpec spec = dgx(144, FabricKind::SingleDomain);
  spec.scale_up_domain = 72;
  spec.accelerator.scale_up.bandwidth = units::gigabytes_per_second(900);
  const Bill bill = bill_of_materials(with_parts(spec, rack));
  EXPECT_EQ(line(bill, Role::ScaleUpSwitch).count, 18);
  EXPECT_EQ(line(bill, Role::ScaleUpSwitch).ports_used, 18 * 144);
  EXPECT_EQ(line(bill, Role::Cable).count, 2 * 5184);
  EXPECT_EQ(bill.network_power().sum, Watts{});
  EXPECT_EQ(bill.node_power().sum, watts(18000));
}

// TPU v4: 64 cubes of 4x4x4, 48 optical switches of 128 ports, 96 fibres leave a cube.
TEST(BillOfMaterials, ATorusOfCubesNeedsOneOpticalSwitchPerPlaceOnAFace) {
  ClusterSpec spec = testing::torus({16, 16, 16}, 4096);
  spec.optical_cube = 4;
  NetworkParts optical;
  optical.optical_switch = Switch{.id = "ocs",
                                  .ports = 128,
                                  .port_bandwidth = {},
                                  .latency = {},
                                  .power = watts(108),
                                  .ports_per_module = 1,
                                  .price = {},
                                  .figures = {}};
  const Bill bill = bill_of_materials(with_parts(spec, optical));
  EXPECT_EQ(line(bill, Role::OpticalSwitch).count, 48);
  EXPECT_EQ(line(bill, Role::OpticalSwitch).ports_used, 64 * 96);
  EXPECT_EQ(line(bill, Role::Cable, "cube - optical switch").count, 64 * 96);
  EXPECT_EQ(line(bill, Role::Cable, "accelerator - accelerator").count, 3 * 4096 - 64 * 96 / 2);
}

TEST(BillOfMaterials, ADomainWithoutNetworkNeedsNothing) {
  EXPECT_TRUE(bill_of_materials(with_parts(dgx(8, FabricKind::SingleDomain))).lines.empty());
  EXPECT_EQ(network_power(dgx(8, FabricKind::SingleDomain)), Watts{});
}

TEST(BillOfMaterials, AHundredThousandAcceleratorsNeedNoGraph) {
  ClusterSpec spec = dgx(100352, FabricKind::RailOptimised);
  spec.switch_ports = 128;
  spec.nodes_per_leaf = 64;
  EXPECT_EQ(count(bill_of_materials(with_parts(spec)), Role::Nic), 100352);
}

TEST(BillOfMaterials, CountsAsTheGraphDoes) {
  for (const FabricKind kind :
       {FabricKind::RailOptimised, FabricKind::FatTree, FabricKind::ThreeTier}) {
    const ClusterSpec spec = with_parts(dgx(1024, kind));
    const Bill bill = bill_of_materials(spec);
    const Cluster graph = Cluster::build(spec);
    EXPECT_EQ(count(bill, Role::Leaf), static_cast<long>(graph.count(VertexKind::Leaf)));
    EXPECT_EQ(count(bill, Role::Spine), static_cast<long>(graph.count(VertexKind::Spine)));
    EXPECT_EQ(count(bill, Role::Cable, "leaf - spine"),
              static_cast<long>(graph.cables(VertexKind::Leaf, VertexKind::Spine)));
  }
}

}  // namespace
}  // namespace topology
