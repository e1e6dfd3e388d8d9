#include "calib/fit/attention.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "calib/fit/bounded.hpp"
#include "calib/fit/covariance.hpp"
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
  const char* name;  ///< in the profile's file; times in seconds there
};
const std::array<Free, 7> kFree{{
    {&AttentionCoefficients::efficiency, nullptr, {0.1, 1.5}, 0.65, "efficiency"},
    {&AttentionCoefficients::head_dim_half, nullptr, {0.0, 300.0}, 25.0, "head_dim_half_elements"},
    {&AttentionCoefficients::unusual_head_dim, nullptr, {0.3, 1.3}, 0.9, "unusual_head_dim_factor"},
    {nullptr, &AttentionCoefficients::block_start, {0.02, 30.0}, 2.0, "block_start_s"},
    {&AttentionCoefficients::latency_factor, nullptr, {0.01, 6.0}, 1.0, "latency_factor"},
    {nullptr, &AttentionCoefficients::launch, {2.0, 30.0}, 11.0, "launch_s"},
    {&AttentionCoefficients::side_traffic, nullptr, {0.0, 20.0}, 3.0, "side_traffic_ratio"},
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

ResidualFunction residuals_of(std::span<const AttentionRecord> records, const Setting& setting) {
  return [records, &setting](std::span<const double> z, std::span<double> out) {
    const AttentionCoefficients c = coefficients_of(setting.fixed, z);
    for (std::size_t i = 0; i < records.size(); ++i) {
      out[i] = records[i].weight * std::log(setting.ratio(c, records[i]));
    }
  };
}

std::vector<double> fit_from(std::span<const AttentionRecord> records, const Setting& setting,
                             const std::vector<double>& start) {
  return robust_least_squares(residuals_of(records, setting), start,
                              static_cast<int>(records.size()), kScale)
      .x;
}

FittedParameters certainty(std::span<const AttentionRecord> records, const Setting& setting,
                           const std::vector<double>& z) {
  std::vector<NamedParameter> parameters;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const Free& f = kFree[i];
    const double unit = f.number ? 1.0 : 1e-6;  // the search counts times in microseconds
    parameters.push_back({.name = f.name,
                          .value = unit * f.limits.to_limited(z[i]),
                          .slope = unit * f.limits.slope(z[i])});
  }
  return fitted_parameters(parameters,
                           robust_covariance(residuals_of(records, setting), z,
                                             static_cast<int>(records.size()), kScale),
                           static_cast<int>(records.size()));
}

std::string outlier_sentence(const AttentionRecord& r, double ratio) {
  constexpr auto us = units::microseconds(1);
  const AttentionShape& s = r.shape;
  return fmt::format(
      "{}:{}: attention batch {} length {} heads {}/{} x {} window {}: measured {:.4g} us, fitted "
      "{:.4g} us",
      r.where, r.line, s.batch, s.query_length, s.heads, s.kv_heads, s.head_dim, s.window,
      r.time.in(us), ratio * r.time.in(us));
}

std::vector<double> errors_of(const std::vector<HeldOut>& held_out) {
  std::vector<double> errors;
  errors.reserve(held_out.size());
  for (const HeldOut& r : held_out) {
    errors.push_back(r.predicted / r.measured - 1.0);
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
  fit.held_out = cross_validate(
      records,
      [](const AttentionRecord& r) {
        return fold_of({r.shape.heads, r.shape.kv_heads, r.shape.head_dim});
      },
      [&](std::span<const AttentionRecord> seen) {
        return coefficients_of(setting.fixed, fit_from(seen, setting, z));
      },
      [&](const AttentionCoefficients& c, const AttentionRecord& r) {
        return r.time * setting.ratio(c, r);
      });
  fit.cross_validated = residual(errors_of(fit.held_out));
  fit.fitted = certainty(records, setting, z);
  fit.fitted.outliers = name_outliers(
      errors, [&](std::size_t i) { return outlier_sentence(records[i], 1.0 + errors[i]); });
  return fit;
}

AttentionFit fit_attention_backward(std::span<const AttentionRecord> records,
                                    const GemmDevice& device, const GemmCoefficients& memory,
                                    const AttentionCoefficients& forward) {
  constexpr std::size_t kFewestBackward = 10;
  if (records.size() < kFewestBackward) {
    throw topology::InputError(
        fmt::format("{} records of attention backward are too few for a fit, expected {} or more",
                    records.size(), kFewestBackward));
  }
  constexpr Bounds kLimits{0.1, 2.0};
  const auto with_rate = [&](double z) {
    AttentionCoefficients c = forward;
    c.backward_rate = kLimits.to_limited(z);
    return c;
  };
  const auto ratio = [&](const AttentionCoefficients& c, const AttentionRecord& r) {
    return attention_backward_time(c, device, memory, r.shape) / r.time;
  };
  const ResidualFunction function = [&](std::span<const double> z, std::span<double> out) {
    const AttentionCoefficients c = with_rate(z[0]);
    for (std::size_t i = 0; i < records.size(); ++i) {
      out[i] = records[i].weight * std::log(ratio(c, records[i]));
    }
  };
  const int count = static_cast<int>(records.size());
  const std::vector<double> z =
      robust_least_squares(function, {kLimits.to_free(forward.backward_rate)}, count, kScale).x;
  AttentionFit fit;
  fit.coefficients = with_rate(z[0]);
  fit.parameters = 1;
  for (const AttentionRecord& r : records) {  // one number for all: nothing to hold out that tells
    const double predicted_over = ratio(fit.coefficients, r);
    fit.held_out.push_back({.predicted = r.time * predicted_over,
                            .measured = r.time,
                            .group = fold_of({r.shape.heads, r.shape.kv_heads, r.shape.head_dim})});
  }
  const std::vector<double> errors = errors_of(fit.held_out);
  fit.all = fit.cross_validated = residual(errors);
  fit.fitted = fitted_parameters({{.name = "backward_rate_ratio",
                                   .value = fit.coefficients.backward_rate,
                                   .slope = kLimits.slope(z[0])}},
                                 robust_covariance(function, z, count, kScale), count);
  fit.fitted.outliers = name_outliers(
      errors, [&](std::size_t i) { return outlier_sentence(records[i], 1.0 + errors[i]); });
  return fit;
}

}  // namespace calib
