#include "topology/build/graph.hpp"

#include <utility>

namespace topology::build {

Graph make_graph(std::size_t vertices, std::span<const Link> links) {
  std::vector<std::pair<VertexId, VertexId>> ends;
  ends.reserve(links.size());
  for (const Link& link : links) {
    ends.emplace_back(link.from, link.to);
  }
  return {boost::edges_are_sorted, ends.begin(), ends.end(), static_cast<VertexId>(vertices),
          static_cast<LinkId>(ends.size())};
}

std::optional<LinkId> find_link(const Graph& graph, VertexId from, VertexId to) {
  auto [first, last] = boost::out_edges(from, graph);
  auto count = last - first;
  while (count > 0) {
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

}  // namespace topology::build
