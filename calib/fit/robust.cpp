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

/// Where the search stands.
struct State {
  VectorXd x, r;
  double cost = 0.0;
  double damping = 1e-2;
};

/// Moves to a cheaper point, with more damping until one is found. Returns the gain in cost; none
/// if there is none.
double improve(State& at, const ResidualFunction& function, double scale) {
  const MatrixXd j = jacobian(function, at.x, at.r);
  const VectorXd weight = (1.0 + (at.r.array() / scale).square()).rsqrt();
  const MatrixXd normal = j.transpose() * weight.asDiagonal() * j;
  const VectorXd gradient = j.transpose() * weight.asDiagonal() * at.r;
  while (at.damping < kLargestDamping) {
    MatrixXd damped = normal;
    damped.diagonal() += at.damping * (normal.diagonal().array() + 1e-9).matrix();
    State tried{.x = at.x - damped.ldlt().solve(gradient), .r = {}, .damping = at.damping / 8.0};
    tried.r = evaluate(function, tried.x, static_cast<int>(at.r.size()));
    tried.cost = cost_of(tried.r, scale);
    if (std::isfinite(tried.cost) && tried.cost < at.cost) {
      const double gain = at.cost - tried.cost;
      at = std::move(tried);
      return gain;
    }
    at.damping *= 4.0;
  }
  return 0.0;
}

}  // namespace

RobustFit robust_least_squares(const ResidualFunction& function, std::vector<double> start,
                               int residuals, double scale) {
  State at;
  at.x = Eigen::Map<VectorXd>(start.data(), static_cast<Eigen::Index>(start.size()));
  at.r = evaluate(function, at.x, residuals);
  at.cost = cost_of(at.r, scale);
  for (int iteration = 0; iteration < kMaxIterations; ++iteration) {
    if (improve(at, function, scale) <= kSmallestGain * at.cost) {
      break;
    }
  }
  return {.x = std::vector<double>(at.x.data(), at.x.data() + at.x.size()), .cost = at.cost};
}

}  // namespace calib
