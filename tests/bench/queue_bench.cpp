// Speed of the queue of a shared cluster: jobs of four sizes on 128 nodes at 85 % load.
#include <optional>
#include <vector>

#include <benchmark/benchmark.h>

#include "sim/queue/cluster_queue.hpp"
#include "sim/queue/job_streams.hpp"

namespace {

using units::hours;
using units::seconds;

constexpr int kNodes = 128;

/// About `jobs` arrivals, which ask for 85 % of the cluster on average.
std::vector<sim::QueuedJob> mix(int jobs) {
  const std::vector<sim::JobClass> classes{
      {.weight = 60, .gpus = 1, .mean_runtime = hours(0.5), .spread = 2, .priority = 1},
      {.weight = 30, .gpus = 8, .mean_runtime = hours(4), .spread = 2},
      {.weight = 9, .gpus = 32, .mean_runtime = hours(8), .spread = 2, .estimate_factor = 1.5},
      {.weight = 1, .gpus = 256, .mean_runtime = hours(12), .estimate_factor = 1.2}};
  double weight = 0;
  double gpu_seconds = 0;
  for (const sim::JobClass& c : classes) {
    weight += c.weight;
    gpu_seconds += c.weight * c.gpus * c.mean_runtime.base();
  }
  const double per_second = 0.85 * kNodes * 8 / (gpu_seconds / weight);
  return sim::poisson_jobs({.per_second = per_second, .until = seconds(jobs / per_second)},
                           classes);
}

void run(benchmark::State& state, const std::optional<sim::Preemption>& preemption) {
  const std::vector<sim::QueuedJob> jobs = mix(static_cast<int>(state.range(0)));
  sim::QueueCourse course;
  for (auto _ : state) {
    course = sim::run_queue({.nodes = kNodes, .gpus_per_node = 8, .nodes_per_leaf = 32}, jobs,
                            sim::QueuePolicy::Backfill, preemption);
  }
  state.counters["utilisation"] = course.utilisation;
  state.counters["preemptions"] = course.preemptions;
  state.counters["longest_queue"] = course.longest_queue;
  state.counters["jobs/s"] = benchmark::Counter(static_cast<double>(jobs.size()),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

void BM_Queue(benchmark::State& state) {
  run(state, {});
}
BENCHMARK(BM_Queue)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void BM_QueueWithPreemption(benchmark::State& state) {
  run(state, sim::Preemption{.checkpoint_every = hours(0.5), .restart = seconds(300)});
}
BENCHMARK(BM_QueueWithPreemption)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
