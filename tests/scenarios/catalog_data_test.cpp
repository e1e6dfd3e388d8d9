// The data of the catalog itself: every entry loads, every reference leads somewhere, every model
// has its parameters.
#include <cmath>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "scenarios/catalog.hpp"
#include "scenarios/document.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/yaml.hpp"

namespace {

using scenarios::Catalog;
using scenarios::EntryKind;

const std::filesystem::path kCatalog =
    std::filesystem::path(GPUPLAN_SOURCE_DIR) / "scenarios" / "catalog";

TEST(CatalogData, EveryFileFitsItsSchema) {
  for (const char* shelf : {"fabrics", "nodes", "nics", "switches", "cables", "frameworks"}) {
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
      const double counted = sim::parameters(catalog.model(name)).total();
      EXPECT_LT(std::abs(counted / *published - 1.0), 0.03)
          << name << ": " << counted << " against " << *published;
    }
  }
}

}  // namespace
