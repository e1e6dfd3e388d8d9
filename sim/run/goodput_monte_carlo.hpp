#pragma once
// Many simulated courses of one run: how the finish date spreads.
#include <cstdint>
#include <vector>

#include "sim/run/run_model.hpp"
#include "topology/units.hpp"

namespace sim {

/// One course.
struct SimulatedRun {
  RunTime time;
  int interruptions = 0;  ///< all of them
  int unplanned = 0;
  bool finished = true;  ///< false: given up at MonteCarlo::give_up times the work
};

/// Course number `index` of seed `seed`. One event per interruption, checkpoints between them are
/// counted, not stepped through: O(interruptions log nodes away).
SimulatedRun simulate_run(const RunModel& model, std::uint64_t seed, std::uint64_t index);

struct MonteCarlo {
  std::uint64_t seed = 1;
  int runs = 1000;
  int threads = 0;  ///< 0: as many as the machine has
  /// A run that takes this many times its work will not end.
  static constexpr double kGiveUp = 100.0;
};

struct RunStatistics {
  int runs = 0;
  int unfinished = 0;
  RunTime mean;
  double interruptions = 0, unplanned = 0;  ///< means
  units::Seconds p5, p50, p95;              ///< of the wall time; nearest rank
  double ettr = 0;                          ///< work over the mean wall time
  double ettr_p5 = 0, ettr_p95 = 0;         ///< of single runs: p5 is the bad end
};

/// The same result for the same model, seed and number of runs, whatever the number of threads.
/// @pre runs > 0.
RunStatistics monte_carlo(const RunModel& model, const MonteCarlo& options);

}  // namespace sim
