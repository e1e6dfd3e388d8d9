#include "calib/fit/device.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "calib/fit/attention.hpp"
#include "calib/fit/gemm.hpp"
#include "calib/fit/memory_bound.hpp"
#include "calib/fit/reference_hardware.hpp"
#include "topology/error.hpp"

namespace calib {

using topology::Precision;

namespace {

constexpr std::array kFormats{Precision::Bf16, Precision::Fp16, Precision::Fp8, Precision::Fp4,
                              Precision::Tf32, Precision::Fp32, Precision::Int8};
constexpr std::size_t kFewestGemm = 50, kFewestAttention = 50, kFewestBackward = 10,
                      kFewestMemory = 10;

GemmDevice device_for(const ReferenceHardware& h, Precision precision) {
  return {.units = static_cast<double>(h.compute_units),
          .peak = h.peak[static_cast<std::size_t>(precision)],
          .memory_bandwidth = h.memory_bandwidth,
          .l2_cache = h.l2_cache,
          .element_bytes = topology::element_bytes(precision)};
}

/// Tables and runner time the cast of A along with a product in a format below 16 bits.
Cast cast_of(Precision precision) {
  return topology::element_bytes(precision) < 2.0 ? Cast::Measured : Cast::None;
}

/// True where `own` went into the profile.
bool fit_format(DeviceProfile& profile, const std::vector<GemmRecord>& own, Precision precision) {
  const GemmDevice device = device_for(profile.hardware, precision);
  if (own.size() < kFewestGemm || !(device.peak > units::FlopsPerSecond{})) {
    return false;
  }
  const GemmFit fit = fit_gemm(own, device, cast_of(precision));
  profile.gemm[static_cast<std::size_t>(precision)] = fit.coefficients;
  const std::string kind = fmt::format("gemm {}", topology::name(precision));
  profile.residuals[kind] = fit.all;
  profile.residuals[kind + " m>=1024"] = fit.large;
  profile.residuals[kind + " cross-validated"] = fit.cross_validated;
  profile.residuals[kind + " m>=1024 cross-validated"] = fit.cross_validated_large;
  profile.bands[kind] = bands_from(fit.held_out);
  profile.fitted[kind] = fit.fitted;
  return true;
}

void fit_products(DeviceProfile& p, const CalibrationSet& set) {
  for (const Precision precision : kFormats) {
    std::vector<GemmRecord> own;
    std::copy_if(set.gemm.begin(), set.gemm.end(), std::back_inserter(own),
                 [precision](const GemmRecord& r) { return r.precision == precision; });
    const std::string kind = fmt::format("GEMM {}", topology::name(precision));
    const bool needed = p.gemm[static_cast<std::size_t>(precision)].measured;
    if (!fit_format(p, own, precision) && (needed || !own.empty())) {
      p.source.transferred.push_back(own.empty()
                                         ? kind
                                         : fmt::format("{} ({} records are too few, {} are needed)",
                                                       kind, own.size(), kFewestGemm));
    }
  }
}

void fit_attention_kernels(DeviceProfile& p, const CalibrationSet& set) {
  const GemmDevice device = device_for(p.hardware, Precision::Bf16);
  const GemmCoefficients& bf16 = p.gemm[static_cast<std::size_t>(Precision::Bf16)];
  if (set.attention_forward.size() >= kFewestAttention) {
    const AttentionFit fit = fit_attention(set.attention_forward, device, bf16, p.attention);
    p.attention = fit.coefficients;
    p.residuals["attention forward"] = fit.all;
    p.residuals["attention forward cross-validated"] = fit.cross_validated;
    p.bands["attention forward"] = bands_from(fit.held_out);
    p.fitted["attention forward"] = fit.fitted;
  } else {
    p.source.transferred.emplace_back("attention forward");
  }
  if (set.attention_backward.size() >= kFewestBackward) {
    const AttentionFit fit =
        fit_attention_backward(set.attention_backward, device, bf16, p.attention);
    p.attention = fit.coefficients;
    p.residuals["attention backward"] = fit.all;
    p.bands["attention backward"] = bands_from(fit.held_out);
    p.fitted["attention backward"] = fit.fitted;
  } else {
    p.source.transferred.emplace_back("attention backward (rate over forward, from papers)");
  }
}

void fit_memory_kernels(DeviceProfile& p, const CalibrationSet& set) {
  if (set.memory_bound.size() < kFewestMemory) {
    p.source.transferred.emplace_back(
        "memory-bound kernels (efficiency from papers, launch of the bf16 GEMM)");
    return;
  }
  const MemoryBoundFit fit = fit_memory_bound(set.memory_bound, p.hardware.memory_bandwidth);
  p.memory = fit.coefficients;
  p.residuals["memory_bound"] = fit.all;
  p.residuals["memory_bound cross-validated"] = fit.cross_validated;
  p.bands["memory_bound"] = bands_from(fit.held_out);
  p.fitted["memory_bound"] = fit.fitted;
}

/// Median of `value` over what `wanted` picks; nothing where it picks none.
template <class List, class Wanted, class Value>
std::optional<double> median_of(const List& list, const Wanted& wanted, const Value& value) {
  std::vector<double> values;
  for (const auto& item : list) {
    if (wanted(item)) {
      values.push_back(value(item));
    }
  }
  return values.empty() ? std::nullopt : std::optional(median(std::move(values)));
}

void take_medians(DeviceProfile& p, const CalibrationSet& set) {
  const auto launch = [&](LaunchKind kind) -> std::optional<units::Seconds> {
    const auto s = median_of(
        set.launches, [kind](const auto& m) { return m.kind == kind; },
        [](const auto& m) { return m.measured.time.base(); });
    return s ? std::optional(units::seconds(*s)) : std::nullopt;
  };
  const auto power = [&](Load load) -> std::optional<units::Watts> {
    const auto w = median_of(
        set.powers, [load](const auto& m) { return m.load == load; },
        [](const auto& m) { return m.power.base(); });
    return w ? std::optional(units::watts(*w)) : std::nullopt;
  };
  const auto keep = [](auto& field, const auto& measured) {
    if (measured) {
      field = measured;
    }
  };
  DeviceExtras& e = p.extras;
  keep(e.kernel_launch, launch(LaunchKind::Kernel));
  keep(e.graph_launch, launch(LaunchKind::Graph));
  keep(e.graph_node, launch(LaunchKind::GraphNode));
  keep(e.collective_launch, launch(LaunchKind::Collective));
  keep(e.idle_power, power(Load::Idle));
  keep(e.memory_power, power(Load::Memory));
  keep(e.compute_power, power(Load::Compute));
  keep(e.communication_power, power(Load::Communication));
  // A copy kernel that stands for a collective takes SMs, but none of the links.
  const auto real = [](const auto& m) { return !m.stand_in_sms; };
  keep(e.gemm_beside_collective,
       median_of(set.overlaps, real, [](const auto& m) { return m.gemm_together / m.gemm_alone; }));
  keep(e.collective_beside_gemm, median_of(set.overlaps, real, [](const auto& m) {
         return m.collective_together / m.collective_alone;
       }));
}

}  // namespace

DeviceProfile reference_parent(std::string_view accelerator) {
  const ReferenceDevice& reference = reference_device(accelerator);
  DeviceProfile p;
  p.id = p.accelerator = accelerator;
  p.hardware = reference.hardware;
  p.memory.efficiency = reference.memory_efficiency;
  p.attention.query_tile = reference.query_tile;
  p.attention.backward_rate = reference.backward_rate;
  return p;
}

DeviceProfile fit_device(const CalibrationSet& set, const DeviceProfile& parent) {
  DeviceProfile p = parent;
  p.id = p.accelerator = set.accelerator;
  p.source = {.tables = set.files,
              .date = {},
              .command = {},
              .runs = set.runs,
              .parent = parent.source.tables.empty() ? std::string() : parent.id,
              .transferred = {}};
  fit_products(p, set);
  const GemmCoefficients& bf16 = p.gemm[static_cast<std::size_t>(Precision::Bf16)];
  if (!bf16.measured) {
    throw topology::InputError(
        fmt::format("the records of {} have fewer than {} bf16 GEMM and no parent profile has any; "
                    "add records or name a parent with --parent",
                    set.accelerator, kFewestGemm));
  }
  if (p.source.parent.empty()) {
    p.memory.launch = bf16.launch;
  }
  fit_attention_kernels(p, set);
  fit_memory_kernels(p, set);
  take_medians(p, set);
  return p;
}

}  // namespace calib
