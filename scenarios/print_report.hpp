#pragma once
// A prediction as a table for people or as JSON for programs (keys: DESIGN, `simulate --json`).
#include <string_view>
#include <vector>

#include "scenarios/explained.hpp"
#include "scenarios/figure_sources.hpp"
#include "scenarios/predict.hpp"
#include "scenarios/simulate.hpp"

namespace scenarios {

/// What a step works on: "tokens", or "samples" for models of towers.
std::string_view counted(const sim::StepReport& report);

/// To stdout. `sources`: of its figures, for programs.
void print_prediction(const Prediction& prediction, OutputFormat format,
                      const std::vector<FigureSource>& sources = {});
void print_explained(const std::vector<Explained>& values, OutputFormat format);

}  // namespace scenarios
