#include "scenarios/tracking/tracked_values.hpp"

#include <fmt/format.h>

#include "calib/csv.hpp"
#include "scenarios/sweep/metrics.hpp"

namespace scenarios {

namespace {

void add_parts(const Prediction& p, std::vector<TrackedValue>& values) {
  for (std::size_t i = 0; i < sim::kParts; ++i) {
    const std::string part(sim::name(static_cast<sim::Part>(i)));
    values.push_back({.name = "breakdown_s/" + part,
                      .prometheus = "gpuplan_step_part_seconds",
                      .meaning = "exclusive time of a part of the step; the parts add up to it",
                      .value = p.report.parts.at[i].in(units::seconds(1)),
                      .labels = {{"part", part}}});
  }
}

struct RunValue {
  const char* name;
  const char* prometheus;
  const char* meaning;
  double (*of)(const RunPlan& run);
};

constexpr RunValue kRunValues[] = {
    {"run_s", "gpuplan_run_duration_seconds", "mean duration of the whole run",
     [](const RunPlan& r) { return r.drawn.mean.total().base(); }},
    {"run_p5_s", "gpuplan_run_duration_p5_seconds", "exceeded by 95 of 100 runs",
     [](const RunPlan& r) { return r.drawn.p5.base(); }},
    {"run_p50_s", "gpuplan_run_duration_p50_seconds", "exceeded by half of the runs",
     [](const RunPlan& r) { return r.drawn.p50.base(); }},
    {"run_p95_s", "gpuplan_run_duration_p95_seconds", "exceeded by 5 of 100 runs",
     [](const RunPlan& r) { return r.drawn.p95.base(); }},
    {"ettr", "gpuplan_run_effective_time_ratio", "work over the duration of the run",
     [](const RunPlan& r) { return r.drawn.ettr; }},
    {"interruptions", "gpuplan_run_interruptions", "of the run, planned ones included",
     [](const RunPlan& r) { return r.drawn.interruptions; }},
    {"checkpoint_bytes", "gpuplan_checkpoint_bytes", "size of one checkpoint",
     [](const RunPlan& r) { return r.checkpoint_size.base(); }},
    {"run_tokens", "gpuplan_run_tokens", "trained on in the run",
     [](const RunPlan& r) { return r.tokens; }},
    {"run_energy_j", "gpuplan_run_energy_joules", "of the run at the site's meter",
     [](const RunPlan& r) { return r.energy.run.meter.base(); }},
    {"run_carbon_g", "gpuplan_run_carbon_grams", "CO2 equivalent of the run's electricity",
     [](const RunPlan& r) { return 1000.0 * r.energy.carbon_kg; }},
    {"site_power_w", "gpuplan_site_power_watts", "that the site must provide, by name plates",
     [](const RunPlan& r) { return r.critical.base(); }}};

void add_run(const RunPlan& run, std::vector<TrackedValue>& values) {
  for (const RunValue& v : kRunValues) {
    values.push_back({v.name, v.prometheus, v.meaning, v.of(run)});
  }
  if (!run.cost.run.parts.empty()) {
    values.push_back(
        {"run_cost_usd", "gpuplan_run_cost_usd", "of the run alone", run.cost.run.amount().base()});
  }
  if (run.cost.cluster.cents > 0) {
    values.push_back({"cluster_cost_usd", "gpuplan_cluster_cost_usd",
                      "of owning the cluster as long as the scenario says",
                      run.cost.cluster.amount().base()});
  }
}

/// Of HELP texts and label values.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '\\' ? "\\\\" : c == '"' ? "\\\"" : c == '\n' ? "\\n" : std::string(1, c);
  }
  return out;
}

}  // namespace

std::vector<TrackedValue> tracked_values(const Prediction& step, const RunPlan* run) {
  std::vector<TrackedValue> values;
  for (const Metric& m : metrics()) {
    values.push_back({std::string(m.name), "gpuplan_" + std::string(m.prometheus),
                      std::string(m.meaning), m.of(step)});
  }
  add_parts(step, values);
  if (run != nullptr) {
    add_run(*run, values);
  }
  return values;
}

std::string tracked_csv(const std::vector<TrackedValue>& values) {
  std::string out = "name,value,meaning\n";
  for (const TrackedValue& v : values) {
    out +=
        fmt::format("{},{},{}\n", calib::csv_field(v.name), v.value, calib::csv_field(v.meaning));
  }
  return out;
}

std::string tracked_prometheus(const std::vector<TrackedValue>& values,
                               const std::string& scenario) {
  std::string out, last;
  for (const TrackedValue& v : values) {
    if (v.prometheus != last) {
      // In HELP texts quotes stay as they are; there are none.
      out += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n", v.prometheus, escaped(v.meaning));
      last = v.prometheus;
    }
    std::string labels = fmt::format("scenario=\"{}\"", escaped(scenario));
    for (const auto& [key, value] : v.labels) {
      labels += fmt::format(",{}=\"{}\"", key, escaped(value));
    }
    out += fmt::format("{}{{{}}} {}\n", v.prometheus, labels, v.value);
  }
  return out;
}

}  // namespace scenarios
