#pragma once
// A bill as text, to the cent.
#include <string>

#include "sim/run/cost.hpp"

namespace scenarios {

/// A line for each line of the bill, indented: what, the amount, and for a leaf quantity, unit
/// price and whose price of when it is.
std::string cost_lines(const sim::CostLine& bill);

}  // namespace scenarios
