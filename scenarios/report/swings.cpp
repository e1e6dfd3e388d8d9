#include "scenarios/report/swings.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "scenarios/format.hpp"

namespace scenarios {

namespace {

struct Input {
  std::string what, path;
  std::string (*shown)(double value);
  std::string (*written)(double value);  ///< as --set reads it
  double value = 0.0;
  bool whole = false;               ///< only whole halves
  std::vector<std::string> with{};  ///< values that follow from it
};

std::string gigabits(double bytes_per_s) {
  return fmt::format("{:.9g} Gbit/s", bytes_per_s * 8e-9);
}
std::string gigabytes(double bytes_per_s) {
  return fmt::format("{:.9g} GB/s", bytes_per_s * 1e-9);
}
std::string teraflops(double flops_per_s) {
  return fmt::format("{:.9g} TFLOP/s", flops_per_s * 1e-12);
}
std::string microseconds(double seconds) {
  return fmt::format("{:.9g} us", seconds * 1e6);
}
std::string whole(double count) {
  return fmt::format("{:.0f}", count);
}

std::vector<Input> inputs_of(const Scenario& s) {
  const topology::ClusterSpec& c = s.cluster;
  std::vector<Input> inputs;
  const bool network = c.fabric != topology::FabricKind::SingleDomain && c.nodes() > 1;
  if (network) {
    inputs.push_back({"network of an accelerator", "cluster.overrides.nic.bandwidth", gigabits,
                      gigabits, c.nic_bandwidth.base()});
    inputs.push_back({"network latency", "cluster.overrides.nic.latency", microseconds,
                      microseconds, c.nic_latency.base()});
  }
  inputs.push_back(
      {"dense peak of an accelerator",
       fmt::format("cluster.overrides.accelerator.peak.{}", topology::name(s.training.precision)),
       teraflops, teraflops, c.accelerator.peak_for(s.training.precision).base()});
  inputs.push_back({"memory bandwidth of an accelerator",
                    "cluster.overrides.accelerator.memory_bandwidth", gigabytes, gigabytes,
                    c.accelerator.memory_bandwidth.base()});
  if (c.scale_up_domain > 1 && c.accelerator.scale_up.bandwidth > units::BytesPerSecond{}) {
    inputs.push_back({"scale-up links of an accelerator", "cluster.overrides.scale_up.bandwidth",
                      gigabytes, gigabytes, c.accelerator.scale_up.bandwidth.base()});
  }
  inputs.push_back({"sequences in a step", "training.global_batch", whole, whole,
                    static_cast<double>(s.training.global_batch), true});
  if (!s.model.has_towers()) {
    inputs.push_back({"tokens in a sequence", "training.sequence_length", whole, whole,
                      static_cast<double>(s.training.sequence_length), true});
  }
  inputs.push_back({"sequences in a micro-batch", "training.micro_batch", whole, whole,
                    static_cast<double>(s.training.micro_batch), true});
  inputs.push_back({"accelerators, as more or fewer replicas",
                    "cluster.gpus",
                    whole,
                    whole,
                    static_cast<double>(c.gpus),
                    true,
                    {"layout.dp=null"}});
  return inputs;
}

SwingEnd at(const Input& input, double factor, const Evaluate& evaluate) {
  const double value = input.value * factor;
  if (input.whole && value != std::floor(value)) {
    return {.setting = "half", .value = {}, .trouble = "cannot be halved"};
  }
  std::vector<std::string> sets = input.with;
  sets.push_back(input.path + "=" + input.written(value));
  SwingEnd end = evaluate(sets);
  end.setting = input.shown(value);
  return end;
}

double span(const Swing& swing, double base) {
  const auto off = [base](const SwingEnd& end) {
    return end.value ? std::abs(*end.value - base) : 0.0;
  };
  return std::max(off(swing.low), off(swing.high));
}

}  // namespace

std::vector<Swing> swings(const Scenario& scenario, double base, const Evaluate& evaluate) {
  constexpr double kHalf = 0.5, kTwice = 2.0;
  std::vector<Swing> list;
  for (const Input& input : inputs_of(scenario)) {
    list.push_back({.what = fmt::format("{} ({})", input.what, input.shown(input.value)),
                    .path = input.path,
                    .low = at(input, kHalf, evaluate),
                    .high = at(input, kTwice, evaluate)});
  }
  std::stable_sort(list.begin(), list.end(), [base](const Swing& a, const Swing& b) {
    return span(a, base) > span(b, base);
  });
  return list;
}

}  // namespace scenarios
