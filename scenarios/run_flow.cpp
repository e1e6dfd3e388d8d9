#include "scenarios/run_flow.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "scenarios/format.hpp"
#include "scenarios/progress.hpp"
#include "sim/engine/closed_form.hpp"
#include "sim/step/build.hpp"

namespace scenarios {

namespace {

using topology::InputError;

/// Flapping is written out for so many times the uncontended step: longer steps are not expected.
constexpr double kHorizon = 10.0;

sim::StepGraph graph_of(const sim::TrainingJob& job, ProfileStore& store) {
  const DeviceModels& models = store.models(job.cluster.accelerator);
  return sim::build_step(job, {.device = models.device, .collectives = models.collectives});
}

/// A job on the fabric with everything that its placement refers to.
struct Guest {
  Scenario scenario;
  std::unique_ptr<TimedScenario> timed;
};

std::vector<Guest> load_neighbours(const Scenario& scenario, const Catalog& catalog) {
  std::vector<Guest> guests;
  for (const Neighbour& neighbour : scenario.network.neighbours) {
    Guest guest{.scenario = load_scenario(neighbour.scenario, {}, catalog), .timed = nullptr};
    const topology::ClusterSpec& theirs = guest.scenario.cluster;
    const topology::ClusterSpec& ours = scenario.cluster;
    if (theirs.gpus_per_node != ours.gpus_per_node ||
        theirs.accelerator.id != ours.accelerator.id) {
      throw InputError(
          neighbour.where, "neighbours",
          fmt::format("job \"{}\" is on nodes of {} {}, this fabric has nodes of {} {}; "
                      "jobs on one fabric have nodes of one kind",
                      guest.scenario.name, theirs.gpus_per_node, theirs.accelerator.id,
                      ours.gpus_per_node, ours.accelerator.id));
    }
    guests.push_back(std::move(guest));
  }
  return guests;
}

topology::ClusterSpec fabric_of(const Scenario& scenario, const std::vector<Guest>& guests) {
  topology::ClusterSpec fabric = scenario.cluster;
  int needed = fabric.gpus;
  for (const Guest& guest : guests) {
    needed += guest.scenario.cluster.gpus;
  }
  fabric.gpus = std::max(needed, scenario.network.fabric_gpus);
  return fabric;
}

std::vector<sim::PlacementRequest> requests(const Scenario& scenario,
                                            const std::vector<Guest>& guests) {
  const auto request = [](const Scenario& s, const PlacementWords& words) {
    return sim::PlacementRequest{
        .job = s.name, .gpus = s.cluster.gpus, .rule = words.rule, .nodes = words.nodes};
  };
  std::vector<sim::PlacementRequest> all{request(scenario, scenario.network.placement)};
  for (std::size_t i = 0; i < guests.size(); ++i) {
    all.push_back(request(guests[i].scenario, scenario.network.neighbours[i].placement));
  }
  return all;
}

sim::PlacedJob placed(const TimedScenario& timed, std::vector<int> gpus) {
  sim::PlacedJob job{.graph = &timed.graph, .layout = &timed.job.layout, .gpus = std::move(gpus)};
  for (const sim::StepGraph& graph : timed.other_graphs) {
    job.other_graphs.push_back(&graph);
  }
  return job;
}

std::vector<std::string> conditions(const Scenario& scenario, const topology::ClusterSpec& fabric) {
  const NetworkConditions& n = scenario.network;
  std::vector<std::string> lines;
  if (fabric.fabric == topology::FabricKind::SingleDomain) {
    return lines;
  }
  lines.push_back(
      fmt::format("{} routing; flows together reach {:.0f} % of a link between switches",
                  topology::name(n.routing), 100 * n.efficiency));
  if (fabric.gpus > scenario.cluster.gpus) {
    lines.push_back(fmt::format("the fabric has {} accelerators, this job {}",
                                format_count(fabric.gpus), format_count(scenario.cluster.gpus)));
  }
  for (const FaultWords& fault : n.faults) {
    lines.push_back(fmt::format(
        "fault: {} has {:.0f} % left from {} {}", fault.what, 100 * fault.left,
        format_time(fault.at),
        fault.lasts ? fmt::format("for {}{}", format_time(*fault.lasts),
                                  fault.every ? ", every " + format_time(*fault.every) : "")
                    : "on"));
  }
  return lines;
}

}  // namespace

const sim::StepGraph& TimedScenario::slowest() const {
  const sim::StepGraph* slow = &graph;
  for (const sim::StepGraph& other : other_graphs) {
    if (sim::closed_form(other).step > sim::closed_form(*slow).step) {
      slow = &other;
    }
  }
  return *slow;
}

std::unique_ptr<TimedScenario> time_scenario(const Scenario& scenario, ProfileStore& store) {
  auto timed = std::make_unique<TimedScenario>(TimedScenario{scenario.job(), {}});
  timed->graph = graph_of(timed->job, store);
  for (const topology::NodeGroup& group : timed->job.cluster.other_nodes) {
    sim::TrainingJob job = timed->job;
    job.cluster.accelerator = group.accelerator;
    job.cluster.nic_bandwidth = group.nic_bandwidth;
    timed->other_graphs.push_back(graph_of(job, store));
  }
  return timed;
}

Seats seats(const Scenario& scenario, const Catalog& catalog) {
  const std::vector<Guest> guests = load_neighbours(scenario, catalog);
  Seats found{.fabric = fabric_of(scenario, guests), .gpus = {}};
  found.gpus = sim::place_jobs(found.fabric, requests(scenario, guests)).front();
  return found;
}

FlowRun run_flow(const Scenario& scenario, const TimedScenario& timed, ProfileStore& store,
                 const Catalog& catalog, const SimulateOptions& options) {
  std::vector<Guest> guests = load_neighbours(scenario, catalog);
  for (Guest& guest : guests) {
    guest.timed = time_scenario(guest.scenario, store);
  }
  const topology::ClusterSpec fabric = fabric_of(scenario, guests);
  const topology::Cluster cluster = topology::Cluster::build(fabric);
  std::vector<std::vector<int>> places = sim::place_jobs(fabric, requests(scenario, guests));
  std::vector<sim::PlacedJob> jobs{placed(timed, std::move(places[0]))};
  for (std::size_t i = 0; i < guests.size(); ++i) {
    jobs.push_back(placed(*guests[i].timed, std::move(places[i + 1])));
  }
  Progress progress("flow simulation");
  const units::Seconds alone = sim::closed_form(timed.slowest()).step;
  const sim::FlowOptions flow{
      .backend = options.public_backend || !sim::kernel_backend_available()
                     ? sim::NetworkBackend::Public
                     : sim::NetworkBackend::Kernel,
      .routing = scenario.network.routing,
      .unfold = options.unfold,
      .record_timeline = options.timeline || !options.trace.empty() || !options.power_trace.empty(),
      .record_link_loads = !options.link_loads.empty(),
      .faults = link_faults(scenario.network.faults, cluster, alone * kHorizon),
      .failover = scenario.network.failover,
      .fabric_efficiency = scenario.network.efficiency,
      .progress = [&progress](units::Seconds, double done) { progress.update(done); }};
  FlowRun run{.result = sim::simulate_flow(jobs, cluster, flow),
              .neighbours = {},
              .conditions = conditions(scenario, fabric)};
  for (std::size_t i = 0; i < guests.size(); ++i) {
    const sim::JobTime& time = run.result.jobs[i + 1];
    run.neighbours.push_back({.name = guests[i].scenario.name,
                              .gpus = guests[i].scenario.cluster.gpus,
                              .alone = sim::closed_form(guests[i].timed->slowest()).step,
                              .together = time.mean,
                              .steps = time.steps});
  }
  return run;
}

}  // namespace scenarios
