#pragma once
// Readers of single parts of a scenario. Private to this room.
#include "scenarios/network_conditions.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/values.hpp"

namespace scenarios {

/// The scenario of a document that with_sets() has made; `file_name` is its name where it gives
/// none. See load_scenario().
Scenario scenario_of(const Document& document, const std::string& file_name, const Catalog& catalog,
                     LayoutIs layout);

/// `network`, `placement`, `neighbours` and cluster.fabric_gpus; defaults by the technology.
NetworkConditions read_network(const Values& scenario, topology::NetworkKind kind);

}  // namespace scenarios
