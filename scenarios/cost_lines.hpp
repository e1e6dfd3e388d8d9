#pragma once
// A bill as text and as JSON, to the cent. Private to this room (it shows JSON).
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/run/cost.hpp"

namespace scenarios {

/// A line of a bill as text.
struct BillRow {
  int depth = 0;
  std::string what, amount;
  std::string basis;   ///< of a leaf: "512 piece at 50,000.00 USD"
  std::string source;  ///< of a leaf: whose price, and of when
};
std::vector<BillRow> bill_rows(const sim::CostLine& bill);

/// A line for each line of the bill, indented: what, the amount, and for a leaf quantity, unit
/// price and whose price of when it is.
std::string cost_lines(const sim::CostLine& bill);

/// The same: `what`, `usd`, `cents`, and either `lines` or what a leaf's price is made of.
nlohmann::ordered_json cost_json(const sim::CostLine& bill);

}  // namespace scenarios
