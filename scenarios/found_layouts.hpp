#pragma once
// What a layout search found, as a table, as JSON, and as a scenario file.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.hpp"
#include "scenarios/simulate.hpp"
#include "sim/search/search.hpp"

namespace scenarios {

/// One of the top layouts; by flow simulation too, if that was asked for.
struct FoundLayout {
  sim::ScoredLayout layout;
  std::optional<units::Seconds> flow_step{};
  std::string trouble{};  ///< why flow simulation has no time
};

struct FoundLayouts {
  std::string scenario;
  int gpus = 0;
  int global_batch = 0;  ///< sequences
  units::Bytes capacity{};
  sim::SearchGoal goal = sim::SearchGoal::Time;
  std::vector<FoundLayout> best{};
  sim::SearchResult result{};
  unsigned threads = 1;
  double search_seconds = 0.0, wall_seconds = 0.0;
};

void print_found(const FoundLayouts& found, OutputFormat format);

/// A scenario over `base` with this layout, as YAML text; `file` is where it is going to stand.
std::string scenario_with(const sim::LayoutChoice& choice, const std::filesystem::path& base,
                          const std::filesystem::path& file, bool experts);

Scenario with_layout(Scenario scenario, const sim::LayoutChoice& choice);

/// "tp 8, pp 16 x 6, dp 32, micro-batch 1, full recomputation, zero1, sequence parallel"
std::string describe(const sim::LayoutChoice& choice);

/// The same as a JSON object: the value of every choice.
std::string choice_json(const sim::LayoutChoice& choice);

}  // namespace scenarios
