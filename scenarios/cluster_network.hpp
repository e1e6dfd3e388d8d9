#pragma once
// Reads the network of a fabric entry. Private to this room.
#include "scenarios/entries.hpp"
#include "scenarios/values.hpp"

namespace scenarios {

/// Fills in all that describes how nodes are joined. `spec` knows its kind of fabric already.
/// @throws InputError for keys that do not belong together.
void fill_network(topology::ClusterSpec& spec, const Values& fabric, const topology::Node& node,
                  const Catalog& catalog, Catalog::Log explained);

/// Nodes of other kinds, at the end of the numbering.
/// @throws InputError unless they are whole nodes with as many accelerators as the others.
void fill_other_nodes(topology::ClusterSpec& spec, const Document& fabric, const Catalog& catalog);

}  // namespace scenarios
