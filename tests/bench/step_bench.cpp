// Speed of predicting a step: closed forms over the layouts of a search, and flow simulation of a
// whole cluster.
#include <algorithm>
#include <filesystem>
#include <vector>

#include <benchmark/benchmark.h>

#include "scenarios/catalog.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario.hpp"
#include "sim/engine/closed_form.hpp"
#include "sim/engine/flow.hpp"
#include "sim/memory/tensors.hpp"
#include "sim/search/search.hpp"
#include "sim/step/build.hpp"
#include "sim/step/layer_times.hpp"
#include "topology/cluster.hpp"

namespace {

using sim::TrainingJob;

/// GPT-3 175B on 4096 A100, batch 1536: the space of Calculon's search
/// (github.com/calculon-ai/calculon, SC'23): all powers of two for tp, all divisors for pp and dp,
/// micro-batch, interleaving, recomputation, sequence parallelism, optimizer sharding, and the
/// overlap switches.
std::vector<TrainingJob> search_space(const TrainingJob& base) {
  std::vector<TrainingJob> jobs;
  const int gpus = 4096;
  const int layers = base.model.layers;
  for (int tp = 1; tp <= 32; tp *= 2) {
    for (int pp = 1; pp <= layers; ++pp) {
      if (gpus % (tp * pp) != 0 || base.training.global_batch % (gpus / (tp * pp)) != 0) {
        continue;
      }
      const int dp = gpus / (tp * pp);
      const int local_batch = base.training.global_batch / dp;
      for (int v = 1; v <= (pp == 1 ? 1 : layers / pp); ++v) {
        for (int micro_batch = 1; micro_batch <= local_batch; ++micro_batch) {
          if (layers % (pp * v) != 0 || local_batch % micro_batch != 0 ||
              (v > 1 && (local_batch / micro_batch) % pp != 0)) {
            continue;
          }
          for (int switches = 0; switches < 96; ++switches) {
            TrainingJob j = base;
            j.layout = {.tp = tp, .pp = pp, .virtual_stages = v, .dp = dp};
            j.layout.schedule =
                v > 1 ? sim::Schedule::Interleaved : sim::Schedule::OneForwardOneBackward;
            j.layout.sequence_parallel = switches % 2 == 1;
            j.layout.sharding = switches / 2 % 2 == 1 ? sim::Sharding::Zero1 : sim::Sharding::Ddp;
            j.framework.overlap_tp = switches / 4 % 2 == 1;
            j.framework.overlap_grad_reduce = j.framework.overlap_param_gather =
                switches / 8 % 2 == 1;
            j.framework.overlap_p2p = switches / 16 % 2 == 1;
            j.training.recompute = static_cast<sim::Recompute>(switches / 32);
            j.training.micro_batch = micro_batch;
            jobs.push_back(std::move(j));
          }
        }
      }
    }
  }
  return jobs;
}

/// Memory check, StepGraph and closed form of every layout; those that do not fit end at the check.
void BM_ClosedFormLayouts(benchmark::State& state) {
  const scenarios::Catalog catalog = scenarios::Catalog::open();
  TrainingJob base;
  base.model = catalog.model("gpt3-175b");
  base.cluster = catalog.cluster(
      {.fabric = "superpod-a100", .gpus = 4096, .accelerator = {}, .overrides = {}});
  base.framework = catalog.framework("megatron");
  base.training.sequence_length = 2048;
  base.training.global_batch = 1536;
  scenarios::ProfileStore store(catalog.directory());
  const scenarios::DeviceModels& models = store.models(base.cluster.accelerator);
  const sim::Profiles profiles{.device = models.device, .collectives = models.collectives};
  const std::vector<TrainingJob> jobs = search_space(base);
  std::int64_t fitting = 0;
  double best = 1e300;
  for (auto _ : state) {
    sim::LayerTimesCache cache;
    fitting = 0;
    for (const TrainingJob& j : jobs) {
      if (!sim::memory_use(j).fits()) {
        continue;
      }
      ++fitting;
      best = std::min(best, sim::closed_form(sim::build_step(j, profiles, &cache)).step.base());
    }
    benchmark::DoNotOptimize(best);
  }
  state.counters["layouts"] = static_cast<double>(jobs.size());
  state.counters["fit"] = static_cast<double>(fitting);
  state.counters["best_step_s"] = best;
  state.counters["layouts/s"] = benchmark::Counter(static_cast<double>(jobs.size()),
                                                   benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_ClosedFormLayouts)->Unit(benchmark::kMillisecond);

/// The search of gpuplan search over the same model and cluster, one thread, rejected ones counted.
void BM_LayoutSearch(benchmark::State& state) {
  const scenarios::Catalog catalog = scenarios::Catalog::open();
  const std::filesystem::path example = std::filesystem::path(GPUPLAN_SOURCE_DIR) /
                                        "scenarios/examples/search/gpt3-175b-4096-a100.yaml";
  const TrainingJob job =
      scenarios::load_scenario(example, {}, catalog, scenarios::LayoutIs::Searched).job();
  scenarios::ProfileStore store(catalog.directory());
  const scenarios::DeviceModels& models = store.models(job.cluster.accelerator);
  sim::SearchResult found;
  for (auto _ : state) {
    found = sim::search_layouts(job, {.device = models.device, .collectives = models.collectives},
                                sim::full_space(job), {});
  }
  state.counters["layouts"] = static_cast<double>(found.considered);
  state.counters["timed"] = static_cast<double>(found.timed());
  state.counters["best_step_s"] = found.best.front().step.base();
  state.counters["layouts/s"] = benchmark::Counter(static_cast<double>(found.considered),
                                                   benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_LayoutSearch)->Unit(benchmark::kMillisecond);

/// The Llama-3.1 405B example: all replicas' flows. Argument: accelerators.
void BM_FlowSimulation405b(benchmark::State& state) {
  const auto gpus = static_cast<int>(state.range(0));
  const scenarios::Catalog catalog = scenarios::Catalog::open();
  const std::vector<std::string> sets{"cluster.gpus=" + std::to_string(gpus),
                                      "layout.dp=" + std::to_string(gpus / 128),
                                      "training.global_batch=" + std::to_string(gpus / 8),
                                      "cluster.overrides.spine_oversubscription=7"};
  const std::filesystem::path example =
      std::filesystem::path(GPUPLAN_SOURCE_DIR) / "scenarios/examples/llama3-405b-16k.yaml";
  const TrainingJob job =
      scenarios::load_scenario(example, gpus == 16384 ? std::span<const std::string>{} : sets,
                               catalog)
          .job();
  scenarios::ProfileStore store(catalog.directory());
  const scenarios::DeviceModels& models = store.models(job.cluster.accelerator);
  std::uint64_t events = 0;
  for (auto _ : state) {
    const sim::StepGraph graph =
        sim::build_step(job, {.device = models.device, .collectives = models.collectives});
    const topology::Cluster cluster = topology::Cluster::build(job.cluster);
    events = sim::simulate_flow(graph, job.layout, cluster, {}).events;
  }
  state.counters["events"] = static_cast<double>(events);
  state.counters["events/s"] = benchmark::Counter(static_cast<double>(events),
                                                  benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_FlowSimulation405b)
    ->Arg(1024)
    ->Arg(16384)
    ->Arg(100352)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
