#include "calib/fit/covariance.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <Eigen/Dense>

#include "calib/statistics.hpp"

namespace calib {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kDifference =
    1e-4;  ///< central difference; parameters are logarithms and the like

VectorXd evaluate(const ResidualFunction& function, const VectorXd& x, int count) {
  VectorXd r(count);
  function({x.data(), static_cast<std::size_t>(x.size())},
           {r.data(), static_cast<std::size_t>(count)});
  return r;
}

}  // namespace

std::vector<double> robust_covariance(const ResidualFunction& function, std::span<const double> x,
                                      int residuals, double scale) {
  const VectorXd at = Eigen::Map<const VectorXd>(x.data(), static_cast<Eigen::Index>(x.size()));
  const VectorXd r = evaluate(function, at, residuals);
  MatrixXd j(r.size(), at.size());
  for (Eigen::Index k = 0; k < at.size(); ++k) {
    VectorXd up = at, down = at;
    up(k) += kDifference;
    down(k) -= kDifference;
    j.col(k) = (evaluate(function, up, residuals) - evaluate(function, down, residuals)) /
               (2.0 * kDifference);
  }
  const VectorXd weight = (1.0 + (r.array() / scale).square()).rsqrt();
  MatrixXd normal = j.transpose() * weight.asDiagonal() * j;
  // What no record tells (a zero row) is bounded by a faint prior instead of making this singular.
  constexpr double kFaint = 1e-9;
  normal.diagonal().array() += kFaint * normal.diagonal().maxCoeff() + 1e-300;
  const VectorXd scores = weight.cwiseProduct(r);
  const MatrixXd middle = j.transpose() * scores.cwiseAbs2().asDiagonal() * j;
  const MatrixXd inverse = normal.ldlt().solve(MatrixXd::Identity(at.size(), at.size()));
  const double n = static_cast<double>(residuals), p = static_cast<double>(at.size());
  const MatrixXd covariance = inverse * middle * inverse * (n > p ? n / (n - p) : 1.0);
  std::vector<double> flat(static_cast<std::size_t>(covariance.size()));
  for (Eigen::Index row = 0; row < at.size(); ++row) {
    for (Eigen::Index column = 0; column < at.size(); ++column) {
      flat[static_cast<std::size_t>(row * at.size() + column)] = covariance(row, column);
    }
  }
  return flat;
}

FittedParameters fitted_parameters(const std::vector<NamedParameter>& parameters,
                                   const std::vector<double>& covariance, int records) {
  const std::size_t p = parameters.size();
  FittedParameters fitted;
  fitted.records = records;
  const auto deviation = [&](std::size_t i) {
    return std::sqrt(std::max(0.0, covariance[i * p + i]));
  };
  for (std::size_t i = 0; i < p; ++i) {
    fitted.names.push_back(parameters[i].name);
    fitted.values.push_back(parameters[i].value);
    fitted.standard_errors.push_back(std::abs(parameters[i].slope) * deviation(i));
    for (std::size_t k = 0; k < p; ++k) {
      const double both = deviation(i) * deviation(k);
      const double sign = parameters[i].slope * parameters[k].slope < 0.0 ? -1.0 : 1.0;
      const double r = both > 0.0 ? sign * covariance[i * p + k] / both : 0.0;
      fitted.correlation.push_back(i == k ? 1.0 : std::clamp(r, -1.0, 1.0));
    }
  }
  return fitted;
}

std::vector<std::string> name_outliers(std::span<const double> errors,
                                       const std::function<std::string(std::size_t)>& says) {
  constexpr double kSigmas = 5.0, kSmallest = 0.2, kSigmaOfMad = 1.4826;
  constexpr std::size_t kMost = 20;
  std::vector<double> logs;
  logs.reserve(errors.size());
  for (const double e : errors) {
    logs.push_back(std::log1p(e));
  }
  const double middle = median(logs);
  std::vector<double> apart;
  apart.reserve(logs.size());
  for (const double l : logs) {
    apart.push_back(std::abs(l - middle));
  }
  const double limit = std::max(kSigmas * kSigmaOfMad * median(apart), kSmallest);
  std::vector<std::size_t> outside;
  for (std::size_t i = 0; i < apart.size(); ++i) {
    if (apart[i] > limit) {
      outside.push_back(i);
    }
  }
  std::stable_sort(outside.begin(), outside.end(),
                   [&apart](std::size_t a, std::size_t b) { return apart[a] > apart[b]; });
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < std::min(kMost, outside.size()); ++i) {
    sentences.push_back(says(outside[i]));
  }
  if (outside.size() > kMost) {
    sentences.push_back("and " + std::to_string(outside.size() - kMost) + " more");
  }
  return sentences;
}

double weight_of_noise(double noise, double scale) {
  const double ratio = noise / scale;
  return 1.0 / std::sqrt(1.0 + ratio * ratio);
}

}  // namespace calib
