#include "calib/fit/efficiency_surface.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>

namespace calib {

namespace {

constexpr double kScale = 0.05;          ///< as in the fit of the model: absolute values above 5 %
constexpr double kNearZero = 0.01;       ///< records' worth of belief that a node is 0
constexpr double kNearNeighbour = 0.05;  ///< ... that it equals each of its neighbours
constexpr int kReweightings = 6;

using Matrix = Eigen::SparseMatrix<double>;
using Entries = std::vector<Eigen::Triplet<double>>;

/// The grid from the octave below the smallest shape to the one above the largest.
EfficiencySurface grid_around(std::span<const GemmRecord> records) {
  EfficiencySurface s;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::int64_t least = std::numeric_limits<std::int64_t>::max(), most = 1;
    for (const GemmRecord& r : records) {
      const std::int64_t extent = std::array{r.shape.m, r.shape.n, r.shape.k}[axis];
      least = std::min(least, extent);
      most = std::max(most, extent);
    }
    const auto octave = [](std::int64_t x) {
      return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(x))) - 1;
    };
    s.first[axis] = octave(least);
    const int last = octave(most) + (std::has_single_bit(static_cast<std::uint64_t>(most)) ? 0 : 1);
    s.count[axis] = std::max(2, last - s.first[axis] + 1);
  }
  s.log_time.assign(static_cast<std::size_t>(s.count[0] * s.count[1] * s.count[2]), 0.0);
  return s;
}

/// The inverse of the prior's covariance: kNearZero on the diagonal, and a spring to each
/// neighbour.
Matrix prior(const EfficiencySurface& s) {
  const auto nodes = static_cast<int>(s.log_time.size());
  const std::array<int, 3> stride{s.count[1] * s.count[2], s.count[2], 1};
  Entries entries;
  for (int node = 0; node < nodes; ++node) {
    entries.emplace_back(node, node, kNearZero);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (node / stride[axis] % s.count[axis] + 1 < s.count[axis]) {
        const int next = node + stride[axis];
        entries.emplace_back(node, node, kNearNeighbour);
        entries.emplace_back(next, next, kNearNeighbour);
        entries.emplace_back(node, next, -kNearNeighbour);
        entries.emplace_back(next, node, -kNearNeighbour);
      }
    }
  }
  Matrix matrix(nodes, nodes);
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

/// [records, nodes]: the interpolation's weights.
Matrix interpolation(const EfficiencySurface& s, std::span<const GemmRecord> records) {
  Entries entries;
  for (std::size_t i = 0; i < records.size(); ++i) {
    for (const EfficiencySurface::Corner& c : s.corners(records[i].shape)) {
      entries.emplace_back(static_cast<int>(i), static_cast<int>(c.node), c.weight);
    }
  }
  Matrix matrix(static_cast<Eigen::Index>(records.size()),
                static_cast<Eigen::Index>(s.log_time.size()));
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

}  // namespace

EfficiencySurface fit_efficiency_surface(std::span<const GemmRecord> records,
                                         std::span<const double> errors) {
  EfficiencySurface surface = grid_around(records);
  const Matrix design = interpolation(surface, records), held = prior(surface);
  const Eigen::Map<const Eigen::VectorXd> wanted(errors.data(),
                                                 static_cast<Eigen::Index>(errors.size()));
  Eigen::VectorXd own(wanted.size());
  for (Eigen::Index i = 0; i < own.size(); ++i) {
    const double weight = records[static_cast<std::size_t>(i)].weight;
    own(i) = weight * weight;
  }
  Eigen::Map<Eigen::VectorXd> nodes(surface.log_time.data(),
                                    static_cast<Eigen::Index>(surface.log_time.size()));
  Eigen::SimplicialLDLT<Matrix> solver;
  for (int i = 0; i < kReweightings; ++i) {
    const Eigen::VectorXd weight =
        own.array() * (1.0 + ((wanted - design * nodes).array() / kScale).square()).rsqrt();
    const Matrix normal = design.transpose() * weight.asDiagonal() * design + held;
    if (i == 0) {
      solver.analyzePattern(normal);
    }
    solver.factorize(normal);
    nodes = solver.solve(design.transpose() * weight.cwiseProduct(wanted));
  }
  // Per mille is what a profile's file keeps, and finer than any of this is known.
  nodes = (nodes * 1000.0).array().round() / 1000.0;
  return surface;
}

}  // namespace calib
