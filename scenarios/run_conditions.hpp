#pragma once
// The whole run and its purchase as a scenario words them: keys run and purchase, names resolved
// against the catalog.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/run/checkpoint.hpp"
#include "sim/run/cost.hpp"
#include "sim/run/energy.hpp"
#include "sim/run/reliability.hpp"
#include "sim/run/run_model.hpp"
#include "topology/error.hpp"

namespace scenarios {

struct RunConditions {
  bool given = false;  ///< the scenario has a key run
  double tokens = 0;   ///< 0: `steps` counts
  long steps = 0;
  sim::CheckpointMode mode = sim::CheckpointMode::Asynchronous;
  std::optional<units::Seconds> interval{};  ///< nothing: optimal
  sim::Storage storage{};
  units::Usd storage_price_per_tb{};
  sim::PriceSource storage_source{};
  units::BytesPerSecond ingest{};  ///< of data loading, from the same storage
  std::string failures{};          ///< catalog name, or "none"
  std::vector<sim::FailureKind> kinds{};
  std::string recovery{};
  sim::Recovery practice{};
  std::optional<int> spares{};  ///< nodes; nothing: enough that waiting costs less than 0.1 %
  sim::Spares spare_kind = sim::Spares::Hot;
  sim::OnLoss on_loss = sim::OnLoss::Wait;
  std::uint64_t seed = 1;
  int runs = 1000;
};

enum class Terms { OnPremises, Colocation, OnDemand, Reserved, Spot, Managed };
std::string_view name(Terms terms);  ///< "on-premises"
std::optional<Terms> terms_from_name(std::string_view name);

struct PurchaseConditions {
  bool given = false;
  Terms terms = Terms::OnPremises;
  Terms peak_terms = Terms::OnDemand;  ///< of the accelerators that are not `owned`
  std::string provider{};              ///< empty: any
  std::string region{};
  double years = 3;
  double utilisation = 1;  ///< share of an owned cluster's life that jobs use
  std::optional<units::UsdPerSecond>
      price{};  ///< of one rented accelerator, instead of the catalog's
  std::string price_source{};
  std::optional<units::Usd> server_price{};  ///< of one accelerator to buy
  std::optional<int> owned{};                ///< accelerators; nothing: all
  std::optional<units::Bytes> storage{};
  sim::Grid grid{};
  std::string cooling{};
  double pue = 1;
  sim::Ownership habits{};
  std::optional<units::Watts> node_rating{};  ///< name plate of the node, where known
};

}  // namespace scenarios
