#pragma once
// Faults of links over time as states of health of the fabric. Internal to sim/engine.
#include <cstddef>
#include <utility>
#include <vector>

#include "sim/engine/flow.hpp"
#include "topology/cluster.hpp"
#include "topology/units.hpp"

namespace sim {

/// A course of states of health: each holds from its time on. State 0 is that of the start; equal
/// states are one, so a flapping link has two.
struct HealthCourse {
  std::vector<topology::FabricHealth> states;
  std::vector<std::pair<units::Seconds, std::size_t>> changes;  ///< after the start, by time
};

/// @param links  of the cluster.
HealthCourse health_course(const std::vector<LinkFault>& faults, std::size_t links);

}  // namespace sim
