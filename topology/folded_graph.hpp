#pragma once
// A small picture of a large cluster: vertices that are alike are drawn as one, with their number.
#include <iosfwd>
#include <vector>

#include "topology/cluster.hpp"

namespace topology {

struct FoldedGraph {
  struct Class {
    VertexKind kind{};
    VertexId first = 0;  ///< one of them
    std::size_t count = 0;
  };
  /// Cables between the vertices of two classes, all of one speed.
  struct Bundle {
    std::uint32_t a = 0, b = 0;       ///< classes, a <= b
    units::BytesPerSecond bandwidth;  ///< of one cable, per direction
    std::size_t cables = 0;
  };
  std::vector<Class> classes;
  std::vector<Bundle> bundles;
};

/// The coarsest partition in which all vertices of a class have the same kind and the same cables
/// to each class (colour refinement: Weisfeiler and Leman, 1968). A fabric without any symmetry
/// would not get smaller: refinement stops before there are more than `most` classes.
FoldedGraph fold_graph(const Cluster& cluster, std::size_t most = 500);

/// Writes it for Graphviz: boxes "16384 x gpu", lines "16384 x 400 Gbit/s" with the cables of each
/// vertex at their ends.
void write_dot(const FoldedGraph& graph, const Cluster& cluster, std::ostream& out);

}  // namespace topology
