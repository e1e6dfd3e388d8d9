#include "calib/fit/gemm.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "calib/fit/bounded.hpp"
#include "calib/fit/covariance.hpp"
#include "calib/fit/efficiency_surface.hpp"
#include "calib/fit/folds.hpp"
#include "calib/fit/robust.hpp"
#include "topology/error.hpp"

namespace calib {

namespace {

constexpr double kScale = 0.05;  ///< errors beyond 5 % count by their size, not their square
constexpr double kLargeWeight = 2.0;
constexpr std::size_t kFewest = 50;

/// One free coefficient: where it is kept, its limits and its first guess. Times in microseconds.
struct Free {
  double GemmCoefficients::*number;
  units::Seconds GemmCoefficients::*time;
  Bounds limits;
  double start;
  const char* name;  ///< in the profile's file; times in seconds there
};
const std::array<Free, 12> kFree{{
    {&GemmCoefficients::efficiency, nullptr, {0.2, 1.0}, 0.85, "efficiency"},
    {&GemmCoefficients::tile_penalty, nullptr, {0.0, 200.0}, 10.0, "tile_penalty_elements"},
    {nullptr, &GemmCoefficients::launch, {0.3, 20.0}, 2.5, "launch_s"},
    {&GemmCoefficients::memory_efficiency, nullptr, {0.3, 1.0}, 0.75, "memory_efficiency"},
    {&GemmCoefficients::l2_speedup, nullptr, {1.0, 15.0}, 2.0, "l2_speedup"},
    {&GemmCoefficients::l2_share, nullptr, {0.02, 1.2}, 0.4, "l2_share"},
    {&GemmCoefficients::depth_ramp, nullptr, {1.0, 1500.0}, 150.0, "depth_ramp_elements"},
    {&GemmCoefficients::throttle, nullptr, {0.0, 1.5}, 0.15, "throttle"},
    {nullptr, &GemmCoefficients::throttle_time, {20.0, 5000.0}, 2000.0, "throttle_time_s"},
    {&GemmCoefficients::quantisation, nullptr, {0.0, 1.0}, 0.7, "quantisation"},
    {nullptr, &GemmCoefficients::split, {0.05, 30.0}, 2.5, "split_s"},
    {&GemmCoefficients::quantise_bytes, nullptr, {0.0, 30.0}, 6.0, "quantise_bytes_per_element"},
}};
constexpr std::size_t kQuantiseBytes = 11;
constexpr std::size_t kQuantisation = 9;
constexpr std::size_t kEfficiency = 0, kLaunch = 2, kThrottle = 7, kThrottleTime = 8;

using Parameters = std::vector<double>;

GemmCoefficients coefficients_of(std::span<const double> z) {
  GemmCoefficients c;
  c.measured = true;
  c.quantise_bytes = 0.0;
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

double ratio(const GemmCoefficients& c, const GemmDevice& device, const GemmRecord& r) {
  return gemm_time(c, device, r.shape) / r.time;
}

ResidualFunction residuals_of(std::span<const GemmRecord> records, const GemmDevice& device) {
  return [records, &device](std::span<const double> z, std::span<double> out) {
    const GemmCoefficients c = coefficients_of(z);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const double weight = records[i].shape.m >= kLargeRows ? kLargeWeight : 1.0;
      out[i] = weight * records[i].weight * std::log(ratio(c, device, records[i]));
    }
  };
}

RobustFit fit_from(std::span<const GemmRecord> records, const GemmDevice& device,
                   const Parameters& start) {
  return robust_least_squares(residuals_of(records, device), start,
                              static_cast<int>(records.size()), kScale);
}

FittedParameters certainty(std::span<const GemmRecord> records, const GemmDevice& device,
                           const Parameters& z) {
  std::vector<NamedParameter> parameters;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const Free& f = kFree[i];
    const double unit = f.number ? 1.0 : 1e-6;  // the search counts times in microseconds
    parameters.push_back({.name = f.name,
                          .value = unit * f.limits.to_limited(z[i]),
                          .slope = unit * f.limits.slope(z[i])});
  }
  return fitted_parameters(
      parameters,
      robust_covariance(residuals_of(records, device), z, static_cast<int>(records.size()), kScale),
      static_cast<int>(records.size()));
}

/// The best end of starts that differ in what the search finds hard to leave: whole waves or none,
/// and clocks that fall within a short kernel or only in long ones.
RobustFit fit_best(std::span<const GemmRecord> records, const GemmDevice& device, Cast cast) {
  Parameters start;
  const std::size_t count = cast == Cast::Measured ? kFree.size() : kQuantiseBytes;
  for (std::size_t i = 0; i < count; ++i) {
    start.push_back(kFree[i].limits.to_free(kFree[i].start));
  }
  const auto set = [&start](std::size_t i, double x) { start[i] = kFree[i].limits.to_free(x); };
  if (cast == Cast::Measured) {
    set(kLaunch, 10.0);
  }
  struct Clocks {
    double efficiency, throttle, time_us;
  };
  RobustFit best;
  bool first = true;
  for (const double quantisation : {0.1, 0.5, 0.95}) {
    set(kQuantisation, quantisation);
    for (const Clocks& clocks : {Clocks{0.9, 0.5, 60.0}, Clocks{0.85, 0.15, 2000.0}}) {
      set(kEfficiency, clocks.efficiency);
      set(kThrottle, clocks.throttle);
      set(kThrottleTime, clocks.time_us);
      RobustFit fit = fit_from(records, device, start);
      if (first || fit.cost < best.cost) {
        best = std::move(fit);
        first = false;
      }
    }
  }
  return best;
}

/// Adds the surface of what the model leaves over on these records.
GemmCoefficients with_surface(GemmCoefficients c, const GemmDevice& device,
                              std::span<const GemmRecord> records) {
  std::vector<double> errors;
  for (const GemmRecord& r : records) {
    errors.push_back(-std::log(ratio(c, device, r)));
  }
  c.surface = std::make_shared<const EfficiencySurface>(fit_efficiency_surface(records, errors));
  return c;
}

struct Errors {
  std::vector<double> all, large;
  void add(const GemmRecord& r, double error) {
    all.push_back(error);
    if (r.shape.m >= kLargeRows) {
      large.push_back(error);
    }
  }
};

std::string outlier_sentence(const GemmRecord& r, const GemmCoefficients& c,
                             const GemmDevice& device) {
  constexpr auto us = units::microseconds(1);
  return fmt::format("{}:{}: {} GEMM m {} n {} k {}: measured {:.4g} us, fitted {:.4g} us", r.where,
                     r.line, topology::name(r.precision), r.shape.m, r.shape.n, r.shape.k,
                     r.time.in(us), gemm_time(c, device, r.shape).in(us));
}

}  // namespace

GemmFit fit_gemm(std::span<const GemmRecord> records, const GemmDevice& device, Cast cast) {
  if (records.size() < kFewest) {
    throw topology::InputError(fmt::format(
        "{} GEMM records are too few for a fit, expected {} or more", records.size(), kFewest));
  }
  const RobustFit best = fit_best(records, device, cast);
  GemmFit fit;
  fit.coefficients = with_surface(coefficients_of(best.x), device, records);
  fit.parameters = static_cast<int>(best.x.size());
  Errors errors;
  for (const GemmRecord& r : records) {
    errors.add(r, ratio(fit.coefficients, device, r) - 1.0);
  }
  fit.held_out = cross_validate(
      records,
      [](const GemmRecord& r) {
        return fold_of({r.shape.n, r.shape.k});
      },
      [&](std::span<const GemmRecord> seen) {
        return with_surface(coefficients_of(fit_from(seen, device, best.x).x), device, seen);
      },
      [&](const GemmCoefficients& c, const GemmRecord& r) {
        return gemm_time(c, device, r.shape);
      });
  Errors unseen;
  for (std::size_t i = 0; i < records.size(); ++i) {
    unseen.add(records[i], fit.held_out[i].predicted / fit.held_out[i].measured - 1.0);
  }
  fit.fitted = certainty(records, device, best.x);
  fit.fitted.outliers = name_outliers(errors.all, [&](std::size_t i) {
    return outlier_sentence(records[i], fit.coefficients, device);
  });
  fit.all = residual(errors.all);
  fit.large = residual(errors.large);
  fit.cross_validated = residual(unseen.all);
  fit.cross_validated_large = residual(unseen.large);
  return fit;
}

}  // namespace calib
