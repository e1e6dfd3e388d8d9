#pragma once
// How much each varied value of a sweep moves a figure. Private to this room.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/sweep/store.hpp"

namespace scenarios {

/// The figure with one value of the scenario at its ends.
struct TornadoBar {
  std::string axis;
  std::optional<double> low, high;  ///< nothing where that point has no result
  std::string low_setting, high_setting;
  [[nodiscard]] double span(double base) const {
    return std::max(low ? std::abs(*low - base) : 0.0, high ? std::abs(*high - base) : 0.0);
  }
};
struct Tornado {
  double base = 0.0;             ///< of the scenario itself
  std::vector<TornadoBar> bars;  ///< the widest first
};

/// Shares of the variance that a value explains alone, and in all with others.
struct SobolIndex {
  std::string axis;
  double first = 0.0, total = 0.0;
};
struct SobolIndices {
  double mean = 0.0, standard_deviation = 0.0;
  std::size_t blocks = 0;           ///< samples, those without all results left out
  std::vector<SobolIndex> indices;  ///< by total, the largest first
};

enum class SampleKind { Tornado, Sensitivity, Other };
SampleKind sample_of(const Store& store);

/// @pre sample_of(store) is Tornado  @throws InputError where the scenario itself has no result
Tornado tornado(const Store& store, std::string_view metric);

/// First-order and total indices. Source: Jansen's estimators, Saltelli et al., Comput. Phys.
/// Commun. 181 (2010), table 2, (c) and (f). Blocks with a point that has no result are left out.
/// @pre sample_of(store) is Sensitivity  @throws InputError where too few blocks are whole
SobolIndices sobol_indices(const Store& store, std::string_view metric);

}  // namespace scenarios
