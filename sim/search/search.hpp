#pragma once
// The best layouts of a job on its cluster, by closed form over all of them.
#include <cstdint>
#include <vector>

#include "sim/search/layout_space.hpp"
#include "sim/training_job.hpp"
#include "topology/units.hpp"

namespace sim {

enum class SearchGoal { Time, Memory, Energy };

struct SearchOptions {
  SearchGoal goal = SearchGoal::Time;
  std::size_t top = 10;  ///< layouts to keep besides the Pareto front
  unsigned threads = 1;  ///< the result does not depend on it
};

/// A layout that fits, and what it costs.
struct ScoredLayout {
  LayoutChoice choice;
  units::Seconds step;
  units::Bytes memory;   ///< of the heaviest rank
  units::Joules energy;  ///< of one step, nodes and network
  double mfu = 0.0;
  std::uint64_t number = 0;  ///< in the order of the search; breaks ties
};

struct SearchResult {
  std::vector<ScoredLayout> best;    ///< by the goal, best first
  std::vector<ScoredLayout> pareto;  ///< nothing is better in time, memory and energy; by time
  /// The layout that misses the memory by least, where none fits.
  LayoutChoice smallest;
  units::Bytes smallest_memory;
  std::uint64_t considered = 0;  ///< different layouts whose degrees and batch make up the whole
  std::uint64_t invalid = 0;     ///< ... that cannot train the model (sim/plan/layout_rules.hpp)
  std::uint64_t too_large = 0;   ///< ... that do not fit
  [[nodiscard]] std::uint64_t timed() const { return considered - invalid - too_large; }
};

/// Looks at every layout of `space`. What is skipped cannot win: memory never shrinks when the
/// micro-batch grows, so once one does not fit no larger one is looked at. Each thread holds the
/// layer costs of the tp, cp, ep and micro-batches that it met.
/// @pre `base` names model, training, framework and cluster; its layout is not looked at but for
/// the kind of context parallelism.
SearchResult search_layouts(const TrainingJob& base, const Profiles& profiles,
                            const LayoutSpace& space, const SearchOptions& options);

}  // namespace sim
