#include "calib/fit/gemm.hpp"

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

constexpr double kScale = 0.05;  ///< errors beyond 5 % count by their size, not their square
constexpr double kLargeWeight = 1.5;
constexpr std::size_t kFewest = 50;

/// One free coefficient: where it is kept, its limits and its first guess. Times in microseconds.
struct Free {
  double GemmCoefficients::*number;
  units::Seconds GemmCoefficients::*time;
  Bounds limits;
  double start;
};
const std::array<Free, 12> kFree{{
    {&GemmCoefficients::efficiency, nullptr, {0.2, 1.0}, 0.85},
    {&GemmCoefficients::tile_penalty, nullptr, {0.0, 200.0}, 10.0},
    {nullptr, &GemmCoefficients::launch, {0.3, 20.0}, 2.5},
    {&GemmCoefficients::memory_efficiency, nullptr, {0.3, 1.0}, 0.75},
    {&GemmCoefficients::l2_speedup, nullptr, {1.0, 15.0}, 2.0},
    {&GemmCoefficients::l2_share, nullptr, {0.02, 1.2}, 0.4},
    {&GemmCoefficients::depth_ramp, nullptr, {1.0, 1500.0}, 150.0},
    {&GemmCoefficients::throttle, nullptr, {0.0, 0.5}, 0.15},
    {nullptr, &GemmCoefficients::throttle_time, {300.0, 5000.0}, 2000.0},
    {&GemmCoefficients::quantisation, nullptr, {0.0, 1.0}, 0.7},
    {nullptr, &GemmCoefficients::split, {0.05, 30.0}, 2.5},
    {&GemmCoefficients::quantise_bytes, nullptr, {0.0, 30.0}, 6.0},
}};
constexpr std::size_t kQuantiseBytes = 11;
constexpr std::size_t kQuantisation = 9;
constexpr std::size_t kLaunch = 2;

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

RobustFit fit_from(std::span<const GemmRecord> records, const GemmDevice& device,
                   const Parameters& start) {
  const auto residuals = [&](std::span<const double> z, std::span<double> out) {
    const GemmCoefficients c = coefficients_of(z);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const double weight = records[i].shape.m >= kLargeRows ? kLargeWeight : 1.0;
      out[i] = weight * std::log(ratio(c, device, records[i]));
    }
  };
  return robust_least_squares(residuals, start, static_cast<int>(records.size()), kScale);
}

/// The best end of starts that differ in what the search finds hard to leave: whole waves or none.
RobustFit fit_best(std::span<const GemmRecord> records, const GemmDevice& device, Cast cast) {
  Parameters start;
  const std::size_t count = cast == Cast::Measured ? kFree.size() : kQuantiseBytes;
  for (std::size_t i = 0; i < count; ++i) {
    start.push_back(kFree[i].limits.to_free(kFree[i].start));
  }
  if (cast == Cast::Measured) {
    start[kLaunch] = kFree[kLaunch].limits.to_free(10.0);
  }
  RobustFit best;
  bool first = true;
  for (const double quantisation : {0.1, 0.5, 0.95}) {
    start[kQuantisation] = kFree[kQuantisation].limits.to_free(quantisation);
    RobustFit fit = fit_from(records, device, start);
    if (first || fit.cost < best.cost) {
      best = std::move(fit);
      first = false;
    }
  }
  return best;
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

Errors cross_validate(std::span<const GemmRecord> records, const GemmDevice& device,
                      const Parameters& start) {
  Errors errors;
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<GemmRecord> seen, unseen;
    for (const GemmRecord& r : records) {
      (fold_of({r.shape.n, r.shape.k}) == fold ? unseen : seen).push_back(r);
    }
    const GemmCoefficients c = coefficients_of(fit_from(seen, device, start).x);
    for (const GemmRecord& r : unseen) {
      errors.add(r, ratio(c, device, r) - 1.0);
    }
  }
  return errors;
}

}  // namespace

GemmFit fit_gemm(std::span<const GemmRecord> records, const GemmDevice& device, Cast cast) {
  if (records.size() < kFewest) {
    throw topology::InputError(fmt::format(
        "{} GEMM records are too few for a fit, expected {} or more", records.size(), kFewest));
  }
  const RobustFit best = fit_best(records, device, cast);
  GemmFit fit;
  fit.coefficients = coefficients_of(best.x);
  fit.parameters = static_cast<int>(best.x.size());
  Errors errors;
  for (const GemmRecord& r : records) {
    errors.add(r, ratio(fit.coefficients, device, r) - 1.0);
  }
  const Errors unseen = cross_validate(records, device, best.x);
  fit.all = residual(errors.all);
  fit.large = residual(errors.large);
  fit.cross_validated = residual(unseen.all);
  fit.cross_validated_large = residual(unseen.large);
  return fit;
}

}  // namespace calib
