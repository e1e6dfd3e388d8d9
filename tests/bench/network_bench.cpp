// What the engine and the graph cost: flows and timers per second, and the time and memory of
// building a cluster. Bound by one core and its caches. `Kernel` and `Public` are the two backends.
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "sim/engine/network.hpp"
#include "topology/cluster.hpp"
#include "topology/routing.hpp"

namespace {

using sim::Hop;
using sim::NetworkBackend;
using units::bytes;
using units::seconds;

constexpr NetworkBackend kKernel = NetworkBackend::Kernel;
constexpr NetworkBackend kPublic = NetworkBackend::Public;

/// DGX H100 SuperPOD: 8 GPUs per node, 400 Gbit/s each, 64-port switches.
topology::ClusterSpec superpod(int gpus, double spine_oversubscription = 1.0) {
  topology::ClusterSpec spec;
  spec.accelerator.scale_up.kind = topology::ScaleUpKind::Switched;
  spec.accelerator.scale_up.bandwidth = units::gigabytes_per_second(450);
  spec.accelerator.scale_up.latency = units::microseconds(1);
  spec.gpus = gpus;
  spec.gpus_per_node = 8;
  spec.scale_up_domain = 8;
  spec.fabric = topology::FabricKind::RailOptimised;
  spec.nic_bandwidth = units::gigabits_per_second(400);
  spec.nic_latency = units::microseconds(2);
  spec.switch_latency = units::nanoseconds(250);
  spec.spine_oversubscription = spine_oversubscription;
  return spec;
}

/// A flow from every GPU to another, over the links of the cluster.
struct Traffic {
  std::vector<units::BytesPerSecond> capacity;
  std::vector<std::vector<Hop>> routes;
  std::vector<double> size;
  double latency_s = 0.0;
};

Traffic traffic(const topology::Cluster& cluster, const std::vector<int>& to,
                topology::Routing routing) {
  Traffic t;
  for (const topology::Link& link : cluster.links()) {
    t.capacity.push_back(link.bandwidth);
  }
  for (int from = 0; from < static_cast<int>(to.size()); ++from) {
    t.routes.push_back(cluster.route(from, to[static_cast<std::size_t>(from)], {routing}).hops);
    t.size.push_back(1e9);
  }
  t.latency_s = 5e-6;
  return t;
}

std::vector<int> ring(int n) {
  std::vector<int> to(static_cast<std::size_t>(n));
  std::iota(to.begin(), to.end(), 1);
  to.back() = 0;
  return to;
}

std::vector<int> permutation(int n) {
  std::vector<int> to(static_cast<std::size_t>(n));
  std::iota(to.begin(), to.end(), 0);
  for (std::size_t i = to.size() - 1; i > 0; --i) {
    std::swap(to[i], to[topology::mix64(i) % (i + 1)]);
  }
  return to;
}

void simulate(benchmark::State& state, NetworkBackend backend, const Traffic& t) {
  double simulated_s = 0.0;
  for (auto _ : state) {
    const auto network = sim::make_network(backend);
    for (const auto& capacity : t.capacity) {
      network->add_link(capacity);
    }
    for (std::size_t f = 0; f < t.routes.size(); ++f) {
      const sim::Network::RouteId route = network->add_route(t.routes[f]);
      network->start_flow(bytes(t.size[f]), seconds(t.latency_s), route, {}, f);
    }
    network->run([](std::uint64_t) {});
    simulated_s = network->now().base();
  }
  state.counters["simulated_s"] = simulated_s;
  state.counters["flows"] = benchmark::Counter(static_cast<double>(t.routes.size()),
                                               benchmark::Counter::kIsIterationInvariantRate);
}

void RingFluid(benchmark::State& state, NetworkBackend backend) {
  const int gpus = static_cast<int>(state.range(0));
  const auto cluster = topology::Cluster::build(superpod(gpus));
  simulate(state, backend, traffic(cluster, ring(gpus), topology::Routing::Static));
}
BENCHMARK_CAPTURE(RingFluid, Kernel, kKernel)
    ->Arg(1024)
    ->Arg(16384)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(RingFluid, Public, kPublic)
    ->Arg(1024)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

void HashedPermutation(benchmark::State& state, NetworkBackend backend) {
  const int gpus = static_cast<int>(state.range(0));
  const auto cluster = topology::Cluster::build(superpod(gpus));
  simulate(state, backend, traffic(cluster, permutation(gpus), topology::Routing::Ecmp));
}
BENCHMARK_CAPTURE(HashedPermutation, Kernel, kKernel)
    ->Arg(1024)
    ->Arg(4096)
    ->Arg(16384)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(HashedPermutation, Public, kPublic)
    ->Arg(1024)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

/// Sizes differ, so that every flow ends alone and shares are solved again each time: the worst
/// case.
void PermutationOfRandomSizes(benchmark::State& state, NetworkBackend backend) {
  const int gpus = static_cast<int>(state.range(0));
  const auto cluster = topology::Cluster::build(superpod(gpus));
  Traffic t = traffic(cluster, permutation(gpus), topology::Routing::Ecmp);
  for (std::size_t f = 0; f < t.size.size(); ++f) {
    t.size[f] *= 1.0 + static_cast<double>(topology::mix64(f) % 1000) / 1000.0;
  }
  simulate(state, backend, t);
}
BENCHMARK_CAPTURE(PermutationOfRandomSizes, Kernel, kKernel)
    ->Arg(4096)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

/// Ring all-reduce step by step: 2(n-1) rounds of n flows, each alone on its two ports.
void RingSteps(benchmark::State& state, NetworkBackend backend) {
  const auto n = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    const auto network = sim::make_network(backend);
    for (std::uint64_t i = 0; i < 2 * n; ++i) {
      network->add_link(units::gigabytes_per_second(50));
    }
    for (std::uint32_t i = 0; i < n; ++i) {
      const Hop hops[] = {{2 * i}, {2 * ((i + 1) % static_cast<std::uint32_t>(n)) + 1}};
      network->add_route(hops);
    }
    const auto round = [&] {
      for (std::uint32_t i = 0; i < n; ++i) {
        network->start_flow(bytes(1e6), seconds(5e-6), i, {}, i);
      }
    };
    round();
    std::uint64_t arrived = 0;
    network->run([&](std::uint64_t) {
      if (++arrived % n == 0 && arrived / n < 2 * (n - 1)) {
        round();
      }
    });
  }
  state.counters["flows"] = benchmark::Counter(static_cast<double>(2 * (n - 1) * n),
                                               benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(RingSteps, Kernel, kKernel)
    ->Arg(256)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(RingSteps, Public, kPublic)
    ->Arg(64)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

/// Timers that set the next one, with `live` of them under way.
void Timers(benchmark::State& state, NetworkBackend backend) {
  const auto live = static_cast<std::uint64_t>(state.range(0));
  constexpr std::uint64_t kFired = 1'000'000;
  for (auto _ : state) {
    const auto network = sim::make_network(backend);
    for (std::uint64_t i = 0; i < live; ++i) {
      network->after(units::nanoseconds(static_cast<double>(topology::mix64(i) % 1000)), i);
    }
    std::uint64_t started = live;
    network->run([&](std::uint64_t tag) {
      if (++started <= kFired) {
        network->after(
            units::nanoseconds(static_cast<double>(topology::mix64(tag + started) % 1000)), tag);
      }
    });
  }
  state.counters["timers"] = benchmark::Counter(static_cast<double>(kFired),
                                                benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(Timers, Kernel, kKernel)
    ->Arg(64)
    ->Arg(16384)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Timers, Public, kPublic)
    ->Arg(64)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

double heap_mib() {
  const struct mallinfo2 heap = mallinfo2();
  return static_cast<double>(heap.uordblks + heap.hblkhd) / 0x1p20;
}

void BuildCluster(benchmark::State& state) {
  const int gpus = static_cast<int>(state.range(0));
  double mib = 0.0;
  std::size_t links = 0;
  for (auto _ : state) {
    const double before = heap_mib();
    const auto cluster = topology::Cluster::build(superpod(gpus, gpus > 65536 ? 7.0 : 1.0));
    mib = heap_mib() - before;
    links = cluster.link_count();
  }
  state.counters["MiB"] = mib;
  state.counters["links"] = static_cast<double>(links);
}
BENCHMARK(BuildCluster)
    ->Arg(16384)
    ->Arg(100000)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

void Route(benchmark::State& state) {
  constexpr int kGpus = 16384;
  const auto cluster = topology::Cluster::build(superpod(kGpus));
  std::vector<Hop> hops;
  std::uint64_t i = 0;
  for (auto _ : state) {
    const std::uint64_t pair = topology::mix64(++i);
    benchmark::DoNotOptimize(cluster.route_into(static_cast<int>(pair % kGpus),
                                                static_cast<int>((pair >> 32) % kGpus),
                                                {topology::Routing::Ecmp, i}, hops));
  }
  state.counters["routes"] = benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(Route);

/// 131,072 GPUs in three tiers of 128-port switches.
topology::ClusterSpec large_clos() {
  topology::ClusterSpec spec = superpod(131072);
  spec.switch_ports = 128;
  spec.nodes_per_leaf = 64;
  return spec;
}

/// 131,072 GPUs in 256 groups of Frontier's shape, with two cables between any two.
topology::ClusterSpec large_dragonfly() {
  topology::ClusterSpec spec = superpod(131072);
  spec.fabric = topology::FabricKind::Dragonfly;
  spec.dragonfly.switches = 32;
  spec.dragonfly.endpoints = 16;
  spec.dragonfly.global_links = 16;
  return spec;
}

void BuildLarge(benchmark::State& state, topology::ClusterSpec (*spec)()) {
  double mib = 0.0;
  std::size_t channels = 0;
  for (auto _ : state) {
    const double before = heap_mib();
    const auto cluster = topology::Cluster::build(spec());
    mib = heap_mib() - before;
    channels = cluster.channel_count();
  }
  state.counters["MiB"] = mib;
  state.counters["bytes/GPU"] = mib * 0x1p20 / 131072;
  state.counters["channels"] = static_cast<double>(channels);
  state.counters["GPUs"] =
      benchmark::Counter(131072, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(BuildLarge, Clos, large_clos)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BuildLarge, Dragonfly, large_dragonfly)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

/// Routes between random GPUs, one policy after the other (`routing` is its number).
void RouteLarge(benchmark::State& state, topology::ClusterSpec (*spec)()) {
  const auto cluster = topology::Cluster::build(spec());
  const auto routing = static_cast<topology::Routing>(state.range(0));
  std::vector<Hop> hops;
  std::uint64_t i = 0, passed = 0;
  for (auto _ : state) {
    const std::uint64_t pair = topology::mix64(++i);
    benchmark::DoNotOptimize(cluster.route_into(static_cast<int>(pair % 131072),
                                                static_cast<int>((pair >> 32) % 131072),
                                                {routing, i}, hops));
    passed += hops.size();
  }
  state.SetLabel(std::string(name(routing)));
  state.counters["routes"] = benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["hops"] = static_cast<double>(passed) / static_cast<double>(i);
}
BENCHMARK_CAPTURE(RouteLarge, Clos, large_clos)->DenseRange(0, 3);
BENCHMARK_CAPTURE(RouteLarge, Dragonfly, large_dragonfly)->DenseRange(0, 3);

}  // namespace
