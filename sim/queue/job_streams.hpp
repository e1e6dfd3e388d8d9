#pragma once
// Where the jobs of a shared cluster come from: random arrivals and searches for hyper-parameters.
#include <cstdint>
#include <vector>

#include "sim/queue/cluster_queue.hpp"

namespace sim {

/// A kind of job among those that arrive.
struct JobClass {
  double weight = 1.0;  ///< share of the arrivals, relative to the other classes
  int gpus = 8;
  units::Seconds mean_runtime;
  double spread = 1.0;  ///< of runtimes: coefficient of variation; 0 fixed, 1 exponential, else
                        ///< log-normal
  double estimate_factor = 1.0;  ///< what owners ask for, over the runtime
  int priority = 0;
  int kind = 0;  ///< of its jobs
};

/// Poisson arrivals. Same seed, same jobs.
struct Arrivals {
  double per_second = 0;
  units::Seconds from{}, until{};
  std::uint64_t seed = 1;
};
std::vector<QueuedJob> poisson_jobs(const Arrivals& arrivals, const std::vector<JobClass>& classes);

/// Successive halving: `trials` configurations train for `first` each, the best 1/keep of them go
/// on to keep times as long, and so on until one is left. A rung begins when the one before it has
/// ended. keep = 1: all trials once, no halving.
/// Source: Jamieson and Talwalkar, AISTATS 2016; Li et al., JMLR 18(185), 2018, algorithm 1.
struct TrialSearch {
  units::Seconds start{};
  int trials = 27;
  int keep = 3;
  int gpus = 8;  ///< of one trial
  units::Seconds first;
  int priority = 0;
  int kind = 0;
};
/// Appends the search's jobs; groups are numbered from `next_group` on, which is returned
/// increased.
int append_search(const TrialSearch& search, int next_group, std::vector<QueuedJob>& jobs);

}  // namespace sim
