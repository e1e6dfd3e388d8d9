#include "calib/profile.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace calib {

using topology::Precision;
using units::Seconds;

namespace {

/// Efficiency of a format that nobody measured over that of the next wider one: fp8 over bf16 is
/// 0.97, 0.96 and 0.94 in the fits of H100, H200 and B200.
constexpr double kNarrowerFormat = 0.95;

/// Relative error that a transferred profile is assumed to have. Medians of bf16 GEMM (m >= 1024)
/// and attention when one measured device predicts another: H100 to H200 4 and 6 %, B200 to GB200 5
/// and 7 %, A100 to H100 9 and 13 %, H200 to B200 12 and 9 %, but H100 to L40S 23 and 24 %:
/// graphics boards under a low power cap. The efficiency surface goes along: within a generation it
/// helps (B200 to GB200 5.8 % without, fp8 4.7 to 3.9 %), across generations it changes little (8.1
/// to 8.6 %). A profile without measured fp8 also lacks the cast of A, which tables of fp8 include:
/// A100 to H100 is 44 % off there.
constexpr int kTransferErrorPercent = 20;

std::size_t at(Precision p) {
  return static_cast<std::size_t>(p);
}

bool has_peak(const DeviceProfile& p, Precision precision) {
  return p.hardware.peak[at(precision)] > units::FlopsPerSecond{};
}

/// The format that the device computes in when asked for `precision`.
Precision executed(const DeviceProfile& p, Precision precision) {
  if (has_peak(p, precision)) {
    return precision;
  }
  switch (precision) {
    case Precision::Fp4:
      return executed(p, Precision::Fp8);
    case Precision::Fp8:
    case Precision::Int8:
      return has_peak(p, Precision::Bf16) ? Precision::Bf16 : Precision::Fp16;
    case Precision::Bf16:
      return Precision::Fp16;
    case Precision::Fp16:
      return Precision::Bf16;
    case Precision::Fp32:
    case Precision::Tf32:
      return Precision::Fp32;
  }
  return precision;
}

struct Model {
  GemmCoefficients coefficients;
  GemmDevice device;
};

/// Coefficients for an executed format: its own, else its neighbour's.
GemmCoefficients coefficients_for(const DeviceProfile& p, Precision format) {
  const GemmCoefficients& own = p.gemm[at(format)];
  if (own.measured) {
    return own;
  }
  GemmCoefficients c;
  switch (format) {
    case Precision::Int8:
      return coefficients_for(p, Precision::Fp8);
    case Precision::Fp4:
      c = coefficients_for(p, Precision::Fp8);
      break;
    case Precision::Fp8:
      c = p.gemm[at(Precision::Bf16)];
      break;
    default:
      return p.gemm[at(Precision::Bf16)];
  }
  c.efficiency *= kNarrowerFormat;
  return c;
}

GemmDevice device_for(const DeviceProfile& p, Precision format) {
  return {.units = static_cast<double>(std::max(1, p.hardware.compute_units)),
          .peak = p.hardware.peak[at(format)],
          .memory_bandwidth = p.hardware.memory_bandwidth,
          .l2_cache = p.hardware.l2_cache,
          .element_bytes = topology::element_bytes(format)};
}

Model model_for(const DeviceProfile& p, Precision precision) {
  const Precision format = executed(p, precision);
  return {coefficients_for(p, format), device_for(p, format)};
}

/// Attention runs in bf16 or wider: narrower inputs are widened.
Precision attention_format(const DeviceProfile& p, Precision precision) {
  const bool wide = precision == Precision::Fp32 || precision == Precision::Tf32;
  return executed(p, wide ? precision : Precision::Bf16);
}

/// `passes` over tensors of the queries' size and as many over those of the keys'.
units::Bytes attention_traffic(const DeviceProfile& p, const AttentionShape& s, Precision precision,
                               double passes) {
  const double queries = static_cast<double>(s.query_length) * static_cast<double>(s.heads);
  const double keys = static_cast<double>(s.key_length) *
                      static_cast<double>(std::max<std::int64_t>(1, s.kv_heads));
  const double width = topology::element_bytes(attention_format(p, precision));
  return units::bytes(passes * width * static_cast<double>(s.batch * s.head_dim) *
                      (queries + keys));
}

}  // namespace

Seconds gemm_time(const DeviceProfile& p, const GemmShape& s, Precision precision) {
  const Model model = model_for(p, precision);
  return gemm_time(model.coefficients, model.device, s);
}

Seconds gemm_product_time(const DeviceProfile& p, const GemmShape& s, Precision precision) {
  const Model model = model_for(p, precision);
  return product_time(model.coefficients, model.device, s);
}

double sustained_slowdown(const DeviceProfile& p, Precision precision) {
  return 1.0 + coefficients_for(p, executed(p, precision)).throttle;
}

Seconds attention_forward_time(const DeviceProfile& p, const AttentionShape& s,
                               Precision precision) {
  const Precision format = attention_format(p, precision);
  return attention_forward_time(p.attention, device_for(p, format), coefficients_for(p, format), s);
}

Seconds attention_backward_time(const DeviceProfile& p, const AttentionShape& s,
                                Precision precision) {
  const Precision format = attention_format(p, precision);
  return attention_backward_time(p.attention, device_for(p, format), coefficients_for(p, format),
                                 s);
}

units::Bytes gemm_traffic(const DeviceProfile& p, const GemmShape& s, Precision precision) {
  return product_traffic(model_for(p, precision).device, s);
}

units::Bytes attention_forward_traffic(const DeviceProfile& p, const AttentionShape& s,
                                       Precision precision) {
  return attention_traffic(p, s, precision, 2.0);
}

units::Bytes attention_backward_traffic(const DeviceProfile& p, const AttentionShape& s,
                                        Precision precision) {
  return attention_traffic(p, s, precision, 4.0);
}

Seconds memory_time(const DeviceProfile& p, units::Bytes traffic) {
  if (traffic <= units::Bytes{}) {
    return {};
  }
  return p.memory.launch + traffic / (p.hardware.memory_bandwidth * p.memory.efficiency);
}

Band gemm_band(const DeviceProfile& p, Precision precision, Seconds time) {
  const auto own = [&p](Precision format) {
    return p.bands.find(fmt::format("gemm {}", topology::name(format)));
  };
  auto found = own(executed(p, precision));
  if (found == p.bands.end()) {
    found = own(Precision::Bf16);
  }
  return found == p.bands.end() ? kUnknownBand : band_at(found->second, time, kUnknownBand);
}

Band attention_band(const DeviceProfile& p, Seconds time) {
  return band_of(p.bands, "attention forward", time);
}

namespace {

/// Whether two counts of compute units are of the same kind of unit: a few large cores (TPU,
/// Trainium) do not quantise work as a hundred small ones do, so there the count of the measured
/// device stays.
bool alike(int to, int measured) {
  constexpr int kSameKindWithin = 4;
  return to > 0 && to * kSameKindWithin >= measured && to <= measured * kSameKindWithin;
}

}  // namespace

DeviceProfile transfer(const DeviceProfile& nearest, const topology::Accelerator& to) {
  DeviceProfile p = nearest;
  p.id = to.id;
  p.accelerator = to.id;
  if (alike(to.compute_units, nearest.hardware.compute_units)) {
    p.hardware.compute_units = to.compute_units;
  }
  const bool states_peaks = std::any_of(to.peak.begin(), to.peak.end(),
                                        [](auto peak) { return peak > units::FlopsPerSecond{}; });
  if (states_peaks) {
    p.hardware.peak = to.peak;
  }
  if (to.memory_bandwidth > units::BytesPerSecond{}) {
    p.hardware.memory_bandwidth = to.memory_bandwidth;
  }
  if (to.l2_cache > units::Bytes{}) {
    p.hardware.l2_cache = to.l2_cache;
  }
  p.hardware.source = fmt::format("catalog entry {}", to.id);
  for (auto& [kind, residual] : p.residuals) {  // so that predictions show how unsure they are
    residual.p90 = std::max(residual.p90, kTransferErrorPercent / 100.0);
  }
  constexpr double kWider = kTransferErrorPercent / 100.0;
  for (auto& [kind, bands] : p.bands) {
    for (Band& band : bands) {
      band.low *= 1.0 - kWider;
      band.high *= 1.0 + kWider;
    }
  }
  p.source.parent = nearest.id;
  p.source.transferred = {"all coefficients"};
  p.warnings.push_back(fmt::format(
      "Kernel times of {} {}: they are those of {}, scaled by compute "
      "units, dense peaks and "
      "memory bandwidth, with an assumed relative error of {} %.",
      to.id, to.id == nearest.accelerator ? "as changed are not measured" : "are not measured",
      nearest.accelerator, kTransferErrorPercent));
  return p;
}

}  // namespace calib
