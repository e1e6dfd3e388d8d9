#pragma once
// `gpuplan export-metrics`: the figures of one scenario for experiment trackers and monitoring.
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/simulate.hpp"

namespace scenarios {

enum class MetricsFormat { Csv, Prometheus, Mlflow };

struct ExportMetricsOptions {
  std::filesystem::path scenario;
  std::vector<std::string> sets{};
  Fidelity fidelity = Fidelity::ClosedForm;
  MetricsFormat format = MetricsFormat::Csv;
  std::filesystem::path out{};  ///< of csv and prometheus; empty: standard output
  std::string uri{};            ///< of an MLflow tracking server
  std::string experiment = "gpuplan";
};

/// Step and, where the scenario has `run`, the whole run. Returns the exit code: 1 where the job
/// does not fit, or its run does not end; the figures are written all the same.
/// @throws topology::InputError, topology::RuntimeFailure
int export_metrics(const ExportMetricsOptions& options);

}  // namespace scenarios
