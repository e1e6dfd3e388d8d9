#include "scenarios/simulate.hpp"

#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "scenarios/atomic_file.hpp"
#include "scenarios/catalog.hpp"
#include "scenarios/print_report.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/run_flow.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/trace.hpp"
#include "sim/engine/closed_form.hpp"
#include "sim/engine/flow.hpp"
#include "sim/report/step_report.hpp"

namespace scenarios {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// One line per link that carried something.
void write_link_loads(const std::vector<sim::LinkLoad>& loads, const std::filesystem::path& file) {
  std::string text = "link,carried_bytes,utilisation\n";
  for (const sim::LinkLoad& load : loads) {
    text += fmt::format("{},{:.0f},{:.6f}\n", load.label, load.carried.in(units::bytes(1)),
                        load.utilisation);
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
  if (!options.link_loads.empty()) {
    write_link_loads(run.result.loads, options.link_loads);
  }
  return run.result.time;
}

}  // namespace

int simulate(const SimulateOptions& options) {
  const Catalog catalog = Catalog::open();
  const Scenario scenario = load_scenario(options.scenario, options.sets, catalog);
  if (options.explain) {
    print_explained(scenario.values, options.format);
    return 0;
  }
  const auto start = std::chrono::steady_clock::now();
  ProfileStore store(catalog.directory());
  const auto timed = time_scenario(scenario, store);
  const sim::StepGraph& graph = timed->slowest();
  const DeviceModels& models = store.models(timed->job.cluster.accelerator);
  const sim::Profiles profiles{.device = models.device, .collectives = models.collectives};
  Prediction prediction{
      .scenario = scenario.name, .fidelity = Fidelity::ClosedForm, .gpus = scenario.cluster.gpus};
  sim::StepTime time = sim::closed_form(graph);
  prediction.closed_form = time.step;
  if (options.fidelity == Fidelity::Flow || !options.trace.empty() || !options.link_loads.empty()) {
    try {
      time = add_flow(scenario, *timed, store, catalog, options, prediction);
    } catch (const sim::CutOff& e) {
      fmt::print(stderr, "gpuplan: the step does not finish: {}\n", e.what());
      return 1;
    }
  }
  prediction.report = sim::step_report(timed->job, graph, time, profiles);
  if (!sim::kernel_backend_available() && prediction.fidelity == Fidelity::Flow) {
    prediction.report.warnings.emplace_back(
        "this build did not find the SimGrid symbols of the fast engine; the slower public engine "
        "was used");
  }
  prediction.wall_seconds = seconds_since(start);
  print_prediction(prediction, options.format);
  return prediction.report.memory.fits() ? 0 : 1;
}

}  // namespace scenarios
