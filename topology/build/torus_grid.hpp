#pragma once
// A torus of devices in row-major order: the last extent varies fastest. Internal to topology.
#include <vector>

#include "topology/build/builder.hpp"

namespace topology::build {

class TorusGrid {
 public:
  /// @throws InputError unless the extents are positive and multiply to `devices`.
  TorusGrid(std::vector<int> extents, int devices);

  /// Cables from each device to its next neighbour along every axis, wrap-around included. `first`
  /// is the vertex of device 0. An axis of two joins its devices by both cables; an axis of one has
  /// none.
  void draw(Draft& draft, VertexId first, units::BytesPerSecond per_cable,
            units::Seconds hop) const;

  /// Dimension-ordered shortest way, which cannot deadlock. Halfway round an even axis both ways
  /// are equally short: even coordinates go up, odd ones down, which loads both directions alike.
  /// Source: Dally and Seitz, IEEE Trans. Computers C-36(5), 1987.
  void walk(Walk& walk, VertexId first, int from, int to) const;

  /// Cables of one device if all axes are longer than 1: two per axis.
  [[nodiscard]] int cables_per_device() const;

 private:
  [[nodiscard]] int coordinate(int device, std::size_t axis) const {
    return device / stride_[axis] % extents_[axis];
  }

  std::vector<int> extents_;
  std::vector<int> stride_;
};

/// The most square pair of extents for `devices`: 16 -> {4, 4}.
std::vector<int> square_extents(int devices);

}  // namespace topology::build
