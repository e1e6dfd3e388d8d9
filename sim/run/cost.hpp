#pragma once
// Money as trees of lines: every total is the exact sum of its lines, to the cent.
#include <cstdint>
#include <string>
#include <vector>

#include "sim/run/quantities.hpp"
#include "topology/bill_of_materials.hpp"
#include "topology/hardware.hpp"
#include "topology/units.hpp"

namespace sim {

/// Who asks a price, where it holds, and where it was read.
struct PriceSource {
  std::string provider{};
  std::string region{};
  topology::Provenance from{};
};

/// A line of a bill. A leaf is quantity x unit price, rounded to the cent once; any other line is
/// the sum of its parts.
struct CostLine {
  std::string what{};
  double quantity = 0;
  std::string unit{};  ///< "accelerator", "kWh"; empty for sums
  units::Usd unit_price{};
  PriceSource source{};
  std::int64_t cents = 0;
  std::vector<CostLine> parts{};
  [[nodiscard]] units::Usd amount() const { return units::usd(static_cast<double>(cents) / 100.0); }
};

/// @throws std::logic_error for an amount above 9e16 cents.
CostLine cost_line(std::string what, double quantity, std::string unit, units::Usd unit_price,
                   PriceSource source);
CostLine cost_sum(std::string what, std::vector<CostLine> parts);
/// Whether every line is what it says: leaves quantity x price, sums the sum of their parts.
bool adds_up(const CostLine& line);

/// What owning takes beside hardware and electricity. Shares are of the hardware's price.
struct Ownership {
  double support = 0;       ///< per year
  double spares = 0;        ///< once
  double installation = 0;  ///< once
  double accelerators_per_person = 1000;
  units::Usd person_year{};
  units::Usd facility_per_kw{};  ///< of critical IT power
  double facility_years = 15;
  double cost_of_capital = 0;  ///< per year
  double residual = 0;         ///< left after three years
  PriceSource source{};
};

/// A cluster to own, or to place in somebody's hall.
struct OwnedCluster {
  int accelerators = 0;  ///< with spares
  units::Usd per_accelerator{};
  PriceSource hardware{};
  const topology::Bill* network = nullptr;  ///< its lines; prices that nobody knows are left out
  double storage_tb = 0;
  units::Usd storage_per_tb{};
  PriceSource storage{};
  units::Watts critical{};  ///< IT power that the site must provide
  units::Watts mean{};      ///< IT power drawn
  double pue = 1.0;
  units::UsdPerJoule electricity{};
  PriceSource grid{};
  units::Usd per_kw_month{};  ///< colocation; 0: an own facility
  PriceSource space{};
  Ownership habits{};
  double years = 3;
};

/// Share of its price that hardware keeps: `after_three` to the power years / 3.
double residual_share(double after_three, double years);

/// All payments over `years`. Interest is what an annuity costs above the price:
///   A = (P - S / (1 + r)^n) r / (1 - (1 + r)^-n),  interest = n A - (P - S),
/// with P the price, S the residual value, r the cost of capital.
/// Lines: hardware less residual value, interest, site or space, electricity, staff, support.
CostLine cost_of_owning(const OwnedCluster& cluster);

/// `accelerators` for `hours`.
CostLine cost_of_renting(int accelerators, double hours, units::UsdPerSecond per_accelerator,
                         PriceSource source);

}  // namespace sim
