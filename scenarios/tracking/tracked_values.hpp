#pragma once
// The figures of one scenario that go to experiment trackers and monitoring. Private to this room.
#include <string>
#include <utility>
#include <vector>

#include "scenarios/predict.hpp"
#include "scenarios/run.hpp"

namespace scenarios {

/// One figure, in the base unit that both names end with.
struct TrackedValue {
  std::string name;        ///< in tables and MLflow: "step_time_s", "breakdown_s/gemm"
  std::string prometheus;  ///< "gpuplan_step_time_seconds"
  std::string meaning;
  double value = 0.0;
  std::vector<std::pair<std::string, std::string>> labels{};  ///< Prometheus: {"part", "gemm"}
};

/// Of a step, and of the whole run where `run` is not null. Values of one Prometheus name stand
/// side by side.
std::vector<TrackedValue> tracked_values(const Prediction& step, const RunPlan* run);

/// Comma-separated, a line for each value.
std::string tracked_csv(const std::vector<TrackedValue>& values);

/// Prometheus' text format, version 0.0.4: all values are gauges with the label `scenario`. Source:
/// prometheus.io/docs/instrumenting/exposition_formats.
std::string tracked_prometheus(const std::vector<TrackedValue>& values,
                               const std::string& scenario);

}  // namespace scenarios
