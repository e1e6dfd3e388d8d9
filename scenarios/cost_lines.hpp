#pragma once
// A bill as text and as JSON, to the cent. Private to this room (it shows JSON).
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "sim/run/cost.hpp"

namespace scenarios {

/// A line for each line of the bill, indented: what, the amount, and for a leaf quantity, unit
/// price and whose price of when it is.
std::string cost_lines(const sim::CostLine& bill);

/// The same: `what`, `usd`, `cents`, and either `lines` or what a leaf's price is made of.
nlohmann::ordered_json cost_json(const sim::CostLine& bill);

}  // namespace scenarios
