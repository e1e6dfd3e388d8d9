#include "calib/fit/attention.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include "calib/fit/bounded.hpp"
#include "calib/fit/folds.hpp"
#include "calib/fit/robust.hpp"
#include "topology/error.hpp"

namespace calib {

namespace {

constexpr double kScale = 0.05;  ///< as for GEMM
constexpr std::size_t kFewest = 50;

/// One free coefficient, its limits and its first guess. Times in microseconds.
struct Free {
  double AttentionCoefficients::*number;
  units::Seconds AttentionCoefficients::*time;
  Bounds limits;
  double start;
};
const std::array<Free, 7> kFree{{
    {&AttentionCoefficients::efficiency, nullptr, {0.1, 1.5}, 0.65},
    {&AttentionCoefficients::head_dim_half, nullptr, {0.0, 300.0}, 25.0},
    {&AttentionCoefficients::unusual_head_dim, nullptr, {0.3, 1.3}, 0.9},
    {nullptr, &AttentionCoefficients::block_start, {0.02, 30.0}, 2.0},
    {&AttentionCoefficients::latency_factor, nullptr, {0.01, 6.0}, 1.0},
    {nullptr, &AttentionCoefficients::launch, {2.0, 30.0}, 11.0},
    {&AttentionCoefficients::side_traffic, nullptr, {0.0, 20.0}, 3.0},
}};

AttentionCoefficients coefficients_of(AttentionCoefficients c, std::span<const double> z) {
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double x = kFree[i].limits.to_limited(z[i]);
    if (kFree[i].number) {
      c.*kFree[i].number = x;
    } else {
      c.*kFree[i].time = units::microseconds(x);
    }
  }
  return c;
}

/// What stays the same in all fits of one device.
struct Setting {
  const GemmDevice& device;
  const GemmCoefficients& memory;
  const AttentionCoefficients& fixed;

  [[nodiscard]] double ratio(const AttentionCoefficients& c, const AttentionRecord& r) const {
    return attention_forward_time(c, device, memory, r.shape) / r.time;
  }
};

std::vector<double> fit_from(std::span<const AttentionRecord> records, const Setting& setting,
                             const std::vector<double>& start) {
  const auto residuals = [&](std::span<const double> z, std::span<double> out) {
    const AttentionCoefficients c = coefficients_of(setting.fixed, z);
    for (std::size_t i = 0; i < records.size(); ++i) {
      out[i] = std::log(setting.ratio(c, records[i]));
    }
  };
  return robust_least_squares(residuals, start, static_cast<int>(records.size()), kScale).x;
}

std::vector<double> cross_validate(std::span<const AttentionRecord> records, const Setting& setting,
                                   const std::vector<double>& start) {
  std::vector<double> errors;
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<AttentionRecord> seen, unseen;
    for (const AttentionRecord& r : records) {
      const auto& s = r.shape;
      (fold_of({s.heads, s.kv_heads, s.head_dim}) == fold ? unseen : seen).push_back(r);
    }
    const AttentionCoefficients c = coefficients_of(setting.fixed, fit_from(seen, setting, start));
    for (const AttentionRecord& r : unseen) {
      errors.push_back(setting.ratio(c, r) - 1.0);
    }
  }
  return errors;
}

}  // namespace

AttentionFit fit_attention(std::span<const AttentionRecord> records, const GemmDevice& device,
                           const GemmCoefficients& memory, const AttentionCoefficients& fixed) {
  if (records.size() < kFewest) {
    throw topology::InputError(
        fmt::format("{} attention records are too few for a fit, expected {} or more",
                    records.size(), kFewest));
  }
  std::vector<double> start;
  for (const Free& f : kFree) {
    start.push_back(f.limits.to_free(f.start));
  }
  const Setting setting{device, memory, fixed};
  const std::vector<double> z = fit_from(records, setting, start);
  AttentionFit fit;
  fit.coefficients = coefficients_of(fixed, z);
  fit.parameters = static_cast<int>(z.size());
  std::vector<double> errors;
  for (const AttentionRecord& r : records) {
    errors.push_back(setting.ratio(fit.coefficients, r) - 1.0);
  }
  fit.all = residual(errors);
  fit.cross_validated = residual(cross_validate(records, setting, z));
  return fit;
}

}  // namespace calib
