#include "topology/build/torus_grid.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>

namespace topology::build {

namespace {

int modulo(int a, int n) {
  return (a % n + n) % n;
}

int length(const std::vector<int>& steps) {
  return std::accumulate(steps.begin(), steps.end(), 0,
                         [](int sum, int n) { return sum + std::abs(n); });
}

}  // namespace

TorusGrid::TorusGrid(std::vector<int> extents, int devices)
    : TorusGrid(plan_torus(std::move(extents), devices, 0, false)) {}

TorusGrid::TorusGrid(TorusPlan plan) : plan_(std::move(plan)), stride_(plan_.extents.size(), 1) {
  for (std::size_t axis = axes() - 1; axis > 0; --axis) {
    stride_[axis - 1] = stride_[axis] * plan_.extents[axis];
  }
}

int TorusGrid::neighbour(int device, std::size_t axis, int direction) const {
  const int extent = plan_.extents[axis];
  const int here = coordinate(device, axis);
  const int next = here + direction;
  if (next >= 0 && next < extent) {
    return device + direction * stride_[axis];
  }
  if (!plan_.wraps[axis]) {
    return -1;
  }
  int found = device + (modulo(next, extent) - here) * stride_[axis];
  for (std::size_t b = 0; b < axes(); ++b) {
    const int was = coordinate(device, b);
    const int shift = direction * plan_.shift[axis][b];
    found += shift == 0 ? 0 : (modulo(was + shift, plan_.extents[b]) - was) * stride_[b];
  }
  return found;
}

void TorusGrid::draw(Draft& draft, VertexId first, units::BytesPerSecond per_cable,
                     units::Seconds hop) const {
  const int devices = stride_[0] * plan_.extents[0];
  for (int device = 0; device < devices; ++device) {
    for (std::size_t axis = 0; axis < axes(); ++axis) {
      const int next = plan_.extents[axis] > 1 ? neighbour(device, axis, 1) : -1;
      if (next >= 0) {
        draft.cable(first + static_cast<VertexId>(device), first + static_cast<VertexId>(next),
                    per_cable, hop, hop);
      }
    }
  }
}

/// The same displacement within half a ring, or halfway round it in the asked direction.
void TorusGrid::reduce(std::vector<int>& steps, std::size_t axis, bool upwards_on_ties) const {
  if (plan_.wraps[axis]) {
    const int extent = plan_.extents[axis];
    const int up = modulo(steps[axis], extent);
    steps[axis] = 2 * up < extent || (2 * up == extent && upwards_on_ties) ? up : up - extent;
  }
}

std::vector<TorusGrid::Steps> TorusGrid::equivalents(int from, int to) const {
  Steps plain(axes());
  for (std::size_t axis = 0; axis < axes(); ++axis) {
    plain[axis] = coordinate(to, axis) - coordinate(from, axis);
  }
  std::vector<Steps> found{plain};
  for (std::size_t axis = 0; axis < axes(); ++axis) {
    if (!is_twisted(axis)) {
      continue;
    }
    // Once round a twisted axis is the same as its shift along the others.
    const std::size_t so_far = found.size();
    for (const int turns : {-1, 1}) {
      for (std::size_t i = 0; i < so_far; ++i) {
        Steps steps = found[i];
        for (std::size_t b = 0; b < axes(); ++b) {
          steps[b] -= turns * plan_.shift[axis][b];
        }
        steps[axis] += turns * plan_.extents[axis];
        found.push_back(std::move(steps));
      }
    }
  }
  return found;
}

bool TorusGrid::is_twisted(std::size_t axis) const {
  return std::any_of(plan_.shift[axis].begin(), plan_.shift[axis].end(),
                     [](int s) { return s != 0; });
}

std::vector<TorusGrid::Steps> TorusGrid::displacements(int from, int to, Ties ties) const {
  std::vector<Steps> best;
  for (const Steps& one : equivalents(from, to)) {
    for (const int up : {1, 0}) {
      if (ties == Ties::ByParity && up == 0) {
        continue;
      }
      Steps steps = one;
      for (std::size_t axis = 0; axis < axes(); ++axis) {
        if (!is_twisted(axis)) {
          const bool even = coordinate(from, axis) % 2 == 0;
          reduce(steps, axis, ties == Ties::ByParity ? even : up == 1);
        }
      }
      if (!best.empty() && length(steps) < length(best.front())) {
        best.clear();
      }
      if (best.empty() || (length(steps) == length(best.front()) &&
                           std::find(best.begin(), best.end(), steps) == best.end())) {
        best.push_back(std::move(steps));
      }
    }
  }
  return best;
}

TorusGrid::Way TorusGrid::in_order(const Steps& steps, std::size_t rotation) {
  Way way;
  for (std::size_t axis = 0; axis < steps.size(); ++axis) {
    if (steps[axis] != 0) {
      way.push_back({axis, steps[axis]});
    }
  }
  if (!way.empty()) {
    std::rotate(way.begin(), way.begin() + static_cast<std::ptrdiff_t>(rotation % way.size()),
                way.end());
  }
  return way;
}

std::vector<TorusGrid::Way> TorusGrid::shortest(int from, int to, Routing routing) const {
  if (routing == Routing::Static) {
    const std::vector<Steps> equal = displacements(from, to, Ties::ByParity);
    std::size_t place = 0;
    for (std::size_t axis = 0; axis < axes(); ++axis) {
      place += static_cast<std::size_t>(coordinate(from, axis));
    }
    return {in_order(equal[place % equal.size()], 0)};
  }
  std::vector<Way> ways;
  for (const Steps& steps : displacements(from, to, Ties::Both)) {
    const std::size_t legs = in_order(steps, 0).size();
    for (std::size_t rotation = 0; rotation < legs; ++rotation) {
      ways.push_back(in_order(steps, rotation));
    }
  }
  return ways;
}

/// All orders of all directions round the rings, and the same after a step aside; shortest first.
std::vector<TorusGrid::Way> TorusGrid::longer(int from, int to) const {
  std::vector<Steps> all;
  for (const Steps& one : equivalents(from, to)) {
    for (unsigned signs = 0; signs < 1U << axes(); ++signs) {
      Steps steps = one;
      for (std::size_t axis = 0; axis < axes(); ++axis) {
        if (plan_.wraps[axis] && !is_twisted(axis)) {
          const int up = modulo(steps[axis], plan_.extents[axis]);
          steps[axis] = (signs >> axis & 1U) == 0 || up == 0 ? up : up - plan_.extents[axis];
        }
      }
      all.push_back(std::move(steps));
    }
  }
  std::vector<Way> ways;
  for (const Steps& steps : all) {
    for (std::size_t rotation = 0; rotation < std::max<std::size_t>(1, axes()); ++rotation) {
      const Way plain = in_order(steps, rotation);
      ways.push_back(plain);
      for (std::size_t axis = 0; axis < axes(); ++axis) {
        for (const int aside : {1, -1}) {
          Way way{{axis, aside}};
          way.insert(way.end(), plain.begin(), plain.end());
          way.push_back({axis, -aside});
          ways.push_back(std::move(way));
        }
      }
    }
  }
  const auto hops = [](const Way& way) {
    return std::accumulate(way.begin(), way.end(), 0,
                           [](int sum, const Leg& leg) { return sum + std::abs(leg.steps); });
  };
  std::stable_sort(ways.begin(), ways.end(),
                   [&](const Way& a, const Way& b) { return hops(a) < hops(b); });
  return ways;
}

bool TorusGrid::passable(const Walk& walk, VertexId first, int from, const Way& way) const {
  int at = from;
  for (const Leg& leg : way) {
    const int direction = leg.steps > 0 ? 1 : -1;
    for (int i = 0; i < std::abs(leg.steps); ++i) {
      const int next = plan_.extents[leg.axis] > 1 ? neighbour(at, leg.axis, direction) : -1;
      if (next < 0 ||
          !walk.up(first + static_cast<VertexId>(at), first + static_cast<VertexId>(next))) {
        return false;
      }
      at = next;
    }
  }
  return true;
}

void TorusGrid::follow(Walk& walk, VertexId first, int from, const Way& way) const {
  int at = from;
  for (const Leg& leg : way) {
    for (int i = 0; i < std::abs(leg.steps); ++i) {
      at = neighbour(at, leg.axis, leg.steps > 0 ? 1 : -1);
      walk.to(first + static_cast<VertexId>(at));
    }
  }
}

bool TorusGrid::route(Walk& walk, VertexId first, int from, int to,
                      const RouteRequest& request) const {
  std::vector<Way> ways = shortest(from, to, request.routing);
  if (!walk.all_up()) {
    std::erase_if(ways, [&](const Way& way) { return !passable(walk, first, from, way); });
    if (ways.empty()) {
      for (Way& way : longer(from, to)) {
        if (passable(walk, first, from, way)) {
          ways.push_back(std::move(way));
          break;
        }
      }
    }
  }
  if (ways.empty()) {
    return false;
  }
  if (request.routing == Routing::Ecmp || ways.size() == 1) {
    PathChoice choice(request, from, to, to);
    follow(walk, first, from,
           ways[static_cast<std::size_t>(choice.pick(static_cast<int>(ways.size())))]);
    return true;
  }
  walk.fork();
  for (const Way& way : ways) {
    walk.branch(1.0 / static_cast<double>(ways.size()));
    follow(walk, first, from, way);
  }
  walk.join();
  return true;
}

void TorusGrid::walk(Walk& walk, VertexId first, int from, int to) const {
  if (!route(walk, first, from, to, {})) {
    follow(walk, first, from, shortest(from, to, Routing::Static).front());
  }
}

int TorusGrid::cables_per_device() const {
  return 2 * static_cast<int>(std::count_if(plan_.extents.begin(), plan_.extents.end(),
                                            [](int e) { return e > 1; }));
}

std::vector<int> square_extents(int devices) {
  int side = std::max(1, static_cast<int>(std::sqrt(static_cast<double>(devices))));
  while (devices % side != 0) {
    --side;
  }
  return {side, devices / side};
}

}  // namespace topology::build
