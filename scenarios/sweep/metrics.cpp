#include "scenarios/sweep/metrics.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "scenarios/suggest.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace {

using sim::Part;

double exposed_s(const Prediction& p) {
  units::Seconds sum;
  for (const Part part : {Part::TpComm, Part::CpComm, Part::EpComm, Part::PpComm, Part::DpComm}) {
    sum += p.report.parts[part];
  }
  return sum.in(units::seconds(1));
}

constexpr std::array kMetrics{
    Metric{"step_time_s", "step_time_seconds", "time of one optimizer step",
           [](const Prediction& p) { return p.report.step.value.in(units::seconds(1)); }},
    Metric{"step_time_low_s", "step_time_low_seconds", "its lower bound",
           [](const Prediction& p) { return p.report.step.low.in(units::seconds(1)); }},
    Metric{"step_time_high_s", "step_time_high_seconds", "its upper bound",
           [](const Prediction& p) { return p.report.step.high.in(units::seconds(1)); }},
    Metric{"tokens_per_s", "tokens_per_second", "throughput of the whole job",
           [](const Prediction& p) { return p.report.tokens_per_second; }},
    Metric{"tokens_per_s_per_gpu", "gpu_tokens_per_second", "throughput per accelerator",
           [](const Prediction& p) { return p.report.tokens_per_second / p.gpus; }},
    Metric{"mfu", "mfu_ratio", "model FLOPs over the dense peak",
           [](const Prediction& p) { return p.report.mfu.value; }},
    Metric{"hfu", "hfu_ratio", "the same with recomputation",
           [](const Prediction& p) { return p.report.hfu; }},
    Metric{"memory_bytes", "memory_bytes", "of the heaviest rank",
           [](const Prediction& p) { return p.report.memory.total.in(units::bytes(1)); }},
    Metric{"exposed_communication_s", "exposed_communication_seconds",
           "communication that nothing hides, per step", exposed_s},
    Metric{"bubble_s", "bubble_seconds", "pipeline bubble per step",
           [](const Prediction& p) { return p.report.parts[Part::Bubble].in(units::seconds(1)); }},
    Metric{"gpus", "gpus", "accelerators", [](const Prediction& p) { return double(p.gpus); }},
    Metric{"power_w", "power_watts", "nodes and network, mean over a step",
           [](const Prediction& p) { return p.report.power.cluster.in(units::watts(1)); }},
    Metric{"energy_j_per_step", "step_energy_joules", "nodes and network",
           [](const Prediction& p) { return p.report.power.energy.in(units::joules(1)); }}};

}  // namespace

std::span<const Metric> metrics() {
  return kMetrics;
}

const Metric& metric(std::string_view name) {
  const auto found = std::find_if(kMetrics.begin(), kMetrics.end(),
                                  [name](const Metric& m) { return m.name == name; });
  if (found == kMetrics.end()) {
    std::vector<std::string> known;
    for (const Metric& m : kMetrics) {
      known.emplace_back(m.name);
    }
    throw topology::InputError(
        {}, "--metric",
        fmt::format("\"{}\" is no figure that a sweep keeps, {}", name, did_you_mean(name, known)));
  }
  return *found;
}

}  // namespace scenarios
