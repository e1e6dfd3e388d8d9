#pragma once
// GraphML (http://graphml.graphdrawing.org): our own files, and those of networkx, yEd and Gephi.
//
// Read are the data keys with these attr.name: of nodes `kind` and `name` (or `label`), of edges
// `bandwidth` ("400 Gbit/s", of one cable and direction), `latency` ("1 us"), `latency_back` (where
// the other direction differs) and `count` (parallel cables). All other keys are passed over.
#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>

#include "topology/device_graph.hpp"

namespace topology {

/// A node without a kind has the one its name begins with ("gpu17"), otherwise VertexKind::Other;
/// an edge without a latency has none. Nested graphs are flattened; directed edges are one-way.
/// @throws InputError with file and line, for broken XML, unknown nodes, an edge without a
/// bandwidth, figures out of range, hyperedges, or more than the importers' bounds.
DeviceGraph parse_graphml(std::string_view text, const std::string& file);
DeviceGraph read_graphml(const std::filesystem::path& path);

/// Writes what parse_graphml() reads back to the same graph, figures to the last bit but for the
/// rounding of bandwidth / count.
void write_graphml(const DeviceGraph& graph, std::ostream& out);

}  // namespace topology
