#pragma once
// What figure_sources() says of a figure in every scenario. Private to this room.
#include <span>
#include <string_view>

namespace scenarios {

/// Measurements behind a figure, as flags.
enum Measurements : unsigned {
  kNothing = 0,
  kGemms = 1,
  kAttention = 2,
  kMemoryKernels = 4,
  kCollectives = 8,
  kSteps = 16,  ///< published training runs
  kKernels = kGemms | kAttention | kMemoryKernels | kCollectives | kSteps
};

/// A row of the tables. Lists are words with blanks between them.
struct Figure {
  std::string_view name, title;
  std::string_view unit;
  std::string_view what, formula, from;
  /// Paths of --explain; a path stands for all below it. {precision}: the one whose peak counts.
  std::string_view inputs;
  std::string_view fitted;  ///< names in sim::kStepParameters
  unsigned measured = kNothing;
  std::string_view uncertainty;
};

std::span<const Figure> step_figures();    ///< headlines, memory, power, money, network
std::span<const Figure> part_figures();    ///< "gemm", ...: of the breakdown and the waterfall
std::span<const Figure> memory_figures();  ///< "parameters", ...
std::span<const Figure> run_figures();

}  // namespace scenarios
