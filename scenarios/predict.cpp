#include "scenarios/predict.hpp"

#include <chrono>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "scenarios/atomic_file.hpp"
#include "scenarios/export_chakra.hpp"
#include "scenarios/format.hpp"
#include "scenarios/run_data.hpp"
#include "scenarios/stopwatch.hpp"
#include "scenarios/trace.hpp"
#include "sim/engine/closed_form.hpp"

namespace scenarios {

namespace {

/// One line per link that carried something, and in how many bytes of each kind.
void write_link_loads(const sim::FlowResult& result, const std::filesystem::path& file) {
  const sim::LoadKinds& kinds = result.load_kinds;
  std::string text = "link,carried_bytes,utilisation,alike";
  for (const std::string& name : kinds.names) {
    text += fmt::format(",{}_bytes", name);
  }
  text += '\n';
  for (std::size_t row = 0; row < result.loads.size(); ++row) {
    const sim::LinkLoad& load = result.loads[row];
    fmt::format_to(std::back_inserter(text), "{},{:.0f},{:.6f},{}", load.label,
                   load.carried.in(units::bytes(1)), load.utilisation, load.alike);
    for (std::size_t kind = 0; kind < kinds.names.size(); ++kind) {
      fmt::format_to(std::back_inserter(text), ",{:.0f}",
                     kinds.bytes[row * kinds.names.size() + kind].in(units::bytes(1)));
    }
    text += '\n';
  }
  write_file(file, text);
}

/// One line per level of the cluster's power.
void write_power(const sim::PowerSeries& power, const std::filesystem::path& file) {
  std::string text = "time_s,power_w\n";
  for (const sim::PowerSample& sample : power.samples) {
    text += fmt::format("{:.6f},{:.0f}\n", sample.at.in(units::seconds(1)),
                        sample.power.in(units::watts(1)));
  }
  write_file(file, text);
}

/// Fills what only flow simulation knows; returns the step's time.
sim::StepTime add_flow(const Scenario& scenario, const TimedScenario& timed, ProfileStore& store,
                       const Catalog& catalog, const SimulateOptions& options,
                       Prediction& prediction) {
  FlowRun run = run_flow(scenario, timed, store, catalog, options);
  prediction.fidelity = Fidelity::Flow;
  prediction.events = run.result.events;
  prediction.busiest_links = std::move(run.result.busiest);
  prediction.folded = std::move(run.result.folded);
  prediction.conditions = std::move(run.conditions);
  prediction.neighbours = std::move(run.neighbours);
  if (!options.trace.empty()) {
    write_trace(run.result.timeline, scenario.name, options.trace);
  }
  if (options.timeline || !options.power_trace.empty()) {
    prediction.power =
        sim::power_series(timed.job.cluster, run.result.timeline, run.result.time.parts,
                          timed.job.layout.pp, run.result.time.step);
  }
  if (!options.power_trace.empty()) {
    write_power(*prediction.power, options.power_trace);
  }
  if (!options.link_loads.empty()) {
    write_link_loads(run.result, options.link_loads);
  }
  if (options.timeline) {
    prediction.timeline = std::move(run.result.timeline);
  }
  return run.result.time;
}

/// Time of the forward passes of a step: their share of the passes of all stages.
units::Seconds forward_share(const sim::StepGraph& graph, const sim::StepTime& time) {
  units::Seconds forward;
  units::Seconds both;
  for (const std::uint16_t chunk : graph.class_of_chunk) {
    const sim::ChunkClass& c = graph.classes[chunk];
    forward += c.forward.duration;
    both += c.forward.duration + c.backward.duration + c.weight.duration;
  }
  return time.step * (forward / both);
}

}  // namespace

Prediction predict(const Scenario& scenario, const SimulateOptions& options, ProfileStore& store,
                   const Catalog& catalog) {
  const auto start = std::chrono::steady_clock::now();
  const auto timed = time_scenario(scenario, store);
  const sim::StepGraph& graph = timed->slowest();
  const DeviceModels& models = store.models(timed->job.cluster.accelerator);
  const sim::Profiles profiles{.device = models.device, .collectives = models.collectives};
  if (!options.chakra.empty()) {
    export_chakra(graph, timed->job.layout, options.chakra,
                  options.force ? ManyFiles::Write : ManyFiles::Refuse);
  }
  Prediction prediction{
      .scenario = scenario.name, .fidelity = Fidelity::ClosedForm, .gpus = scenario.cluster.gpus};
  sim::StepTime time = sim::closed_form(graph);
  prediction.closed_form = time.step;  // without waiting for data
  const bool flow = options.fidelity == Fidelity::Flow || options.timeline ||
                    !options.trace.empty() || !options.power_trace.empty() ||
                    !options.link_loads.empty();
  if (flow) {
    time = add_flow(scenario, *timed, store, catalog, options, prediction);
  }
  if (scenario.data.given) {
    prediction.loading = step_loading(scenario, time.step);
    time.step += prediction.loading->wait;
    time.parts[sim::Part::DataLoading] += prediction.loading->wait;
  }
  prediction.report = sim::step_report(timed->job, graph, time, profiles);
  if (options.kernels) {
    prediction.roofline =
        sim::roofline(timed->job, profiles, graph, prediction.report.busiest_stage);
  }
  if (scenario.task) {
    prediction.task = sim::post_training_step(timed->job, profiles, *scenario.task, time,
                                              forward_share(graph, time));
  }
  std::vector<std::string>& warnings = prediction.report.warnings;
  if (!sim::kernel_backend_available() && flow) {
    warnings.emplace_back(
        "this build did not find the SimGrid symbols of the fast engine; the slower public engine "
        "was used");
  }
  if (!flow && (!scenario.network.faults.empty() || !scenario.network.neighbours.empty())) {
    warnings.emplace_back(
        "faults and neighbours are only seen by flow simulation: add --fidelity flow");
  }
  prediction.wall_seconds = seconds_since(start);
  return prediction;
}

std::string network_verdict(const Prediction& p) {
  const units::Seconds cost = p.computes() - p.closed_form;
  constexpr double kNoticed =
      0.002;  // the two ways to time a step differ by less where nothing waits
  if (cost < p.closed_form * kNoticed) {
    return "waiting for shared, slow or lost links costs nothing that counts: the network has room";
  }
  return fmt::format("waiting for shared, slow or lost links costs {} of the step ({:.1f} %){}",
                     format_time(cost), 100 * (cost / p.report.step.value),
                     p.busiest_links.empty()
                         ? ""
                         : fmt::format("; most loaded: {}", p.busiest_links.front().label));
}

}  // namespace scenarios
