#pragma once
// A cluster that a scenario gives as a graph. Private to this room.
#include "scenarios/entries.hpp"
#include "scenarios/values.hpp"

namespace scenarios {

/// The parts of `cluster: {graph: FILE, node: NAME}`; `in` is the map at cluster. The fabric is
/// custom, the GPUs are counted.
/// @throws InputError for a file or a combination that cannot be.
ClusterParts graph_cluster_parts(const Document& document, const Values& in);

}  // namespace scenarios
