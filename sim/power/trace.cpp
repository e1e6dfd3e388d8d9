#include "sim/power/trace.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace sim {

using units::Seconds;
using units::Watts;

namespace {

constexpr std::size_t kPhases = 4;
constexpr std::array<std::string_view, kPhases> kPhaseNames{"micro-batches", "gradient exchange",
                                                            "optimizer", "host"};

std::size_t phase_of(Part part) {
  switch (part) {
    case Part::DpComm:
      return 1;
    case Part::Optimizer:
      return 2;
    case Part::Host:
      return 3;
    default:
      return 0;
  }
}

}  // namespace

PowerTrace power_trace(const topology::ClusterSpec& c, const PartTimes& parts, Seconds step) {
  const StepPower whole = step_power(c, parts, step);
  const Watts fixed = whole.cluster - static_cast<double>(c.gpus) * whole.accelerator;
  std::array<Seconds, kPhases> time{};
  std::array<double, kPhases> weighted{};
  for (std::size_t i = 0; i < kParts; ++i) {
    const auto part = static_cast<Part>(i);
    const std::size_t phase = phase_of(part);
    time[phase] += parts.at[i];
    weighted[phase] += power_share(c.accelerator, part) * parts.at[i].base();
  }
  PowerTrace trace;
  trace.mean = whole.cluster;
  for (std::size_t p = 0; p < kPhases; ++p) {
    if (time[p] > Seconds{}) {
      const double share = weighted[p] / time[p].base();
      const Watts device =
          c.accelerator.idle_power + share * (c.accelerator.tdp - c.accelerator.idle_power);
      trace.phases.push_back(
          {kPhaseNames[p], time[p], fixed + static_cast<double>(c.gpus) * device});
    }
  }
  const auto by_power = [](const PowerPhase& a, const PowerPhase& b) { return a.power < b.power; };
  const auto [low, high] = std::minmax_element(trace.phases.begin(), trace.phases.end(), by_power);
  trace.trough = low->power;
  trace.peak = high->power;
  double steepest = 0.0;
  for (std::size_t i = 0; i < trace.phases.size(); ++i) {
    const PowerPhase& a = trace.phases[i];
    const PowerPhase& b = trace.phases[(i + 1) % trace.phases.size()];
    const Watts change = std::max(a.power, b.power) - std::min(a.power, b.power);
    // A phase shorter than the response does not reach its level.
    const double reached =
        std::min({1.0, a.duration / kPowerResponse, b.duration / kPowerResponse});
    if (change.base() * reached > steepest) {
      steepest = change.base() * reached;
      trace.steepest_change = change * reached;
      trace.within = kPowerResponse;
    }
  }
  return trace;
}

Watts critical_power(const topology::ClusterSpec& c, Watts node_rating) {
  StepPower none = step_power(c, PartTimes{}, units::seconds(1));
  return static_cast<double>(c.nodes()) * node_rating + none.network;
}

}  // namespace sim
