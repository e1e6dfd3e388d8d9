#include "scenarios/simulate.hpp"

#include <chrono>
#include <utility>

#include "scenarios/catalog.hpp"
#include "scenarios/print_report.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/progress.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/trace.hpp"
#include "sim/engine/closed_form.hpp"
#include "sim/engine/flow.hpp"
#include "sim/report/step_report.hpp"
#include "sim/step/build.hpp"
#include "topology/cluster.hpp"

namespace scenarios {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

sim::FlowResult run_flow(const sim::TrainingJob& job, const sim::StepGraph& graph,
                         const SimulateOptions& options) {
  const topology::Cluster cluster = topology::Cluster::build(job.cluster);
  Progress progress("flow simulation");
  const sim::FlowOptions flow{
      .backend = options.public_backend || !sim::kernel_backend_available()
                     ? sim::NetworkBackend::Public
                     : sim::NetworkBackend::Kernel,
      .unfold = options.unfold,
      .record_timeline = !options.trace.empty(),
      .progress = [&progress](units::Seconds, double done) { progress.update(done); }};
  sim::FlowResult result = sim::simulate_flow(graph, job.layout, cluster, flow);
  for (sim::LinkLoad& load : result.busiest) {
    const topology::Link& link = cluster.link(load.link);
    load.label = cluster.label(link.from) + " -> " + cluster.label(link.to);
  }
  return result;
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
  const sim::TrainingJob job = scenario.job();
  ProfileStore store(catalog.directory());
  const DeviceModels& models = store.models(job.cluster.accelerator);
  const sim::Profiles profiles{.device = models.device, .collectives = models.collectives};

  const sim::StepGraph graph = sim::build_step(job, profiles);
  Prediction prediction{
      .scenario = scenario.name, .fidelity = Fidelity::ClosedForm, .gpus = job.cluster.gpus};
  sim::StepTime time = sim::closed_form(graph);
  prediction.closed_form = time.step;
  if (options.fidelity == Fidelity::Flow || !options.trace.empty()) {
    sim::FlowResult flow = run_flow(job, graph, options);
    time = flow.time;
    prediction.fidelity = Fidelity::Flow;
    prediction.events = flow.events;
    prediction.busiest_links = std::move(flow.busiest);
    prediction.folded = std::move(flow.folded);
    if (!options.trace.empty()) {
      write_trace(flow.timeline, scenario.name, options.trace);
    }
  }
  prediction.report = sim::step_report(job, graph, time, profiles);
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
