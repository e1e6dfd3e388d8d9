#pragma once
// What the flows of a step are for, and which ranks a rank sends them to.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/engine/flow_groups.hpp"
#include "sim/plan/placement.hpp"

namespace sim {

/// What a worker's flows are for. A ring sends to the next scale-up domain of its group, an
/// all-to-all to all others.
struct Role {
  static constexpr std::uint32_t kForward = 0, kBackward = 1;
  static constexpr std::uint32_t collective(Axis axis, Collective op) {
    return 2 + 2 * static_cast<std::uint32_t>(axis) + (op == Collective::AllToAll ? 1 : 0);
  }
  static constexpr std::uint32_t kCount = 2 + 2 * kAxes;

  /// The group whose collective or pipeline the role belongs to.
  static constexpr Axis axis(std::uint32_t role) {
    return role < 2 ? Axis::Pipeline : static_cast<Axis>((role - 2) / 2);
  }
  static constexpr bool all_to_all(std::uint32_t role) { return role >= 2 && role % 2 == 1; }
};

/// "pp_forward", "dp_ring", "ep_all_to_all": of a role, in files and messages.
std::string name_of_role(std::uint32_t role);
std::optional<std::uint32_t> role_from_name(std::string_view name);

/// Ranks that the rank of `w` with tensor-parallel coordinate `tp` sends to in a role, each an
/// equal share; appended to `to`. None where the group lies in one scale-up domain. Forward and
/// backward go round the ring of stages.
void flow_targets(const WorkerGrid& grid, const Groups& groups, WorkerId w, int tp,
                  std::uint32_t role, std::vector<int>& to);

}  // namespace sim
