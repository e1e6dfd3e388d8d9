#include "calib/fit/memory_bound.hpp"

#include <cmath>
#include <set>
#include <string>

#include <fmt/format.h>

#include "calib/fit/bounded.hpp"
#include "calib/fit/covariance.hpp"
#include "calib/fit/robust.hpp"
#include "topology/error.hpp"

namespace calib {

namespace {

using Record = CalibrationSet::Of<MemoryBoundMeasurement>;

constexpr double kScale = 0.05;
constexpr std::size_t kFewest = 10;
constexpr Bounds kEfficiency{0.05, 1.0};
constexpr Bounds kLaunchUs{0.2, 50.0};

MemoryCoefficients coefficients_of(std::span<const double> z) {
  return {.efficiency = kEfficiency.to_limited(z[0]),
          .launch = units::microseconds(kLaunchUs.to_limited(z[1]))};
}

units::Seconds predicted(const MemoryCoefficients& c, units::BytesPerSecond bandwidth,
                         const Record& r) {
  return c.launch + r.measurement.bytes / (bandwidth * c.efficiency);
}

ResidualFunction residuals_of(const std::vector<const Record*>& records,
                              units::BytesPerSecond bandwidth) {
  return [&records, bandwidth](std::span<const double> z, std::span<double> out) {
    const MemoryCoefficients c = coefficients_of(z);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const Measured& measured = records[i]->measurement.measured;
      out[i] = weight_of_noise(measured.noise.value_or(0.0), kScale) *
               std::log(predicted(c, bandwidth, *records[i]) / measured.time);
    }
  };
}

std::vector<double> fit(const std::vector<const Record*>& records,
                        units::BytesPerSecond bandwidth) {
  return robust_least_squares(residuals_of(records, bandwidth),
                              {kEfficiency.to_free(0.88), kLaunchUs.to_free(2.5)},
                              static_cast<int>(records.size()), kScale)
      .x;
}

}  // namespace

MemoryBoundFit fit_memory_bound(std::span<const Record> records, units::BytesPerSecond bandwidth) {
  if (records.size() < kFewest) {
    throw topology::InputError(
        fmt::format("{} records of memory-bound kernels are too few for a fit, expected {} or more",
                    records.size(), kFewest));
  }
  std::vector<const Record*> all;
  std::set<std::string> operators;
  for (const Record& r : records) {
    all.push_back(&r);
    operators.insert(r.measurement.op);
  }
  const std::vector<double> z = fit(all, bandwidth);
  MemoryBoundFit result;
  result.coefficients = coefficients_of(z);
  std::vector<double> errors, unseen_errors;
  for (const Record* r : all) {
    errors.push_back(predicted(result.coefficients, bandwidth, *r) / r->measurement.measured.time -
                     1.0);
  }
  int group = 0;
  for (const std::string& op : operators) {
    std::vector<const Record*> seen, unseen;
    for (const Record* r : all) {
      (r->measurement.op == op ? unseen : seen).push_back(r);
    }
    const MemoryCoefficients c =
        seen.empty() ? result.coefficients : coefficients_of(fit(seen, bandwidth));
    for (const Record* r : unseen) {
      result.held_out.push_back({.predicted = predicted(c, bandwidth, *r),
                                 .measured = r->measurement.measured.time,
                                 .group = group});
      unseen_errors.push_back(result.held_out.back().predicted / result.held_out.back().measured -
                              1.0);
    }
    ++group;
  }
  result.all = residual(errors);
  result.cross_validated = residual(unseen_errors);
  result.fitted = fitted_parameters(
      {{.name = "efficiency",
        .value = result.coefficients.efficiency,
        .slope = kEfficiency.slope(z[0])},
       {.name = "launch_s",
        .value = result.coefficients.launch.base(),
        .slope = 1e-6 * kLaunchUs.slope(z[1])}},
      robust_covariance(residuals_of(all, bandwidth), z, static_cast<int>(all.size()), kScale),
      static_cast<int>(all.size()));
  result.fitted.outliers = name_outliers(errors, [&](std::size_t i) {
    const MemoryBoundMeasurement& m = records[i].measurement;
    return fmt::format("{}:{}: {} of {} x {}: measured {:.4g} us, fitted {:.4g} us",
                       records[i].where, records[i].line, m.op, m.rows, m.columns,
                       m.measured.time.in(units::microseconds(1)),
                       (1.0 + errors[i]) * m.measured.time.in(units::microseconds(1)));
  });
  return result;
}

}  // namespace calib
