#pragma once
// Nonlinear least squares that a few wild measurements do not spoil.
#include <functional>
#include <span>
#include <vector>

namespace calib {

/// Writes the residuals of the parameters `x` into `r`.
using ResidualFunction = std::function<void(std::span<const double> x, std::span<double> r)>;

struct RobustFit {
  std::vector<double> x;
  double cost = 0.0;  ///< sum of the soft-L1 losses
};

/// Minimises the sum over residuals of s^2 * 2 (sqrt(1 + (r/s)^2) - 1), s = `scale`: squares below
/// `scale`, absolute values above (soft L1). Levenberg-Marquardt with forward differences and
/// reweighting; deterministic. `start`: [p], `residuals`: the length of r. Sources: Levenberg 1944,
/// Marquardt 1963; loss as in Triggs et al., Bundle Adjustment, 2000, section 4.3.
RobustFit robust_least_squares(const ResidualFunction& function, std::vector<double> start,
                               int residuals, double scale);

}  // namespace calib
