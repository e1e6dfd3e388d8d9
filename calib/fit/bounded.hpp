#pragma once
// Parameters with limits for an unconstrained search: x = low + (high - low) / (1 + exp(-z)).
#include <algorithm>
#include <cmath>

namespace calib {

struct Bounds {
  double low = 0.0, high = 1.0;

  [[nodiscard]] double to_limited(double z) const {
    return low + (high - low) / (1.0 + std::exp(-z));
  }
  /// d to_limited / d z
  [[nodiscard]] double slope(double z) const {
    const double part = 1.0 / (1.0 + std::exp(-z));
    return (high - low) * part * (1.0 - part);
  }
  [[nodiscard]] double to_free(double x) const {
    constexpr double kEdge = 1e-3;  // starts stand off the limits, where the search would be blind
    const double part = std::clamp((x - low) / (high - low), kEdge, 1.0 - kEdge);
    return std::log(part / (1.0 - part));
  }
};

}  // namespace calib
