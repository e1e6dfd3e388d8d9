// The data of the catalog itself: every entry loads, every reference leads somewhere, every model
// has its parameters.
#include <cmath>
#include <filesystem>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "scenarios/catalog.hpp"
#include "scenarios/document.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/yaml.hpp"
#include "sim/workload/tower_layers.hpp"
#include "topology/clos_plan.hpp"
#include "topology/cluster.hpp"
#include "topology/dragonfly_plan.hpp"
#include "topology/routing.hpp"
#include "topology/torus_plan.hpp"

namespace {

using scenarios::Catalog;
using scenarios::EntryKind;

const std::filesystem::path kCatalog =
    std::filesystem::path(GPUPLAN_SOURCE_DIR) / "scenarios" / "catalog";

TEST(CatalogData, EveryFileFitsItsSchema) {
  for (const char* shelf :
       {"fabrics", "nodes", "nics", "switches", "cables", "frameworks", "failures", "recoveries",
        "storage", "grids", "cooling", "prices", "ownerships"}) {
    EXPECT_NO_THROW(scenarios::check_schema(
        scenarios::read_yaml(kCatalog / (std::string(shelf) + ".yaml")), shelf));
  }
}

TEST(CatalogData, EveryEntryLoads) {
  const Catalog catalog(kCatalog);
  for (const auto& name : catalog.names(EntryKind::Accelerator)) {
    const auto part = catalog.accelerator(name);
    EXPECT_GT(part.memory, units::Bytes{}) << name;
    EXPECT_FALSE(part.figures.empty()) << name;
    EXPECT_GT(catalog.customary_nic_bandwidth(name), units::BytesPerSecond{}) << name;
  }
  for (const auto& name : catalog.names(EntryKind::Nic)) {
    EXPECT_NO_THROW({ [[maybe_unused]] const auto part = catalog.nic(name); }) << name;
  }
  for (const auto& name : catalog.names(EntryKind::Switch)) {
    EXPECT_NO_THROW({ [[maybe_unused]] const auto part = catalog.network_switch(name); }) << name;
  }
  for (const auto& name : catalog.names(EntryKind::Cable)) {
    EXPECT_GT(catalog.cable(name).speed, units::BytesPerSecond{}) << name;
  }
  for (const auto& name : catalog.names(EntryKind::Framework)) {
    EXPECT_NO_THROW({ [[maybe_unused]] const auto part = catalog.framework(name); }) << name;
  }
}

TEST(CatalogData, NodesReferToKnownParts) {
  const Catalog catalog(kCatalog);
  for (const auto& name : catalog.names(EntryKind::Node)) {
    const auto node = catalog.node(name);
    EXPECT_NO_THROW({ [[maybe_unused]] const auto part = catalog.accelerator(node.accelerator); })
        << name;
    EXPECT_NO_THROW({ [[maybe_unused]] const auto part = catalog.nic(node.nic); }) << name;
  }
}

TEST(CatalogData, FabricsMakeClusters) {
  const Catalog catalog(kCatalog);
  for (const auto& name : catalog.names(EntryKind::Fabric)) {
    topology::ClusterSpec spec;
    EXPECT_NO_THROW(spec = catalog.cluster({name, {}, {}, {}})) << name;
    EXPECT_GE(spec.gpus, 1) << name;
    if (spec.fabric != topology::FabricKind::SingleDomain) {
      EXPECT_GT(spec.nic_bandwidth, units::BytesPerSecond{}) << name;
    }
  }
}

/// Builds a fabric and routes over it under every policy.
void expect_routes(const topology::ClusterSpec& spec) {
  const auto cluster = topology::Cluster::build(spec);
  std::vector<topology::Hop> hops;
  for (const auto routing : {topology::Routing::Static, topology::Routing::Ecmp,
                             topology::Routing::Adaptive, topology::Routing::Spray}) {
    for (int k = 0; k < 200; ++k) {
      const auto pair = topology::mix64(static_cast<std::uint64_t>(k));
      const int from = static_cast<int>(pair % static_cast<std::uint64_t>(spec.gpus));
      const int to = static_cast<int>((pair >> 32) % static_cast<std::uint64_t>(spec.gpus));
      ASSERT_TRUE(cluster.route_into(from, to, {routing, 1}, hops)) << spec.id;
      ASSERT_TRUE(from == to || hops.size() >= 1) << spec.id;
    }
  }
}

TEST(CatalogData, FabricsBuildAndRouteAtTheirOwnSize) {
  const Catalog catalog(kCatalog);
  for (const auto& name : catalog.names(EntryKind::Fabric)) {
    expect_routes(catalog.cluster({name, {}, {}, {}}));
  }
}

// 100,352 GPUs are 12,544 nodes of eight, 196 groups of Frontier's, 1,568 cubes of 64.
TEST(CatalogData, FabricsReachAHundredThousandOrSayWhyNot) {
  const Catalog catalog(kCatalog);
  constexpr int kGpus = 100'352;
  // Three tiers of 64 ports end at 65,536 endpoints, of 32 or 40 earlier; a single domain is small.
  std::set<std::string> too_large;
  for (const auto& name : catalog.names(EntryKind::Fabric)) {
    try {
      expect_routes(catalog.cluster({name, kGpus, {}, {}}));
    } catch (const topology::InputError& error) {
      EXPECT_NE(std::string(error.what()).find("cluster."), std::string::npos) << error.what();
      too_large.insert(name);
    }
  }
  for (const char* name :
       {"alibaba-hpn7", "alps", "colossus-roce", "dragonfly-plus-h100", "frontier", "meta-24k-roce",
        "p5-ultracluster", "p5en-ultracluster", "rail-only-h100", "superpod-b300",
        "superpod-b300-ethernet", "tpu-v4-pod", "tpu-v7-pod", "trn2-ultracluster"}) {
    EXPECT_EQ(too_large.count(name), 0U) << name;
  }
  for (const char* name : {"superpod-h100", "superpod-a100", "dgx-h100"}) {
    EXPECT_EQ(too_large.count(name), 1U) << name;
  }
}

TEST(CatalogData, PublishedFabricsHaveTheirSwitches) {
  const Catalog catalog(kCatalog);
  // Qian et al., SIGCOMM 2024: 16 ToRs per segment of 1,024 GPUs, 60 aggregation switches per
  // plane.
  const auto hpn = topology::plan_fabric(catalog.cluster({"alibaba-hpn7", {}, {}, {}}));
  EXPECT_EQ(hpn.net.leaves() * hpn.copies(), 15 * 16);
  EXPECT_EQ(hpn.net.spines() * hpn.copies(), 2 * 60);
  EXPECT_EQ(hpn.net.leaf_uplinks, 60);
  // Llama 3, arXiv:2407.21783: 8 pods of 3,072 GPUs, 192 racks of 16 each, 1:7 between pods.
  const auto meta = topology::plan_fabric(catalog.cluster({"meta-24k-roce", {}, {}, {}}));
  EXPECT_EQ(meta.net.pods, 8);
  EXPECT_EQ(meta.net.leaves(), 8 * 192);
  EXPECT_NEAR(3072 / (meta.net.spine_up * meta.net.spines_per_pod), 7, 1e-6);
  // NVIDIA DGX B300 busbar table, 4 units: 64 leaves and 32 spines.
  const auto b300 = topology::plan_fabric(catalog.cluster({"superpod-b300-ethernet", {}, {}, {}}));
  EXPECT_EQ(b300.net.leaves() * b300.copies(), 64);
  EXPECT_EQ(b300.net.spines() * b300.copies(), 32);
  // Frontier: 270 TB/s between 74 groups.
  const auto frontier = topology::plan_dragonfly(catalog.cluster({"frontier", {}, {}, {}}));
  EXPECT_EQ(frontier.groups, 74);
  EXPECT_NEAR(static_cast<double>(frontier.global_cables()) * 0.025, 270, 1);
  // TPU v4: 48 optical switches of 128 ports; v7: 144 cubes.
  const auto v4 = topology::plan_torus(catalog.cluster({"tpu-v4-pod", {}, {}, {}}));
  EXPECT_EQ(v4.circuit_switches, 48);
  EXPECT_EQ(v4.circuit_switch_ports, 128);
  EXPECT_EQ(topology::plan_torus(catalog.cluster({"tpu-v7-pod", {}, {}, {}})).cubes, 144);
}

// Google Cloud documentation: per pod of 256 chips 51.2 (v5e) and 102.4 TB/s (v6e) for all-reduce,
// 1.6 and 3.2 TB/s over the bisection.
TEST(CatalogData, SmallTpuPodsHaveTheirPublishedBandwidth) {
  const Catalog catalog(kCatalog);
  for (const auto& [name, all_reduce, bisection] :
       {std::tuple{"tpu-v5e-pod", 51.2, 1.6}, std::tuple{"tpu-v6e-pod", 102.4, 3.2}}) {
    const auto cluster = topology::Cluster::build(catalog.cluster({name, {}, {}, {}}));
    units::BytesPerSecond all, cut;
    for (const auto& link : cluster.links()) {
      all += link.bandwidth;
      cut += link.from / 16 < 8 && link.to / 16 >= 8 ? link.bandwidth : units::BytesPerSecond{};
    }
    EXPECT_NEAR(all.in(units::gigabytes_per_second(1000)), all_reduce, 0.03 * all_reduce) << name;
    EXPECT_NEAR(cut.in(units::gigabytes_per_second(1000)), bisection, 0.03 * bisection) << name;
  }
}

// AWS: 16 chips of a trn2.48xlarge on a 4 x 4 torus, 512 GB/s per chip and direction.
TEST(CatalogData, TrainiumInstancesAreFourByFour) {
  const auto spec = Catalog(kCatalog).cluster({"trn2-ultracluster", 64, {}, {}});
  const auto cluster = topology::Cluster::build(spec);
  EXPECT_EQ(cluster.cables(topology::VertexKind::Gpu, topology::VertexKind::Gpu), 4U * 32U);
  units::BytesPerSecond out;
  for (const auto& link : cluster.links()) {
    const bool inside = cluster.kind(link.to) == topology::VertexKind::Gpu;
    out += link.from == 0 && inside ? link.bandwidth : units::BytesPerSecond{};
  }
  EXPECT_NEAR(out.in(units::gigabytes_per_second(1)), 512, 1e-6);
}

TEST(CatalogData, AliasesLeadToAccelerators) {
  const Catalog catalog(kCatalog);
  const auto aliases = scenarios::read_yaml(kCatalog / "accelerator_aliases.yaml");
  for (const auto& [spelling, target] : aliases.root.at("aliases").items()) {
    EXPECT_NO_THROW({ [[maybe_unused]] const auto part = catalog.accelerator(spelling); })
        << spelling;
  }
}

TEST(CatalogData, ModelsCiteTheirSource) {
  const Catalog catalog(kCatalog);
  for (const auto& name : catalog.names(EntryKind::Model)) {
    const auto& root = catalog.entry(EntryKind::Model, name).root;
    EXPECT_TRUE(root.contains("source") && root.contains("as_of") && root.contains("name")) << name;
  }
  for (const auto& name : catalog.names(EntryKind::Fabric)) {
    const auto& root = catalog.entry(EntryKind::Fabric, name).root;
    EXPECT_TRUE(root.contains("source") && root.contains("as_of") && root.contains("gpus")) << name;
  }
}

// 3 %: authors round, and count norms, biases and positions differently.
TEST(CatalogData, ModelsHaveTheParametersTheirAuthorsState) {
  const Catalog catalog(kCatalog);
  for (const auto& name : catalog.names(EntryKind::Model)) {
    if (const auto published = catalog.published_parameters(name)) {
      const sim::ModelSpec model = catalog.model(name);
      const double counted =
          model.has_towers() ? sim::totals(model.towers).trained : sim::parameters(model).total();
      EXPECT_LT(std::abs(counted / *published - 1.0), 0.03)
          << name << ": " << counted << " against " << *published;
    }
  }
}

/// Multiply-adds of the forward pass of one sample, trained towers only, as authors count them:
/// without norms and activations.
TEST(CatalogData, TowersHaveTheMultiplyAddsTheirAuthorsState) {
  const Catalog catalog(kCatalog);
  int checked = 0;
  for (const auto& name : catalog.names(EntryKind::Model)) {
    const auto* published =
        scenarios::find(catalog.entry(EntryKind::Model, name).root, "/published_macs");
    if (published == nullptr) {
      continue;
    }
    double macs = 0.0;
    for (const sim::Tower& tower : catalog.model(name).towers) {
      macs += tower.training == sim::TowerTraining::Full ? sim::forward_flops(tower) / 2.0 : 0.0;
    }
    EXPECT_LT(std::abs(macs / published->get<double>() - 1.0), 0.05)
        << name << ": " << macs << " against " << *published;
    ++checked;
  }
  EXPECT_GE(checked, 3);
}

}  // namespace
