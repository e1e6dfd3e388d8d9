#include "sim/power/power.hpp"

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
      return 0.12;
  }
  return 0.0;
}

namespace {

/// NIC, transceivers and switches per accelerator at 400 Gbit/s: a two- to three-tier fabric of
/// 64-port switches takes 95 to 135 W (transceivers 8.5 W an end, switches 750 W); scaled by the
/// line rate.
Watts fabric_power(const topology::ClusterSpec& c) {
  constexpr double kWattsAt400Gbps = 115.0;
  const bool alone = c.gpus <= c.scale_up_domain;
  return alone ? Watts{}
               : watts(kWattsAt400Gbps * (c.nic_bandwidth / units::gigabits_per_second(400)));
}

}  // namespace

StepPower step_power(const topology::ClusterSpec& c, const PartTimes& parts, units::Seconds step) {
  double share = 0.0;
  for (std::size_t i = 0; i < kParts; ++i) {
    share += power_share(static_cast<Part>(i)) * (parts.at[i] / step);
  }
  const topology::Accelerator& a = c.accelerator;
  StepPower p;
  p.accelerator = a.idle_power + share * (a.tdp - a.idle_power);
  p.cluster = static_cast<double>(c.gpus) * (p.accelerator + fabric_power(c)) +
              static_cast<double>(c.nodes()) * c.node_overhead_power;
  p.energy = p.cluster * step;
  return p;
}

}  // namespace sim
