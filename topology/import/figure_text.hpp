#pragma once
// Figures as files carry them: short where that is exact, to the last bit otherwise.
#include <string>

#include "topology/units.hpp"

namespace topology {

std::string figure_text(units::BytesPerSecond rate);  ///< "400 Gbit/s"
std::string figure_text(units::Seconds time);         ///< "1.6 us"

}  // namespace topology
