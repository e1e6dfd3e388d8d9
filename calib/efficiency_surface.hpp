#pragma once
// What the measurements of a device say beyond the tile-and-wave model: which kernel a library
// picks for a shape, and how well that one runs. A factor on the model's time over the octaves of
// m, n and k, so small steps in shape make small steps in time, and where nothing was measured it
// is near 1.
#include <array>
#include <cstddef>
#include <vector>

#include "calib/shapes.hpp"

namespace calib {

/// log(measured / modelled time) on a grid with one node per octave of m, n and k.
struct EfficiencySurface {
  std::array<int, 3> first{};    ///< log2 of the smallest m, n, k with a node
  std::array<int, 3> count{};    ///< nodes along m, n, k
  std::vector<double> log_time;  ///< [count m][count n][count k]

  struct Corner {
    std::size_t node;
    double weight;  ///< the eight add up to 1
  };
  /// The nodes around a shape with their weights in trilinear interpolation over log2; shapes
  /// outside the grid take its edge. All of m, n, k at least 1, every count at least 2.
  [[nodiscard]] std::array<Corner, 8> corners(const GemmShape& shape) const;
  /// What the modelled time of the shape is multiplied with.
  [[nodiscard]] double factor(const GemmShape& shape) const;
};

}  // namespace calib
