// Growth of fluid collectives with the ranks, from one node to 131,072: time of routes, flows and
// simulation together; the cluster's graph is made beforehand. ranks/s is the rate to look at: it
// stays level where time grows linearly.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "sim/collective/run.hpp"

#include "tests/topology/specs.hpp"

namespace {

using sim::Algorithm;
using sim::Collective;

double peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024.0;
}

void run(benchmark::State& state, Algorithm algorithm, Collective op, bool unfold) {
  const int ranks = static_cast<int>(state.range(0));
  const auto fabric =
      ranks == 8 ? topology::FabricKind::SingleDomain : topology::FabricKind::RailOptimised;
  auto spec = topology::testing::dgx(ranks, fabric);
  spec.switch_ports = 128;  // three tiers of 64 ports end at 65,536 endpoints
  const auto cluster = topology::Cluster::build(spec);
  const sim::Team team(spec, sim::place(spec, ranks, sim::Placement::Packed));
  const sim::Ways ways(cluster, topology::Routing::Adaptive);
  const sim::CollectiveTask task{.team = team, .ways = ways, .op = op, .size = units::gibibytes(1)};
  sim::RunOptions options{.backend = sim::kernel_backend_available() ? sim::NetworkBackend::Kernel
                                                                     : sim::NetworkBackend::Public,
                          .unfold = unfold};
  options.pace = {units::milliseconds(1), units::milliseconds(10)};
  for (auto _ : state) {
    benchmark::DoNotOptimize(sim::run_fluid(task, *sim::generator_of(algorithm), options));
  }
  state.counters["ranks/s"] =
      benchmark::Counter(static_cast<double>(ranks), benchmark::Counter::kIsIterationInvariantRate);
  // Of the process so far, graph included: run one entry at a time (--benchmark_filter).
  state.counters["peak_bytes_per_rank"] = peak_memory_bytes() / ranks;
}

void ranks(benchmark::internal::Benchmark* b) {
  b->RangeMultiplier(4)->Range(8, 131072)->Unit(benchmark::kMillisecond);
}
void more_ranks(benchmark::internal::Benchmark* b) {
  b->RangeMultiplier(4)->Range(32, 131072)->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(run, ring, Algorithm::Ring, Collective::AllReduce, false)->Apply(ranks);
BENCHMARK_CAPTURE(run, ring_unfolded, Algorithm::Ring, Collective::AllReduce, true)->Apply(ranks);
BENCHMARK_CAPTURE(run, tree, Algorithm::Tree, Collective::AllReduce, false)->Apply(more_ranks);
BENCHMARK_CAPTURE(run, all_to_all, Algorithm::Pairwise, Collective::AllToAll, false)->Apply(ranks);

}  // namespace
