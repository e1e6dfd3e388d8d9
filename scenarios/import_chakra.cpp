#include "scenarios/import_chakra.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "calib/collective_profile.hpp"
#include "scenarios/astra_config.hpp"
#include "scenarios/catalog.hpp"
#include "scenarios/cluster_option.hpp"
#include "scenarios/print_traces.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/progress.hpp"
#include "scenarios/stopwatch.hpp"
#include "sim/engine/network.hpp"
#include "sim/trace/execute.hpp"
#include "sim/trace/matching.hpp"
#include "sim/trace/trace_set.hpp"
#include "topology/error.hpp"

namespace scenarios {

using topology::InputError;

namespace {

void check_usage(const ImportChakraOptions& o) {
  const bool astra = !o.astra_network.empty() || !o.astra_system.empty();
  if (astra == !o.cluster.empty()) {
    throw InputError(
        "give either --cluster NAME|FILE, or --astra NETWORK.yml with --system SYSTEM.json");
  }
  if (astra && (o.astra_network.empty() || o.astra_system.empty())) {
    throw InputError("--astra and --system need each other: ASTRA-sim's network and system files");
  }
  if (o.communications < 1) {
    throw InputError("--communications: expected 1 or more");
  }
}

std::unique_ptr<sim::Network> new_network() {
  return sim::make_network(sim::kernel_backend_available() ? sim::NetworkBackend::Kernel
                                                           : sim::NetworkBackend::Public);
}

sim::TraceRun run(const sim::TraceSet& traces, const sim::Matching& matching,
                  sim::TraceMachine& machine, sim::Network& network, const ImportChakraOptions& o) {
  Progress progress("trace simulation");
  return sim::run_traces(traces, matching, machine, network,
                         {.communications = o.communications,
                          .progress = [&progress](double done) { progress.update(done); }});
}

TracePrediction on_cluster(const sim::TraceSet& traces, const sim::GroupFile& groups,
                           const ImportChakraOptions& o) {
  const sim::Matching matching = sim::match(traces, groups);
  const Catalog catalog = Catalog::open();
  const topology::ClusterSpec spec = load_cluster(o.cluster, traces.ranks(), o.sets, catalog);
  const topology::Cluster cluster = topology::Cluster::build(spec);
  ProfileStore store(catalog.directory());
  const DeviceModels& models = store.models(spec.accelerator);
  const auto network = new_network();
  const topology::Routing routing = o.routing.value_or(topology::customary_routing(spec.network));
  const double efficiency = calib::fabric_efficiency(spec.network, routing).share;
  sim::ClusterMachine machine(cluster, models.device, models.collectives, *network, routing,
                              efficiency, o.compute);
  TracePrediction p{.machine = spec.id};
  p.run = run(traces, matching, machine, *network, o);
  p.busiest_links = machine.busiest(p.run.total);
  p.warnings = sim::simplifications(matching);
  p.warnings.insert(p.warnings.end(), models.device.warnings.begin(), models.device.warnings.end());
  return p;
}

TracePrediction as_astra(sim::TraceSet& traces, const sim::GroupFile& groups,
                         const ImportChakraOptions& o) {
  sim::AstraNetwork astra = read_astra_network(o.astra_network);
  astra.congestion_aware = o.congestion_aware;
  if (traces.ranks() > astra.npus) {
    throw InputError({.file = o.astra_network.string()}, "npus_count",
                     "is less than the number of traces; every rank needs its NPU");
  }
  const AstraSystemFile system = read_astra_system(o.astra_system);
  if (system.custom_all_reduce) {
    traces = sim::with_custom_all_reduce(traces, sim::read_traces(find_custom_collective(
                                                     *system.custom_all_reduce, o.astra_system)));
  }
  const sim::Matching matching = sim::match(traces, groups);
  const auto network = new_network();
  sim::AstraMachine machine(astra, system.system, *network);
  TracePrediction p{.machine = "ASTRA-sim's model of " + o.astra_network.string()};
  p.run = run(traces, matching, machine, *network, o);
  p.warnings = system.warnings;
  p.warnings.insert(p.warnings.end(), matching.warnings.begin(), matching.warnings.end());
  return p;
}

}  // namespace

int import_chakra(const ImportChakraOptions& o) {
  check_usage(o);
  const auto start = std::chrono::steady_clock::now();
  const sim::GroupFile groups =
      o.groups.empty() ? sim::GroupFile{} : sim::read_group_file(o.groups);
  sim::TraceSet traces = sim::read_traces(o.prefix);
  const std::size_t distinct = traces.traces.size();
  TracePrediction p =
      o.cluster.empty() ? as_astra(traces, groups, o) : on_cluster(traces, groups, o);
  p.traces = o.prefix.string();
  p.distinct_traces = distinct;
  p.wall_seconds = seconds_since(start);
  print_traces(p, o.format);
  return 0;
}

}  // namespace scenarios
