#pragma once
// Where the figures of a result come from: what each is, its formula with the paper or document
// behind it, the inputs that went into it, what was measured, and how sure it is. The one place
// that knows; the command (`--why`, the key `sources` of `--json`) and the desktop only show it.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/explained.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario.hpp"

namespace scenarios {

enum class Answering { Simulate, Run };  ///< whose figures: `gpuplan simulate` or `gpuplan run`

/// All that is known of one figure but its value.
struct FigureSource {
  std::string name;     ///< key path in `--json`: "mfu", "breakdown_s.tp_comm"
  std::string title;    ///< "model FLOP/s utilisation"
  std::string unit;     ///< of the value in `--json`: "s"; "1": a count, "share": a fraction of 1
  std::string what;     ///< a sentence
  std::string formula;  ///< in words and symbols
  std::string from;     ///< paper, document or measurement behind the formula
  std::string uncertainty;            ///< what its low and high bound are, or why it has none
  std::vector<Explained> inputs;      ///< of the scenario, in its order
  std::vector<std::string> measured;  ///< profiles behind it: provenance, errors; and validation
};

/// Of every figure that the command can answer with, in the order of its answer.
/// @param store  has the profile that was used, if it is not the catalog's.
std::vector<FigureSource> figure_sources(Answering answering, const Scenario& scenario,
                                         ProfileStore& store);

/// The source of the figure `name`. A row of a table ("failures.hbm", "cost_cluster.servers") that
/// has none of its own has its table's, with the inputs of that row where they can be told apart.
std::optional<FigureSource> source_of(const std::vector<FigureSource>& sources,
                                      std::string_view name);

/// A value of a figure as people read it: "5.789 s", "45.1 %".
std::string figure_text(const FigureSource& source, double value);

}  // namespace scenarios
