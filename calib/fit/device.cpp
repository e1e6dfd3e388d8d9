#include "calib/fit/device.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "calib/fit/attention.hpp"
#include "calib/fit/gemm.hpp"
#include "calib/fit/reference_hardware.hpp"
#include "topology/error.hpp"

namespace calib {

using topology::Precision;

namespace {

constexpr std::array kMeasurable{Precision::Bf16, Precision::Fp16, Precision::Fp8, Precision::Fp4};

/// When the project took the tables into use; the tables state no day of measurement.
constexpr std::string_view kTablesDate = "2026-11";

GemmDevice device_for(const ReferenceHardware& h, Precision precision) {
  return {.units = static_cast<double>(h.compute_units),
          .peak = h.peak[static_cast<std::size_t>(precision)],
          .memory_bandwidth = h.memory_bandwidth,
          .l2_cache = h.l2_cache,
          .element_bytes = topology::element_bytes(precision)};
}

void fit_format(DeviceProfile& profile, std::span<const GemmRecord> records, Precision precision) {
  std::vector<GemmRecord> own;
  for (const GemmRecord& r : records) {
    if (r.precision == precision) {
      own.push_back(r);
    }
  }
  if (own.empty()) {
    return;
  }
  const Cast cast = topology::element_bytes(precision) < 2.0 ? Cast::Measured : Cast::None;
  const GemmFit fit = fit_gemm(own, device_for(profile.hardware, precision), cast);
  profile.gemm[static_cast<std::size_t>(precision)] = fit.coefficients;
  const std::string kind = fmt::format("gemm {}", topology::name(precision));
  profile.residuals[kind] = fit.all;
  profile.residuals[kind + " m>=1024"] = fit.large;
  profile.residuals[kind + " cross-validated"] = fit.cross_validated;
  profile.residuals[kind + " m>=1024 cross-validated"] = fit.cross_validated_large;
}

}  // namespace

DeviceProfile fit_device(std::string_view accelerator, std::span<const GemmRecord> gemm,
                         std::span<const AttentionRecord> attention) {
  const ReferenceDevice& reference = reference_device(accelerator);
  DeviceProfile p;
  p.id = p.accelerator = accelerator;
  p.hardware = reference.hardware;
  for (const Precision precision : kMeasurable) {
    fit_format(p, gemm, precision);
  }
  const GemmCoefficients& bf16 = p.gemm[static_cast<std::size_t>(Precision::Bf16)];
  if (!bf16.measured) {
    throw topology::InputError(fmt::format("the tables of {} have no bfloat16 GEMM", accelerator));
  }
  p.memory = {.efficiency = reference.memory_efficiency, .launch = bf16.launch};
  p.attention.query_tile = reference.query_tile;
  p.attention.backward_rate = reference.backward_rate;
  const AttentionFit fit =
      fit_attention(attention, device_for(p.hardware, Precision::Bf16), bf16, p.attention);
  p.attention = fit.coefficients;
  p.residuals["attention forward"] = fit.all;
  p.residuals["attention forward cross-validated"] = fit.cross_validated;
  return p;
}

DeviceProfile fit_device_tables(std::string_view accelerator, const std::filesystem::path& tables) {
  const ReferenceDevice& reference = reference_device(accelerator);
  const std::string gemm = fmt::format("gemm_{}.csv", reference.table);
  const std::string attention = fmt::format("attention_forward_{}.csv", reference.table);
  DeviceProfile p = fit_device(accelerator, gemm_records(read_csv(tables / gemm)),
                               attention_records(read_csv(tables / attention)));
  p.source = {
      .tables = {gemm, attention},
      .date = std::string(kTablesDate),
      .command = fmt::format("gpuplan-fit --tables ../shared/truth/silicon --accelerator {0} --out "
                             "scenarios/catalog/profiles/{0}.json",
                             accelerator)};
  return p;
}

}  // namespace calib
