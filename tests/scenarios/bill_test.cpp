// The bill of materials with the prices and powers of the catalog, against published totals.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scenarios/catalog.hpp"
#include "topology/bill_of_materials.hpp"

namespace {

using scenarios::Catalog;
using scenarios::EntryKind;
using topology::Bill;
using topology::BillLine;
using topology::NetworkUse;
using topology::Role;

const std::filesystem::path kCatalog =
    std::filesystem::path(GPUPLAN_SOURCE_DIR) / "scenarios" / "catalog";

/// The bill of the compute network alone.
Bill compute_bill(topology::ClusterSpec spec) {
  spec.storage_network.reset();
  spec.front_end_network.reset();
  return topology::bill_of_materials(spec);
}

TEST(Bill, EveryFabricOfTheCatalogHasOne) {
  const Catalog catalog(kCatalog);
  for (const auto& name : catalog.names(EntryKind::Fabric)) {
    const auto spec = catalog.cluster({name, {}, {}, {}});
    const Bill bill = topology::bill_of_materials(spec);
    ASSERT_TRUE(spec.network_power.has_value()) << name;
    if (spec.fabric == topology::FabricKind::SingleDomain) {
      EXPECT_EQ(*spec.network_power, units::Watts{}) << name;
    } else if (spec.fabric != topology::FabricKind::Torus) {  // whose links come with its trays
      EXPECT_GT(*spec.network_power, units::Watts{}) << name;
    }
    for (const BillLine& line : bill.lines) {
      EXPECT_GT(line.count, 0) << name << ": " << line.item;
      EXPECT_EQ(line.unit_power.has_value(), !line.power_from.source.empty())
          << name << ": " << line.item;
      EXPECT_EQ(line.unit_price.has_value(), !line.price_from.source.empty())
          << name << ": " << line.item;
    }
  }
}

// "H100 Freakonomics" (2024-08), network without NICs: 34.8 million USD for 8,192 GPUs in eight
// planes of two tiers. Its switch costs 36,000 USD; optics in the catalog are priced from its
// total.
TEST(Bill, TwoTiersOfEightThousandCostWhatTheSheetSays) {
  const Catalog catalog(kCatalog);
  auto spec = catalog.cluster({"superpod-h100", 8192, {}, {}});
  spec.fabric = topology::FabricKind::RailOnly;
  auto parts = *spec.parts;
  parts.leaf = catalog.network_switch("tomahawk4-64x400g");
  parts.leaf->ports_per_module = 2;
  spec.parts = std::make_shared<const topology::NetworkParts>(parts);
  const auto price = compute_bill(spec).network_price();
  EXPECT_EQ(price.unknown_lines, 0);
  EXPECT_NEAR(price.sum.in(units::usd(1e6)), 34.8, 0.01 * 34.8);
}

// DeepSeek-AI, arXiv:2505.09343, table 3 (prices of Blach et al., NSDI 2024, not ours): a fat tree
// of two tiers costs 4,390 USD per endpoint, of three 7,500. NVIDIA's switch price and the sheet's
// optics come within 15 %.
TEST(Bill, PricePerEndpointIsNearThatOfDeepSeeksTable) {
  const Catalog catalog(kCatalog);
  const auto per_endpoint = [&catalog](int gpus) {
    return compute_bill(catalog.cluster({"superpod-h100", gpus, {}, {}})).network_price().sum /
           units::usd(gpus);
  };
  EXPECT_NEAR(per_endpoint(2048), 4390, 0.15 * 4390);
  EXPECT_NEAR(per_endpoint(16384), 7500, 0.15 * 7500);
}

// ascentoptics.com: the transceivers of 128 DGX H100 exceed 1.5 million USD at NVIDIA's list price.
TEST(Bill, TransceiversOfAThousandGpusCostMillions) {
  const Catalog catalog(kCatalog);
  units::Usd sum;
  for (const BillLine& line :
       compute_bill(catalog.cluster({"superpod-h100", 1024, {}, {}})).lines) {
    sum += line.role == Role::Transceiver ? *line.price() : units::Usd{};
  }
  EXPECT_GT(sum, units::usd(1.5e6));
  EXPECT_LT(sum, units::usd(3.0e6));
}

// Two tiers of NDR take 95 W per GPU with the NIC, three 135 W (4 and 6 transceiver ends of 8.5 W,
// 3/64 and 5/64 switches of 747 W, 25 W for the card). The end at the NIC takes 9 W here.
TEST(Bill, PowerPerGpuIsThatOfTwoAndThreeTiersOfNdr) {
  const Catalog catalog(kCatalog);
  for (const auto& [gpus, expected] : {std::pair(2048, 95.0), std::pair(16384, 135.0)}) {
    const Bill bill = compute_bill(catalog.cluster({"superpod-h100", gpus, {}, {}}));
    EXPECT_NEAR((bill.network_power().sum + bill.node_power().sum) / units::watts(gpus), expected,
                1.0);
  }
}

TEST(Bill, ARackOfNvl72HasItsCopper) {
  const Catalog catalog(kCatalog);
  for (const std::string name : {"gb200-nvl72", "superpod-gb200"}) {
    const auto spec = catalog.cluster({name, 72, {}, {}});
    long trays = 0, cables = 0, ports = 0;
    for (const BillLine& line : topology::bill_of_materials(spec).lines) {
      if (line.use == NetworkUse::ScaleUp) {
        trays += line.role == Role::ScaleUpSwitch ? line.count : 0;
        ports += line.ports_used;
        cables += line.role == Role::Cable ? line.count : 0;
      }
    }
    EXPECT_EQ(trays, 9) << name;
    EXPECT_EQ(ports, 72 * 18) << name;
    EXPECT_EQ(cables, 5184) << name;
  }
}

TEST(Bill, SuperPodsHaveStorageAndFrontEndNetworks) {
  const Catalog catalog(kCatalog);
  for (const std::string name :
       {"superpod-a100", "superpod-h100", "superpod-b200", "superpod-gb200"}) {
    const auto spec = catalog.cluster({name, {}, {}, {}});
    ASSERT_TRUE(spec.storage_network && spec.front_end_network) << name;
    EXPECT_EQ(spec.storage_network->node_bandwidth, units::gigabytes_per_second(40)) << name;
    long storage = 0, front_end = 0;
    for (const BillLine& line : topology::bill_of_materials(spec).lines) {
      storage += line.use == NetworkUse::Storage && line.role == Role::Leaf ? line.count : 0;
      front_end += line.use == NetworkUse::FrontEnd && line.role == Role::Leaf ? line.count : 0;
    }
    EXPECT_GT(storage, 0) << name;
    EXPECT_GT(front_end, 0) << name;
  }
}

TEST(Bill, PowerFollowsOverrides) {
  const Catalog catalog(kCatalog);
  const auto base = catalog.cluster({"superpod-h100", 1024, {}, {}});
  const auto more = catalog.cluster({"superpod-h100", 1024, {}, {{"switch.power", "1747 W"}}});
  // 32 leaves and 16 spines, each of them 1 kW more.
  EXPECT_NEAR((*more.network_power - *base.network_power).in(units::watts(1)), 48e3, 1e-6);
}

}  // namespace
