#pragma once
// How well predictions meet measurements. error = predicted / measured - 1, signed; a fraction, not
// percent.
#include <span>
#include <vector>

namespace calib {

/// How good a fit is: relative errors |predicted/measured - 1| over `records`.
struct Residual {
  int records = 0;
  double median = 0.0, mean = 0.0, p90 = 0.0, max = 0.0;
  double bias = 0.0;  ///< signed mean of predicted/measured - 1
};

/// Quantile with linear interpolation between order statistics (Hyndman and Fan 1996, type 7, as
/// NumPy). 0 for no values. @pre 0 <= q <= 1.
double quantile(std::vector<double> values, double q);
double median(std::vector<double> values);

/// Residual of signed relative errors; all zero for none.
Residual residual(std::span<const double> signed_errors);

}  // namespace calib
