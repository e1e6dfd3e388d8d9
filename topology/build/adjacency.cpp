#include "topology/build/adjacency.hpp"

#include <ostream>
#include <utility>
#include <vector>

#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/graphviz.hpp>

namespace topology::build {

namespace {
using Graph =
    boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                       boost::no_property, VertexId, LinkId>;

Graph make_graph(std::size_t vertices, std::span<const Link> links) {
  std::vector<std::pair<VertexId, VertexId>> ends;
  ends.reserve(links.size());
  for (const Link& link : links) {
    ends.emplace_back(link.from, link.to);
  }
  return {boost::edges_are_sorted, ends.begin(), ends.end(), static_cast<VertexId>(vertices),
          static_cast<LinkId>(ends.size())};
}
}  // namespace

struct Adjacency::Rows {
  Graph graph;
};

Adjacency::Adjacency(std::size_t vertices, std::span<const Link> links)
    : rows_(std::make_unique<Rows>(Rows{make_graph(vertices, links)})) {}
Adjacency::~Adjacency() = default;

std::optional<LinkId> Adjacency::find(VertexId from, VertexId to) const {
  const Graph& graph = rows_->graph;
  auto [first, last] = boost::out_edges(from, graph);
  auto count = last - first;
  while (count > 0) {  // bisection: boost::edge() would scan the row
    const auto half = count / 2;
    if (boost::target(*(first + half), graph) < to) {
      first += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  if (first == last || boost::target(*first, graph) != to) {
    return std::nullopt;
  }
  return boost::get(boost::edge_index, graph, *first);
}

void Adjacency::write_dot(std::ostream& out,
                          const std::function<std::string(VertexId)>& vertex_label,
                          const std::function<std::string(LinkId)>& link_label) const {
  const Graph& graph = rows_->graph;
  boost::write_graphviz(
      out, graph,
      [&](std::ostream& to, VertexId v) { to << "[label=\"" << vertex_label(v) << "\"]"; },
      [&](std::ostream& to, const auto& edge) {
        to << "[label=\"" << link_label(boost::get(boost::edge_index, graph, edge)) << "\"]";
      });
}

}  // namespace topology::build
