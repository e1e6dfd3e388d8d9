#include "calib/profile.hpp"

#include "topology/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace calib {

using topology::Precision;
using units::Seconds;

namespace {
units::FlopsPerSecond peak_of(const DeviceProfile& p, Precision precision) {
  topology::Accelerator a;
  a.peak = p.hardware.peak;
  return a.peak_for(precision);
}
}  // namespace

Seconds gemm_time(const DeviceProfile& p, const GemmShape& s, Precision precision) {
  if (s.m <= 0 || s.n <= 0 || s.k <= 0 || s.batch <= 0) {
    return {};
  }
  const double m = static_cast<double>(s.m), n = static_cast<double>(s.n);
  const double k = static_cast<double>(s.k), b = static_cast<double>(s.batch);
  const auto& c = p.gemm[static_cast<std::size_t>(precision)];
  const Seconds compute = units::flops(2 * m * n * k * b) / (peak_of(p, precision) * c.efficiency);
  const double e = topology::element_bytes(precision);
  const Seconds memory = units::bytes(b * (e * (m * k + k * n) + 2 * m * n)) /
                         (p.hardware.memory_bandwidth * p.memory.efficiency);
  return p.launch + std::max(compute, memory);
}

namespace {
units::Flops attention_flops(const AttentionShape& s) {
  const double area = static_cast<double>(s.query_length) * static_cast<double>(s.key_length) *
                      (s.mask == Mask::Causal ? 0.5 : 1.0);
  return units::flops(4.0 * static_cast<double>(s.batch * s.heads * s.head_dim) * area);
}
}  // namespace

Seconds attention_forward_time(const DeviceProfile& p, const AttentionShape& s, Precision precision) {
  return p.launch + attention_flops(s) / (peak_of(p, precision) * p.attention.efficiency);
}

Seconds attention_backward_time(const DeviceProfile& p, const AttentionShape& s, Precision precision) {
  return p.launch + 2.5 * attention_flops(s) /
                        (peak_of(p, precision) * p.attention.efficiency *
                         p.attention.backward_relative_efficiency);
}

Seconds memory_time(const DeviceProfile& p, units::Bytes traffic) {
  if (traffic <= units::Bytes{}) {
    return {};
  }
  return p.launch + traffic / (p.hardware.memory_bandwidth * p.memory.efficiency);
}

DeviceProfile transfer(const DeviceProfile& nearest, const topology::Accelerator& to) {
  DeviceProfile p = nearest;
  p.id = to.id;
  p.accelerator = to.id;
  if (to.compute_units > 0) {
    p.hardware.compute_units = to.compute_units;
  }
  p.hardware.peak = to.peak;
  p.hardware.memory_bandwidth = to.memory_bandwidth;
  p.warnings.push_back(fmt::format("Kernel times of {} are scaled from measurements on {}; expect an "
                                   "error of about 15 %.",
                                   to.id, nearest.accelerator));
  return p;
}

DeviceProfile read_profile(const std::filesystem::path& file) {
  throw topology::InputError({file.string()}, "", "profiles cannot be read yet");
}

void write_profile(const DeviceProfile&, const std::filesystem::path& file) {
  throw topology::RuntimeFailure(fmt::format("{}: profiles cannot be written yet", file.string()));
}

}  // namespace calib
