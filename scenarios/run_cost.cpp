// What the cluster of a scenario costs on its terms: from catalog prices and the bill of materials.
#include <algorithm>

#include <fmt/format.h>

#include "scenarios/run.hpp"
#include "scenarios/run_entries.hpp"
#include "topology/bill_of_materials.hpp"

namespace scenarios {

namespace {

using sim::CostLine;
using units::Seconds;
using units::Usd;

/// Storage to buy where the scenario does not say: 1 to 4 % of a cluster's price.
constexpr double kTerabytesPerAccelerator = 2.0;
constexpr double kTerabyte = 1e12;

/// The latest price; of the same date the lowest.
std::optional<PriceEntry> best_price(const Catalog& catalog, std::string_view terms,
                                     std::string_view accelerator, const std::string& provider) {
  std::optional<PriceEntry> best;
  for (PriceEntry& p : prices_for(catalog, terms, accelerator)) {
    if (!provider.empty() && p.source.provider != provider) {
      continue;
    }
    const auto later = [](const PriceEntry& a, const PriceEntry& b) {
      return a.source.from.as_of != b.source.from.as_of
                 ? a.source.from.as_of > b.source.from.as_of
                 : a.per_accelerator_hour < b.per_accelerator_hour;
    };
    if (!best || later(p, *best)) {
      best = std::move(p);
    }
  }
  return best;
}

struct Rate {
  units::UsdPerSecond price{};
  sim::PriceSource source{};
};

std::optional<Rate> rental_rate(const Scenario& s, const Catalog& catalog, Terms terms,
                                std::vector<std::string>& warnings) {
  const PurchaseConditions& buy = s.buying;
  if (buy.price) {
    return Rate{*buy.price,
                {.provider = buy.provider.empty() ? "as given" : buy.provider,
                 .region = buy.region,
                 .from = {.source = buy.price_source, .as_of = {}}}};
  }
  const std::string provider = buy.owned ? std::string() : buy.provider;
  const auto entry = best_price(catalog, name(terms), s.cluster.accelerator.id, provider);
  if (!entry) {
    warnings.push_back(fmt::format(
        "the catalog has no {} price{} for {}: give one with purchase.price (gpuplan catalog "
        "prices)",
        name(terms), provider.empty() ? "" : " of " + provider, s.cluster.accelerator.id));
    return std::nullopt;
  }
  return Rate{entry->per_accelerator_hour, entry->source};
}

/// The bill of materials, or nothing where the fabric cannot be counted.
std::optional<topology::Bill> network_bill(const topology::ClusterSpec& spec,
                                           std::vector<std::string>& warnings) {
  try {
    topology::Bill bill = topology::bill_of_materials(spec);
    if (const int unknown = bill.network_price().unknown_lines; unknown > 0) {
      warnings.push_back(fmt::format(
          "{} lines of the network's bill have no known price and are left out", unknown));
    }
    return bill;
  } catch (const topology::InputError& e) {
    warnings.push_back(fmt::format("the network is not priced: {}", e.what()));
    return std::nullopt;
  }
}

/// Owning `accelerators` of the scenario's kind; nothing where the servers have no price.
std::optional<CostLine> owning(const Scenario& s, const Catalog& catalog, int accelerators,
                               int spare_nodes, const sim::StepPower& power, units::Bytes data,
                               std::vector<std::string>& warnings) {
  const PurchaseConditions& buy = s.buying;
  const auto server = best_price(catalog, "on-premises", s.cluster.accelerator.id, {});
  if (!server && !buy.server_price) {
    warnings.push_back(
        fmt::format("the catalog has no price of a server with {}: give purchase.server_price",
                    s.cluster.accelerator.id));
    return std::nullopt;
  }
  const double share = static_cast<double>(accelerators) / s.cluster.gpus;
  const auto bill = network_bill(s.cluster, warnings);
  sim::OwnedCluster c;
  c.accelerators = accelerators + spare_nodes * s.cluster.gpus_per_node;
  c.per_accelerator = buy.server_price ? *buy.server_price : server->per_accelerator;
  c.hardware = buy.server_price
                   ? sim::PriceSource{.provider = "as given",
                                      .region = buy.region,
                                      .from = {.source = buy.price_source, .as_of = {}}}
                   : server->source;
  // A part of the cluster is bought with its part of the network.
  topology::Bill part;
  if (bill) {
    part = *bill;
    for (topology::BillLine& line : part.lines) {
      line.count = static_cast<long>(static_cast<double>(line.count) * share + 0.5);
    }
    c.network = &part;
  }
  c.storage_tb = buy.storage
                     ? buy.storage->base() / kTerabyte
                     : std::max(kTerabytesPerAccelerator * accelerators, data.base() / kTerabyte);
  c.storage_per_tb = s.whole_run.storage_price_per_tb;
  c.storage = s.whole_run.storage_source;
  c.critical = share * site_power(s, spare_nodes);
  c.mean = share * power.cluster * buy.utilisation +
           share * sim::idle_power(s.cluster, power.network) * (1.0 - buy.utilisation);
  c.pue = buy.pue;
  c.electricity = buy.grid.price;
  c.grid = buy.grid.source;
  c.habits = buy.habits;
  c.years = buy.years;
  if (buy.terms == Terms::Colocation) {
    if (const auto space = best_price(catalog, "colocation", {}, buy.provider)) {
      c.per_kw_month = space->per_kw_month;
      c.space = space->source;
    } else {
      warnings.push_back(
          fmt::format("the catalog has no colocation price of {}; an own building is "
                      "counted instead",
                      buy.provider));
    }
  }
  return sim::cost_of_owning(c);
}

/// What the data itself costs; storage is rented where the accelerators are.
CostLine data_cost(const RunData& data, Seconds duration, bool rented) {
  std::vector<CostLine> lines = data.prices;
  if (rented && data.storage_tb_month.amount > Usd{}) {
    const double months = 12 * duration.in(units::years(1));
    lines.push_back(sim::cost_line("storage of the data", data.stored.base() / kTerabyte * months,
                                   "TB-month", data.storage_tb_month.amount,
                                   data.storage_tb_month.source));
  }
  return sim::cost_sum("data", std::move(lines));
}

}  // namespace

units::Watts site_power(const Scenario& s, int spare_nodes) {
  // 82 % of the name plate is what an HGX H100 draws at most, arXiv 2412.08602.
  constexpr double kMostOfRating = 0.82;
  const topology::ClusterSpec& c = s.cluster;
  const units::Watts full =
      static_cast<double>(c.gpus_per_node) * c.accelerator.tdp + c.node_overhead_power;
  const units::Watts rating = s.buying.node_rating ? *s.buying.node_rating : full / kMostOfRating;
  return sim::critical_power(c, rating) + static_cast<double>(spare_nodes) * rating;
}

sim::CostLine RunCost::bill() const {
  if (cluster.cents == 0) {
    return run;
  }
  return data.cents == 0 ? cluster : sim::cost_sum("cluster and data", {cluster, data});
}

RunCost run_cost(const Scenario& s, const Catalog& catalog, const sim::StepPower& power,
                 Seconds duration, int spare_nodes, const std::optional<RunData>& data,
                 std::vector<std::string>& warnings) {
  const PurchaseConditions& buy = s.buying;
  RunCost cost;
  const bool owned_terms = buy.terms == Terms::OnPremises || buy.terms == Terms::Colocation;
  const int spares = spare_nodes * s.cluster.gpus_per_node;
  const int owned = !owned_terms ? 0 : std::min(buy.owned.value_or(s.cluster.gpus), s.cluster.gpus);
  const int rented = s.cluster.gpus - owned + (owned > 0 ? 0 : spares);
  const Seconds writing = data ? data->synthesis() : Seconds{};  // the same cluster writes first
  const double hours = (duration + writing).in(units::hours(1));
  std::vector<CostLine> lines;
  units::UsdPerSecond rate;
  bool known = true;
  if (owned > 0) {
    if (auto cluster = owning(s, catalog, owned, spare_nodes, power,
                              data ? data->stored : units::Bytes{}, warnings)) {
      cost.cluster = std::move(*cluster);
      const double used_hours = buy.years * 8760.0 * buy.utilisation;
      const Usd per_hour = cost.cluster.amount() / used_hours;
      lines.push_back(
          sim::cost_line("share of the owned cluster", hours, "hour", per_hour,
                         {.provider = "owner",
                          .region = buy.region,
                          .from = {.source = fmt::format("its {:g} years at {:g} % use", buy.years,
                                                         100 * buy.utilisation),
                                   .as_of = {}}}));
      rate += per_hour / units::hours(1);
    } else {
      known = false;
    }
  }
  if (rented > 0) {
    if (const auto price =
            rental_rate(s, catalog, owned_terms ? buy.peak_terms : buy.terms, warnings)) {
      lines.push_back(sim::cost_of_renting(rented, hours, price->price, price->source));
      rate += static_cast<double>(rented) * price->price;
    } else {
      known = false;
    }
  }
  if (data) {
    cost.data = data_cost(*data, duration + data->preparation(), owned == 0);
    if (cost.data.cents > 0) {
      lines.push_back(cost.data);
    }
  }
  cost.run = sim::cost_sum("run", std::move(lines));
  if (known) {
    cost.rate = rate;
  }
  return cost;
}

std::optional<units::UsdPerSecond> hourly_price(const Scenario& scenario, const Catalog& catalog,
                                                const sim::StepPower& power) {
  std::vector<std::string> ignored;
  return run_cost(scenario, catalog, power, units::hours(1), 0, {}, ignored).rate;
}

}  // namespace scenarios
