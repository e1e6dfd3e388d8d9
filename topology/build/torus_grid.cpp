#include "topology/build/torus_grid.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "topology/error.hpp"

namespace topology::build {

TorusGrid::TorusGrid(std::vector<int> extents, int devices)
    : extents_(std::move(extents)), stride_(extents_.size(), 1) {
  const bool positive = std::all_of(extents_.begin(), extents_.end(), [](int e) { return e > 0; });
  const long product = std::accumulate(extents_.begin(), extents_.end(), 1L, std::multiplies<>());
  if (extents_.empty() || !positive || product != devices) {
    throw InputError({}, "cluster.torus",
                     fmt::format("extents [{}] do not multiply to {} accelerators",
                                 fmt::join(extents_, ", "), devices));
  }
  for (std::size_t axis = extents_.size() - 1; axis > 0; --axis) {
    stride_[axis - 1] = stride_[axis] * extents_[axis];
  }
}

void TorusGrid::draw(Draft& draft, VertexId first, units::BytesPerSecond per_cable,
                     units::Seconds hop) const {
  const int devices = stride_[0] * extents_[0];
  for (int device = 0; device < devices; ++device) {
    for (std::size_t axis = 0; axis < extents_.size(); ++axis) {
      if (extents_[axis] > 1) {
        const bool wraps = coordinate(device, axis) + 1 == extents_[axis];
        const int next = device + stride_[axis] * (wraps ? 1 - extents_[axis] : 1);
        draft.cable(first + static_cast<VertexId>(device), first + static_cast<VertexId>(next),
                    per_cable, hop, hop);
      }
    }
  }
}

void TorusGrid::walk(Walk& walk, VertexId first, int from, int to) const {
  int at = from;
  for (std::size_t axis = 0; axis < extents_.size(); ++axis) {
    const int extent = extents_[axis];
    const int up = (coordinate(to, axis) - coordinate(from, axis) + extent) % extent;
    const bool go_up = 2 * up < extent || (2 * up == extent && coordinate(from, axis) % 2 == 0);
    const int step = go_up ? 1 : extent - 1;
    for (int hops = go_up ? up : extent - up; hops > 0; --hops) {
      const int here = coordinate(at, axis);
      at += ((here + step) % extent - here) * stride_[axis];
      walk.to(first + static_cast<VertexId>(at));
    }
  }
}

int TorusGrid::cables_per_device() const {
  return 2 * static_cast<int>(
                 std::count_if(extents_.begin(), extents_.end(), [](int e) { return e > 1; }));
}

std::vector<int> square_extents(int devices) {
  int side = std::max(1, static_cast<int>(std::sqrt(static_cast<double>(devices))));
  while (devices % side != 0) {
    --side;
  }
  return {side, devices / side};
}

}  // namespace topology::build
