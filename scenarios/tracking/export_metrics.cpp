#include "scenarios/tracking/export_metrics.hpp"

#include <chrono>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "scenarios/atomic_file.hpp"
#include "scenarios/tracking/mlflow.hpp"
#include "scenarios/tracking/tracked_values.hpp"
#include "scenarios/version.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace {

void check(const ExportMetricsOptions& options) {
  const bool mlflow = options.format == MetricsFormat::Mlflow;
  if (mlflow && options.uri.empty()) {
    throw topology::InputError({}, "--uri",
                               "is missing: mlflow needs the address of a tracking server, say "
                               "--uri http://localhost:5000");
  }
  if (mlflow && !options.out.empty()) {
    throw topology::InputError({}, "--out", "mlflow writes no file; leave --out or --format out");
  }
}

/// What the scenario itself gives: its choices. Defaults and the catalog are the version's.
std::vector<std::pair<std::string, std::string>> params_of(const Scenario& scenario) {
  std::vector<std::pair<std::string, std::string>> params;
  for (const Explained& v : scenario.values) {
    if (!v.source.starts_with("default") && !v.source.starts_with("catalog")) {
      params.emplace_back(v.path, v.value);
    }
  }
  return params;
}

std::int64_t now_ms() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

std::string send(const ExportMetricsOptions& options, const Scenario& scenario,
                 const std::vector<TrackedValue>& values) {
  MlflowRun run{.experiment = options.experiment,
                .name = scenario.name,
                .time_ms = now_ms(),
                .metrics = {},
                .params = params_of(scenario),
                .tags = {{"gpuplan.version", std::string(version())},
                         {"gpuplan.scenario", options.scenario.filename().string()}}};
  for (const TrackedValue& v : values) {
    run.metrics.emplace_back(v.name, v.value);
  }
  const char* token = std::getenv("MLFLOW_TRACKING_TOKEN");
  return send_run({.uri = options.uri, .token = token == nullptr ? "" : token}, run);
}

}  // namespace

int export_metrics(const ExportMetricsOptions& options) {
  check(options);
  const Catalog catalog = Catalog::open();
  ProfileStore store(catalog.directory());
  const Scenario scenario = load_scenario(options.scenario, options.sets, catalog);
  SimulateOptions how;
  how.fidelity = options.fidelity;
  const Prediction step = predict(scenario, how, store, catalog);
  std::optional<RunPlan> run;
  if (scenario.whole_run.tokens > 0 || scenario.whole_run.steps > 0) {
    run = plan_run(scenario, catalog, store, {.scenario = options.scenario});
  }
  const std::vector<TrackedValue> values = tracked_values(step, run ? &*run : nullptr);
  if (options.format == MetricsFormat::Mlflow) {
    fmt::print("{}: run {} of experiment {}, {} metrics\n", options.uri,
               send(options, scenario, values), options.experiment, values.size());
  } else {
    const std::string text = options.format == MetricsFormat::Csv
                                 ? tracked_csv(values)
                                 : tracked_prometheus(values, scenario.name);
    if (options.out.empty()) {
      fmt::print("{}", text);
    } else {
      write_file(options.out, text);
    }
  }
  return step.report.memory.fits() && !(run && run->drawn.unfinished > 0) ? 0 : 1;
}

}  // namespace scenarios
