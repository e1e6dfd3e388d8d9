#include "topology/torus_plan.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "topology/error.hpp"

namespace topology {

namespace {

void check_extents(const std::vector<int>& extents, int devices) {
  long product = extents.empty() ? 0 : 1;
  for (const int extent : extents) {
    product = extent > 0 && product <= devices ? product * extent : 0;
  }
  if (devices < 1 || product != devices) {
    throw InputError({}, "cluster.torus",
                     fmt::format("extents [{}] do not multiply to {} accelerators",
                                 fmt::join(extents, ", "), devices));
  }
}

void twist(TorusPlan& plan) {
  const int longest = *std::max_element(plan.extents.begin(), plan.extents.end());
  const auto is_long = [&](std::size_t axis) { return plan.extents[axis] == longest; };
  bool any = false;
  for (std::size_t a = 0; a < plan.extents.size(); ++a) {
    if (!plan.wraps[a] || plan.extents[a] < 2 || (!is_long(a) && 2 * plan.extents[a] != longest)) {
      throw InputError({}, "cluster.twisted",
                       fmt::format("a twisted torus is k x 2k, k x k x 2k or k x 2k x 2k with all "
                                   "axes wrapped around, found {}",
                                   fmt::join(plan.extents, " x ")));
    }
    for (std::size_t b = 0; b < plan.extents.size() && !is_long(a); ++b) {
      plan.shift[a][b] = is_long(b) ? plan.extents[a] : 0;
      any = true;
    }
  }
  if (!any) {
    throw InputError({}, "cluster.twisted",
                     fmt::format("all axes of {} are equally long, there is nothing to twist",
                                 fmt::join(plan.extents, " x ")));
  }
}

/// Along one axis: `extent` cables per ring and one less per line, of which those between cubes are
/// optical.
void count_cables(TorusPlan& plan, std::size_t axis, int devices, int cube) {
  const int extent = plan.extents[axis];
  const long lines = devices / extent;
  const long per_line = extent == 1 ? 0 : plan.wraps[axis] ? extent : extent - 1;
  const bool cubed = cube > 0 && extent % cube == 0;
  const long optical = cubed ? extent / cube : 0;
  plan.optical_cables += lines * optical;
  plan.electrical_cables += lines * (per_line - (extent == 1 ? 0 : optical));
}

}  // namespace

bool TorusPlan::has_lines() const {
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    if (!wraps[axis] && extents[axis] > 1) {
      return true;
    }
  }
  return false;
}

TorusPlan plan_torus(std::vector<int> extents, int devices, int optical_cube, bool twisted) {
  check_extents(extents, devices);
  if (optical_cube < 0 || optical_cube == 1) {
    throw InputError({}, "cluster.optical_cube",
                     fmt::format("found {}, expected the edge of a cube of 2 or more, or 0 for a "
                                 "torus without optical switches",
                                 optical_cube));
  }
  TorusPlan plan;
  plan.extents = std::move(extents);
  const std::size_t axes = plan.extents.size();
  plan.shift.assign(axes, std::vector<int>(axes, 0));
  bool whole = optical_cube > 0;
  for (const int extent : plan.extents) {
    plan.wraps.push_back(optical_cube == 0 || extent % optical_cube == 0);
    whole = whole && plan.wraps.back();
  }
  for (std::size_t axis = 0; axis < axes; ++axis) {
    count_cables(plan, axis, devices, optical_cube);
  }
  if (whole) {
    int face = 1;
    plan.cubes = devices;
    for (std::size_t axis = 0; axis < axes; ++axis) {
      plan.cubes /= optical_cube;
      face *= axis > 0 ? optical_cube : 1;
    }
    plan.circuit_switches = static_cast<int>(axes) * face;
    plan.circuit_switch_ports = 2 * plan.cubes;
  }
  if (twisted) {
    twist(plan);
  }
  return plan;
}

TorusPlan plan_torus(const ClusterSpec& spec) {
  return plan_torus(spec.torus, spec.gpus, spec.optical_cube, spec.twisted);
}

}  // namespace topology
