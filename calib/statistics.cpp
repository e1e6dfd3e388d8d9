#include "calib/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "topology/error.hpp"

namespace calib {

double quantile(std::vector<double> values, double q) {
  topology::expects(q >= 0.0 && q <= 1.0, "a quantile lies between 0 and 1");
  if (values.empty()) {
    return 0.0;
  }
  std::sort(values.begin(), values.end());
  const double at = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto above = std::min(below + 1, values.size() - 1);
  const double part = at - static_cast<double>(below);
  return values[below] + part * (values[above] - values[below]);
}

double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

Residual residual(std::span<const double> signed_errors) {
  Residual r;
  r.records = static_cast<int>(signed_errors.size());
  if (signed_errors.empty()) {
    return r;
  }
  std::vector<double> sizes;
  sizes.reserve(signed_errors.size());
  for (const double e : signed_errors) {
    sizes.push_back(std::abs(e));
    r.mean += std::abs(e);
    r.bias += e;
  }
  r.mean /= r.records;
  r.bias /= r.records;
  r.median = quantile(sizes, 0.5);
  r.p90 = quantile(sizes, 0.9);
  r.max = *std::max_element(sizes.begin(), sizes.end());
  return r;
}

}  // namespace calib
