#pragma once
// A prediction as a table for people or as JSON for programs (keys: DESIGN, `simulate --json`).
#include <vector>

#include "scenarios/explained.hpp"
#include "scenarios/predict.hpp"
#include "scenarios/simulate.hpp"

namespace scenarios {

/// To stdout.
void print_prediction(const Prediction& prediction, OutputFormat format);
void print_explained(const std::vector<Explained>& values, OutputFormat format);

}  // namespace scenarios
