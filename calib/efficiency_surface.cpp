#include "calib/efficiency_surface.hpp"

#include <algorithm>
#include <cmath>

namespace calib {

std::array<EfficiencySurface::Corner, 8> EfficiencySurface::corners(const GemmShape& shape) const {
  const std::array<std::int64_t, 3> extents{shape.m, shape.n, shape.k};
  std::array<std::size_t, 3> low{};
  std::array<double, 3> share{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double at = std::clamp(std::log2(static_cast<double>(extents[axis])) - first[axis], 0.0,
                                 static_cast<double>(count[axis] - 1));
    const double cell = std::min(std::floor(at), static_cast<double>(count[axis] - 2));
    low[axis] = static_cast<std::size_t>(cell);
    share[axis] = at - cell;
  }
  std::array<Corner, 8> all{};
  for (std::size_t corner = 0; corner < all.size(); ++corner) {
    std::size_t node = 0;
    double weight = 1.0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::size_t up = corner >> axis & 1U;
      node = node * static_cast<std::size_t>(count[axis]) + low[axis] + up;
      weight *= up == 1 ? share[axis] : 1.0 - share[axis];
    }
    all[corner] = {.node = node, .weight = weight};
  }
  return all;
}

double EfficiencySurface::factor(const GemmShape& shape) const {
  double sum = 0.0;
  for (const Corner& c : corners(shape)) {
    sum += c.weight * log_time[c.node];
  }
  return std::exp(sum);
}

}  // namespace calib
