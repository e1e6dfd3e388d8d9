#include "sim/run/cost.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "topology/error.hpp"

namespace sim {

using units::Usd;
using units::usd;

namespace {

constexpr double kHoursPerYear = 8760.0;

std::int64_t cents_of(double quantity, Usd price) {
  const double cents = quantity * price.base() * 100.0;
  topology::expects(std::abs(cents) < 9e16, "an amount is below 9e16 cents");
  return std::llround(cents);
}

std::int64_t sum_of(const std::vector<CostLine>& parts) {
  std::int64_t sum = 0;
  for (const CostLine& part : parts) {
    sum += part.cents;
  }
  return sum;
}

/// Network parts that are bought apart from the servers, alike ones together.
std::vector<CostLine> network_lines(const topology::Bill& bill) {
  std::vector<CostLine> lines;
  for (const topology::BillLine& l : bill.lines) {
    if (l.with_node || !l.unit_price) {
      continue;
    }
    const std::string what = std::string(topology::name(l.use)) +
                             " network: " + std::string(topology::name(l.role)) + " " + l.item;
    bool joined = false;
    for (CostLine& known : lines) {
      if (known.what == what && known.unit_price == *l.unit_price) {
        known = cost_line(what, known.quantity + static_cast<double>(l.count), known.unit,
                          known.unit_price, known.source);
        joined = true;
      }
    }
    if (!joined) {
      lines.push_back(cost_line(what, static_cast<double>(l.count), "piece", *l.unit_price,
                                {.provider = "market", .region = "any", .from = l.price_from}));
    }
  }
  return lines;
}

CostLine hardware_of(const OwnedCluster& c) {
  std::vector<CostLine> parts{
      cost_line("servers", c.accelerators, "accelerator", c.per_accelerator, c.hardware)};
  if (c.network != nullptr) {
    auto network = network_lines(*c.network);
    if (!network.empty()) {
      parts.push_back(cost_sum("network", std::move(network)));
    }
  }
  if (c.storage_tb > 0 && c.storage_per_tb > Usd{}) {
    parts.push_back(cost_line("storage", c.storage_tb, "TB", c.storage_per_tb, c.storage));
  }
  return cost_sum("hardware", std::move(parts));
}

/// What borrowing the price costs above the price itself.
double interest(double price, double left, double rate, double years) {
  if (rate <= 0) {
    return 0.0;
  }
  const double annuity =
      (price - left / std::pow(1.0 + rate, years)) * rate / (1.0 - std::pow(1.0 + rate, -years));
  return annuity * years - (price - left);
}

}  // namespace

CostLine cost_line(std::string what, double quantity, std::string unit, Usd unit_price,
                   PriceSource source) {
  return {.what = std::move(what),
          .quantity = quantity,
          .unit = std::move(unit),
          .unit_price = unit_price,
          .source = std::move(source),
          .cents = cents_of(quantity, unit_price)};
}

CostLine cost_sum(std::string what, std::vector<CostLine> parts) {
  CostLine line;
  line.what = std::move(what);
  line.parts = std::move(parts);
  line.cents = sum_of(line.parts);
  return line;
}

bool adds_up(const CostLine& line) {
  if (line.parts.empty()) {
    return line.cents == cents_of(line.quantity, line.unit_price);
  }
  for (const CostLine& part : line.parts) {
    if (!adds_up(part)) {
      return false;
    }
  }
  return line.cents == sum_of(line.parts);
}

double residual_share(double after_three, double years) {
  return after_three <= 0 ? 0.0 : std::pow(after_three, years / 3.0);
}

CostLine cost_of_owning(const OwnedCluster& c) {
  const Ownership& h = c.habits;
  const CostLine hardware = hardware_of(c);
  const double price = hardware.amount().base();
  const double kept = residual_share(h.residual, c.years);
  std::vector<CostLine> parts{hardware};
  const auto share = [&](const char* what, double times, const char* unit) {
    if (times != 0) {
      parts.push_back(cost_line(what, times, unit, usd(price), h.source));
    }
  };
  share("spare parts", h.spares, "of the hardware");
  share("installation", h.installation, "of the hardware");
  share("support contract", h.support * c.years, "of the hardware");
  share("residual value", -kept, "of the hardware");
  share("cost of capital", interest(1.0, kept, h.cost_of_capital, c.years), "of the hardware");
  const double kilowatts = c.critical.base() / 1000.0;
  if (c.per_kw_month > Usd{}) {
    parts.push_back(
        cost_line("colocation", kilowatts * c.years * 12.0, "kW-month", c.per_kw_month, c.space));
  } else {
    const double written_off = std::min(1.0, c.years / h.facility_years);
    parts.push_back(cost_line("building, power and cooling", kilowatts * written_off, "kW",
                              h.facility_per_kw, h.source));
    const double lent = interest(1.0, 1.0 - written_off, h.cost_of_capital, c.years);
    if (lent > 0) {
      parts.push_back(cost_line("cost of capital of the building", kilowatts * lent, "kW",
                                h.facility_per_kw, h.source));
    }
  }
  const double kilowatt_hours = c.mean.base() / 1000.0 * c.pue * c.years * kHoursPerYear;
  parts.push_back(cost_line("electricity", kilowatt_hours, "kWh",
                            c.electricity * units::kilowatt_hours(1), c.grid));
  parts.push_back(cost_line("staff", c.accelerators / h.accelerators_per_person * c.years,
                            "person-year", h.person_year, h.source));
  return cost_sum("owning", std::move(parts));
}

CostLine cost_of_renting(int accelerators, double hours, units::UsdPerSecond per_accelerator,
                         PriceSource source) {
  return cost_line("rent", accelerators * hours, "accelerator-hour",
                   per_accelerator * units::hours(1), std::move(source));
}

}  // namespace sim
