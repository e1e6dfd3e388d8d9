#include "sim/power/power.hpp"

#include <algorithm>

namespace sim {

using units::Watts;
using units::watts;

double power_share(Part part) {
  switch (part) {
    case Part::Gemm:
    case Part::Recompute:
      return 0.95;
    case Part::Attention:
      return 0.85;
    case Part::MemoryBound:
    case Part::Embedding:
    case Part::Loss:
    case Part::Optimizer:
      return 0.60;
    case Part::TpComm:
    case Part::CpComm:
    case Part::EpComm:
    case Part::PpComm:
    case Part::DpComm:
    case Part::Offload:
      return 0.36;
    case Part::Host:
    case Part::Bubble:
    case Part::Straggler:
    case Part::DataLoading:
      return 0.12;
  }
  return 0.0;
}

namespace {

/// Of a load that was measured; 0: not measured.
Watts measured_power(const topology::Accelerator& a, Part part) {
  const topology::LoadPower& p = a.measured_power;
  switch (part) {
    case Part::Gemm:
    case Part::Recompute:
      return p.compute;
    case Part::MemoryBound:
    case Part::Embedding:
    case Part::Loss:
    case Part::Optimizer:
      return p.memory;
    case Part::TpComm:
    case Part::CpComm:
    case Part::EpComm:
    case Part::PpComm:
    case Part::DpComm:
      return p.communication;
    case Part::Attention:
    case Part::Offload:
    case Part::Host:
    case Part::Bubble:
    case Part::Straggler:
    case Part::DataLoading:
      break;
  }
  return {};
}

}  // namespace

double uncapped_power_share(const topology::Accelerator& a, Part part) {
  const Watts measured = measured_power(a, part);
  return measured > a.idle_power && a.tdp > a.idle_power
             ? std::min(1.0, (measured - a.idle_power) / (a.tdp - a.idle_power))
             : power_share(part);
}

double power_share(const topology::Accelerator& a, Part part) {
  const double share = uncapped_power_share(a, part);
  return a.power_cap > Watts{}
             ? std::min(share, (a.power_cap - a.idle_power) / (a.tdp - a.idle_power))
             : share;
}

namespace {

/// Switches and transceivers of all networks: as its bill of materials says, or, where nobody knows
/// what the network is made of, 90 W per accelerator at 400 Gbit/s, scaled by the line rate:
/// between the 70 W of two and the 110 W of three tiers of 64-port switches (8.5 W an end, 747 W a
/// switch).
Watts network_power(const topology::ClusterSpec& c) {
  if (c.network_power) {
    return *c.network_power;
  }
  constexpr double kWattsAt400Gbps = 90.0;
  const bool alone = c.gpus <= c.scale_up_domain;
  return alone ? Watts{}
               : watts(kWattsAt400Gbps * (c.nic_bandwidth / units::gigabits_per_second(400))) *
                     static_cast<double>(c.gpus);
}

}  // namespace

StepPower step_power(const topology::ClusterSpec& c, const PartTimes& parts, units::Seconds step) {
  double share = 0.0;
  for (std::size_t i = 0; i < kParts; ++i) {
    share += power_share(c.accelerator, static_cast<Part>(i)) * (parts.at[i] / step);
  }
  const topology::Accelerator& a = c.accelerator;
  StepPower p;
  p.accelerator = a.idle_power + share * (a.tdp - a.idle_power);
  p.network = network_power(c);
  p.cluster = static_cast<double>(c.gpus) * p.accelerator + p.network +
              static_cast<double>(c.nodes()) * c.node_overhead_power;
  p.energy = p.cluster * step;
  return p;
}

}  // namespace sim
