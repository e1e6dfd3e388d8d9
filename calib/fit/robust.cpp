#include "calib/fit/robust.hpp"

#include <cmath>
#include <cstddef>
#include <utility>

#include <Eigen/Dense>

namespace calib {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMaxIterations = 200;
constexpr double kDifference = 1e-4;  ///< forward difference; parameters are logarithms
constexpr double kSmallestGain =
    1e-9;  ///< relative gain in cost below which a step ends the search
constexpr double kLargestDamping = 1e10;

VectorXd evaluate(const ResidualFunction& function, const VectorXd& x, int count) {
  VectorXd r(count);
  function({x.data(), static_cast<std::size_t>(x.size())},
           {r.data(), static_cast<std::size_t>(count)});
  return r;
}

double cost_of(const VectorXd& r, double scale) {
  return (2.0 * scale * scale * ((1.0 + (r.array() / scale).square()).sqrt() - 1.0)).sum();
}

MatrixXd jacobian(const ResidualFunction& function, const VectorXd& x, const VectorXd& r) {
  MatrixXd j(r.size(), x.size());
  for (Eigen::Index k = 0; k < x.size(); ++k) {
    VectorXd moved = x;
    moved(k) += kDifference;
    j.col(k) = (evaluate(function, moved, static_cast<int>(r.size())) - r) / kDifference;
  }
  return j;
}

}  // namespace

RobustFit robust_least_squares(const ResidualFunction& function, std::vector<double> start,
                               int residuals, double scale) {
  VectorXd x = Eigen::Map<VectorXd>(start.data(), static_cast<Eigen::Index>(start.size()));
  VectorXd r = evaluate(function, x, residuals);
  double cost = cost_of(r, scale);
  double damping = 1e-2;
  for (int iteration = 0; iteration < kMaxIterations && damping < kLargestDamping; ++iteration) {
    const MatrixXd j = jacobian(function, x, r);
    const VectorXd weight = (1.0 + (r.array() / scale).square()).rsqrt();
    const MatrixXd normal = j.transpose() * weight.asDiagonal() * j;
    const VectorXd gradient = j.transpose() * weight.asDiagonal() * r;
    bool converged = false;
    for (; damping < kLargestDamping; damping *= 4.0) {
      MatrixXd damped = normal;
      damped.diagonal() += damping * (normal.diagonal().array() + 1e-9).matrix();
      const VectorXd tried = x - damped.ldlt().solve(gradient);
      const VectorXd tried_r = evaluate(function, tried, residuals);
      const double tried_cost = cost_of(tried_r, scale);
      if (std::isfinite(tried_cost) && tried_cost < cost) {
        converged = cost - tried_cost < kSmallestGain * cost;
        x = tried;
        r = tried_r;
        cost = tried_cost;
        damping /= 8.0;
        break;
      }
    }
    if (converged) {
      break;
    }
  }
  return {.x = std::vector<double>(x.data(), x.data() + x.size()), .cost = cost};
}

}  // namespace calib
