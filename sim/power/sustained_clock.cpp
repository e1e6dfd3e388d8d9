#include "sim/power/sustained_clock.hpp"

#include <algorithm>
#include <cmath>

#include "sim/power/power.hpp"

namespace sim {

namespace {

using topology::Accelerator;
using units::Watts;

/// Peaks and unit counts of one die differ by what is switched off: at most a fifth.
bool alike(double a, double b) {
  constexpr double kSameDie = 1.2;
  return a > 0.0 && b > 0.0 && std::max(a, b) <= kSameDie * std::min(a, b);
}

bool same_die(const Accelerator& a, const Accelerator& b) {
  const auto peak = [](const Accelerator& x) {
    return x.peak_for(topology::Precision::Bf16).in(units::flops_per_second(1));
  };
  return a.vendor == b.vendor && alike(a.compute_units, b.compute_units) && alike(peak(a), peak(b));
}

}  // namespace

double clock_at(double power) {
  return std::cbrt(power);
}

double capped_speed(const Accelerator& a, Watts cap, Part part) {
  const double share =
      (cap - a.idle_power) / (uncapped_power_share(a, part) * (a.tdp - a.idle_power));
  return clock_at(std::clamp(share, 0.0, 1.0));
}

calib::DeviceProfile at_sustained_clock(calib::DeviceProfile p, const Accelerator& measured,
                                        const Accelerator& to) {
  if (!same_die(measured, to) || measured.tdp <= measured.idle_power || to.tdp <= to.idle_power) {
    return p;
  }
  const double clock = clock_at((to.tdp - to.idle_power) / (measured.tdp - measured.idle_power));
  for (calib::GemmCoefficients& c : p.gemm) {
    c.efficiency = std::min(1.0, c.efficiency * clock);
  }
  p.attention.efficiency *= clock;
  return p;
}

calib::DeviceProfile at_power_cap(calib::DeviceProfile p, const Accelerator& a) {
  if (a.power_cap <= Watts{}) {
    return p;
  }
  const auto speed = [&a](Part part) { return capped_speed(a, a.power_cap, part); };
  for (calib::GemmCoefficients& c : p.gemm) {
    c.efficiency *= speed(Part::Gemm);
  }
  p.attention.efficiency *= speed(Part::Attention);
  p.memory.efficiency *= speed(Part::MemoryBound);
  return p;
}

Watts least_power_cap(const Accelerator& a) {
  return a.idle_power + uncapped_power_share(a, Part::DpComm) * (a.tdp - a.idle_power);
}

}  // namespace sim
