#pragma once
// How sure a fit is of its parameters.
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "calib/fit/robust.hpp"
#include "calib/fitted.hpp"

namespace calib {

/// Covariance of the parameters of robust_least_squares at its end `x`, [p * p] row by row: the
/// sandwich estimator (J'WJ)^-1 J'W diag(r^2) W J (J'WJ)^-1, W the weights of the soft-L1 loss,
/// which holds although errors are neither normal nor all alike. Parameters that the records do not
/// tell get large variances, not errors. Source: Huber 1967; White 1980; Huber and Ronchetti,
/// Robust Statistics, 2009, section 6.3. `residuals`: the length of r.
std::vector<double> robust_covariance(const ResidualFunction& function, std::span<const double> x,
                                      int residuals, double scale);

/// One free parameter as files have it: its name, its value there, and d value / d x.
struct NamedParameter {
  std::string name;
  double value = 0.0, slope = 1.0;
};

/// Standard errors and correlation out of a covariance of the search's parameters x, [p * p].
FittedParameters fitted_parameters(const std::vector<NamedParameter>& parameters,
                                   const std::vector<double>& covariance, int records);

/// Names what does not fit: measurements whose error is beyond five robust standard deviations (of
/// the median absolute deviation) and 20 %. At most twenty, the worst first. `says(i)` is the
/// sentence for errors[i] = predicted / measured - 1.
std::vector<std::string> name_outliers(std::span<const double> errors,
                                       const std::function<std::string(std::size_t)>& says);

/// The weight of a record whose median has the relative standard error `noise`: its own noise adds
/// to the model's, which is about `scale`.
double weight_of_noise(double noise, double scale);

}  // namespace calib
