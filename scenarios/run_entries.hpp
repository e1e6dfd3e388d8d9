#pragma once
// Catalog entries that whole runs need. The documents have passed their schemas. Private to this
// room.
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/catalog.hpp"
#include "scenarios/document.hpp"
#include "scenarios/explained.hpp"
#include "sim/data/dataset.hpp"
#include "sim/run/checkpoint.hpp"
#include "sim/run/cost.hpp"
#include "sim/run/energy.hpp"
#include "sim/run/reliability.hpp"

namespace scenarios {

std::vector<sim::FailureKind> read_failures(const Document& entry, const std::string& id,
                                            std::vector<Explained>* explained);
/// The entry of `failures` that names `accelerator`; "generic" where none does.
std::string failures_for(const Catalog& catalog, std::string_view accelerator);
sim::Recovery read_recovery(const Document& entry, const std::string& id,
                            std::vector<Explained>* explained);

/// A storage system and what it costs.
struct StorageEntry {
  sim::Storage storage{};
  units::Usd price_per_tb{};  ///< 0: not known
  sim::PriceSource source{};
  sim::DataPrice per_tb_month{};  ///< rented
};
StorageEntry read_storage(const Document& entry, const std::string& id,
                          std::vector<Explained>* explained);
sim::Dataset read_dataset(const Document& entry, const std::string& id,
                          std::vector<Explained>* explained);
sim::Grid read_grid(const Document& entry, const std::string& id,
                    std::vector<Explained>* explained);
double read_pue(const Document& entry, const std::string& id, std::vector<Explained>* explained);
sim::Ownership read_ownership(const Document& entry, const std::string& id,
                              std::vector<Explained>* explained);

/// One price, in the unit that its terms have.
struct PriceEntry {
  std::string id{};
  std::string terms{}, accelerator{};
  units::UsdPerSecond per_accelerator_hour{};
  units::Usd per_accelerator{};
  units::Usd per_kw_month{};
  sim::PriceSource source{};
};
PriceEntry read_price(const Document& entry, const std::string& id,
                      std::vector<Explained>* explained);
/// All prices of these terms for `accelerator` (colocation has none), by name.
std::vector<PriceEntry> prices_for(const Catalog& catalog, std::string_view terms,
                                   std::string_view accelerator);

}  // namespace scenarios
