#include "sim/queue/job_streams.hpp"

#include <cmath>

#include "sim/run/counter_random.hpp"

namespace sim {

using units::Seconds;

namespace {

constexpr double kPi = 3.14159265358979323846;

/// A runtime of the class, positive.
Seconds draw_runtime(const JobClass& c, CounterRandom& random) {
  const double mean = c.mean_runtime.base();
  if (c.spread <= 0.0) {
    return c.mean_runtime;
  }
  if (c.spread == 1.0) {
    return units::seconds(random.exponential(mean));
  }
  const double variance = std::log1p(c.spread * c.spread);  // of the logarithm
  const double radius = std::sqrt(-2.0 * std::log(random.uniform()));
  const double normal = radius * std::cos(2.0 * kPi * random.uniform());  // Box and Muller, 1958
  return units::seconds(mean * std::exp(std::sqrt(variance) * normal - variance / 2.0));
}

const JobClass& draw_class(const std::vector<JobClass>& classes, double total, double uniform) {
  double sum = 0.0;
  for (const JobClass& c : classes) {
    sum += c.weight;
    if (uniform * total <= sum) {
      return c;
    }
  }
  return classes.back();
}

}  // namespace

std::vector<QueuedJob> poisson_jobs(const Arrivals& a, const std::vector<JobClass>& classes) {
  std::vector<QueuedJob> jobs;
  double total = 0.0;
  for (const JobClass& c : classes) {
    total += c.weight;
  }
  if (a.per_second <= 0.0 || total <= 0.0) {
    return jobs;
  }
  CounterRandom gaps(a.seed, 0);
  CounterRandom choices(a.seed, 1);
  CounterRandom runtimes(a.seed, 2);
  double time = a.from.base();
  while ((time += gaps.exponential(1.0 / a.per_second)) < a.until.base()) {
    const JobClass& c = draw_class(classes, total, choices.uniform());
    const Seconds runtime = draw_runtime(c, runtimes);
    jobs.push_back({.arrival = units::seconds(time),
                    .runtime = runtime,
                    .estimate = runtime * c.estimate_factor,
                    .gpus = c.gpus,
                    .priority = c.priority,
                    .kind = c.kind});
  }
  return jobs;
}

int append_search(const TrialSearch& s, int next_group, std::vector<QueuedJob>& jobs) {
  int before = -1;
  double trained = 0.0;
  double goal = s.first.base();
  for (int trials = s.trials; trials > 0; trials = s.keep > 1 ? trials / s.keep : 0) {
    for (int i = 0; i < trials; ++i) {
      jobs.push_back({.arrival = s.start,
                      .runtime = units::seconds(goal - trained),
                      .gpus = s.gpus,
                      .priority = s.priority,
                      .group = next_group,
                      .after = before,
                      .kind = s.kind});
    }
    before = next_group++;
    trained = goal;  // survivors go on from their checkpoint
    goal *= s.keep;
  }
  return next_group;
}

}  // namespace sim
