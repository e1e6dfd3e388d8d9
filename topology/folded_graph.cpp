#include "topology/folded_graph.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <ostream>
#include <string>
#include <tuple>

#include <fmt/format.h>

#include "topology/routing.hpp"

namespace topology {

namespace {

using Colours = std::vector<std::uint32_t>;

/// Numbers equal keys alike, in the order of their first vertex.
struct Numbered {
  Colours of;
  std::size_t count = 0;
};
Numbered number(const std::vector<std::pair<std::uint32_t, std::uint64_t>>& keys) {
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> known;
  Numbered result;
  result.of.reserve(keys.size());
  for (const auto& key : keys) {
    result.of.push_back(
        known.try_emplace(key, static_cast<std::uint32_t>(known.size())).first->second);
  }
  result.count = known.size();
  return result;
}

std::uint64_t cable_hash(const Link& link, std::uint32_t neighbour) {
  const auto rate = std::bit_cast<std::uint64_t>(link.bandwidth.base());
  return mix64(mix64(rate) + static_cast<std::uint64_t>(link.cables) * 0x10001 + neighbour);
}

Colours classes_of(const Cluster& cluster, std::size_t most) {
  const auto vertices = static_cast<VertexId>(cluster.vertex_count());
  std::vector<std::pair<std::uint32_t, std::uint64_t>> keys(vertices);
  for (VertexId v = 0; v < vertices; ++v) {
    keys[v] = {static_cast<std::uint32_t>(cluster.kind(v)), 0};
  }
  Numbered now = number(keys);
  while (true) {
    for (VertexId v = 0; v < vertices; ++v) {
      keys[v] = {now.of[v], 0};
    }
    for (const Link& link : cluster.links()) {
      keys[link.from].second += cable_hash(link, now.of[link.to]);
    }
    Numbered next = number(keys);
    if (next.count == now.count || next.count > most) {
      return now.of;
    }
    now = std::move(next);
  }
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

/// "32", or "about 1.5" where a class is not quite alike.
std::string each(std::size_t cables, std::size_t count) {
  return cables % count == 0
             ? std::to_string(cables / count)
             : fmt::format("{:.1f}", static_cast<double>(cables) / static_cast<double>(count));
}

}  // namespace

FoldedGraph fold_graph(const Cluster& cluster, std::size_t most) {
  const Colours of = classes_of(cluster, most);
  FoldedGraph graph;
  for (VertexId v = 0; v < of.size(); ++v) {
    if (of[v] == graph.classes.size()) {
      graph.classes.push_back({cluster.kind(v), v, 0});
    }
    ++graph.classes[of[v]].count;
  }
  std::map<std::tuple<std::uint32_t, std::uint32_t, double>, std::size_t> cables;
  for (const Link& link : cluster.links()) {
    if (link.from < link.to) {
      const auto [low, high] = std::minmax(of[link.from], of[link.to]);
      cables[{low, high, (link.bandwidth / link.cables).base()}] +=
          static_cast<std::size_t>(link.cables);
    }
  }
  for (const auto& [key, count] : cables) {
    const auto& [a, b, rate] = key;
    graph.bundles.push_back({a, b, units::BytesPerSecond::from_base(rate), count});
  }
  return graph;
}

void write_dot(const FoldedGraph& graph, const Cluster& cluster, std::ostream& out) {
  out << fmt::format("graph \"{}\" {{\n  rankdir=BT;\n  node [shape=box];\n",
                     escaped(cluster.spec().id));
  for (std::size_t i = 0; i < graph.classes.size(); ++i) {
    const FoldedGraph::Class& one = graph.classes[i];
    const std::string label = cluster.label(one.first);
    out << fmt::format("  c{} [label=\"{}\"];\n", i,
                       escaped(one.count == 1 ? label
                                              : fmt::format("{} x {}", one.count,
                                                            label.substr(0, label.rfind(' ')))));
  }
  for (const FoldedGraph::Bundle& b : graph.bundles) {
    const std::size_t ends = b.a == b.b ? 2 * b.cables : b.cables;
    out << fmt::format(
        "  c{} -- c{} [label=\"{} x {:g} Gbit/s\", taillabel=\"{}\", headlabel=\"{}\"];\n", b.a,
        b.b, b.cables, b.bandwidth.in(units::gigabits_per_second(1)),
        each(ends, graph.classes[b.a].count), each(ends, graph.classes[b.b].count));
  }
  out << "}\n";
}

}  // namespace topology
