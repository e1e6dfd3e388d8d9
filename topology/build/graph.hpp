#pragma once
// The Boost.Graph type behind Cluster. Internal: only topology/*.cpp may include this.
#include <optional>
#include <span>
#include <vector>

#include <boost/graph/compressed_sparse_row_graph.hpp>

#include "topology/cluster.hpp"

namespace topology::build {

/// Compressed sparse rows: 4 bytes per vertex and link. Links are sorted by (from, to), so the
/// index that Boost gives an edge is the LinkId, and the neighbours of a vertex can be searched by
/// bisection.
using Graph =
    boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                       boost::no_property, VertexId, LinkId>;

/// @pre `links` is sorted by (from, to) without duplicates.
Graph make_graph(std::size_t vertices, std::span<const Link> links);
std::optional<LinkId> find_link(const Graph& graph, VertexId from, VertexId to);

}  // namespace topology::build
