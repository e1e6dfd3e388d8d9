#pragma once
// The figures that a sweep keeps of each point: the columns of its store and of its exports.
#include <span>
#include <string_view>

#include "scenarios/predict.hpp"

namespace scenarios {

struct Metric {
  std::string_view name;  ///< with its unit, as `simulate --json` has it
  std::string_view prometheus;  ///< the same by Prometheus' rules: base unit last, spelled out
  std::string_view meaning;
  double (*of)(const Prediction& prediction);
};
std::span<const Metric> metrics();
/// @throws InputError naming the known ones.
const Metric& metric(std::string_view name);

}  // namespace scenarios
