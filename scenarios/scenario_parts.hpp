#pragma once
// Readers of single parts of a scenario. Private to this room.
#include "scenarios/network_conditions.hpp"
#include "scenarios/values.hpp"

namespace scenarios {

/// `network`, `placement`, `neighbours` and cluster.fabric_gpus; defaults by the technology.
NetworkConditions read_network(const Values& scenario, topology::NetworkKind kind);

}  // namespace scenarios
