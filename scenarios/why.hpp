#pragma once
// `--why FIGURE`, and the key `sources` of `--json`. Private to this room (it shows JSON).
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "scenarios/figure_sources.hpp"
#include "scenarios/simulate.hpp"

namespace scenarios {

struct Prediction;
struct RunPlan;

nlohmann::ordered_json prediction_json(const Prediction& prediction);  ///< of `simulate --json`
nlohmann::ordered_json run_json(const RunPlan& plan);                  ///< of `run --json`

/// `figures`: by name title, unit, what, formula, from, uncertainty, inputs (paths) and measured;
/// `inputs`: path, value and source of all that any figure needs.
nlohmann::ordered_json sources_json(const std::vector<FigureSource>& sources);

/// Nothing for an empty name. @throws InputError naming the known figures where it is none.
std::optional<FigureSource> asked_source(const std::vector<FigureSource>& sources,
                                         const std::string& name);

/// A figure's number in an answer of `--json`, and its bounds where it has some.
struct FigureValue {
  std::optional<double> value{}, low{}, high{};
};
FigureValue value_in(const nlohmann::ordered_json& answer, const std::string& name);

/// To stdout: the figure's value in `answer`, and all that `source` says.
void print_why(const FigureSource& source, const nlohmann::ordered_json& answer,
               OutputFormat format);

}  // namespace scenarios
