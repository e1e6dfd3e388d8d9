#include "sim/engine/role.hpp"

#include <algorithm>

namespace sim {

namespace {

constexpr std::array<std::string_view, kAxes> kAxisNames{"tp", "cp",    "ep",      "pp",
                                                         "dp", "shard", "replica", "expert_dp"};

}  // namespace

std::string name_of_role(std::uint32_t role) {
  if (role == Role::kForward || role == Role::kBackward) {
    return role == Role::kForward ? "pp_forward" : "pp_backward";
  }
  return std::string(kAxisNames[static_cast<std::size_t>(Role::axis(role))]) +
         (Role::all_to_all(role) ? "_all_to_all" : "_ring");
}

std::optional<std::uint32_t> role_from_name(std::string_view name) {
  for (std::uint32_t role = 0; role < Role::kCount; ++role) {
    if (name_of_role(role) == name) {
      return role;
    }
  }
  return std::nullopt;
}

void flow_targets(const WorkerGrid& grid, const Groups& groups, WorkerId w, int tp,
                  std::uint32_t role, std::vector<int>& to) {
  const Axis axis = Role::axis(role);
  if (axis == Axis::Pipeline) {
    const WorkerId other = grid.neighbour(w, role == Role::kBackward ? -1 : 1);
    if (role <= Role::kBackward && other != w) {
      to.push_back(grid.rank(other, tp));
    }
    return;
  }
  const bool tensor = axis == Axis::Tensor;
  const WorkerGrid::Members m = tensor ? WorkerGrid::Members{} : grid.members(w, axis);
  const int size = tensor ? grid.ranks_per_worker() : static_cast<int>(m.size);
  const int step =
      std::max(1, tensor ? groups.of(axis).per_domain : static_cast<int>(m.per_domain));
  const int index = tensor ? tp : static_cast<int>(m.index);
  const int last = Role::all_to_all(role) ? size - 1 : std::min(step, size - 1);
  for (int t = step; t <= last; t += step) {
    const int at = (index + t) % size;
    to.push_back(tensor ? grid.rank(w, at)
                        : grid.rank(grid.member(w, axis, static_cast<std::uint32_t>(at)), tp));
  }
}

}  // namespace sim
