#include "sim/collective/ways.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "topology/error.hpp"

namespace sim {

namespace {

using topology::Cluster;
using topology::Hop;
using topology::Link;
using topology::VertexId;

VertexId vertex_of(const Cluster& cluster, WayEnd end) {
  return end.is_switch ? VertexId{end.index} : cluster.gpu(static_cast<int>(end.index));
}

/// Links that leave `from`: the cluster keeps them sorted by where they leave.
std::pair<std::size_t, std::size_t> leaving(const Cluster& cluster, VertexId from) {
  const auto links = cluster.links();
  Link wanted;
  wanted.from = from;
  const auto range = std::equal_range(links.begin(), links.end(), wanted,
                                      [](const Link& a, const Link& b) { return a.from < b.from; });
  return {static_cast<std::size_t>(range.first - links.begin()),
          static_cast<std::size_t>(range.second - links.begin())};
}

/// At most `left` links to `to`; a reducing switch is that near to what it reduces for.
bool climb(const Cluster& cluster, VertexId at, VertexId to, int left, std::vector<Hop>& hops,
           units::Seconds& latency) {
  if (const auto link = cluster.find_link(at, to)) {
    hops.push_back({*link});
    latency += cluster.link(*link).latency;
    return true;
  }
  if (left <= 1) {
    return false;
  }
  const auto [first, last] = leaving(cluster, at);
  for (std::size_t id = first; id < last; ++id) {
    const Link& link = cluster.links()[id];
    const topology::VertexKind kind = cluster.kind(link.to);
    if (kind != topology::VertexKind::Nic && cluster.kind(at) != topology::VertexKind::Nic) {
      continue;
    }
    hops.push_back({static_cast<topology::LinkId>(id)});
    if (climb(cluster, link.to, to, left - 1, hops, latency)) {
      latency += link.latency;
      return true;
    }
    hops.pop_back();
  }
  return false;
}

}  // namespace

units::Seconds Ways::way(WayEnd from, WayEnd to, std::vector<Hop>& hops, std::uint64_t flow) const {
  if (!from.is_switch && !to.is_switch) {
    const auto latency =
        cluster_.route_into(static_cast<int>(from.index), static_cast<int>(to.index),
                            {.routing = routing_, .flow = flow}, hops);
    if (!latency) {
      throw topology::InputError(
          fmt::format("lost links leave no way from GPU {} to GPU {}", from.index, to.index));
    }
    return *latency;
  }
  hops.clear();
  units::Seconds latency;
  constexpr int kNicAndLeaf = 2;
  const bool found = climb(cluster_, vertex_of(cluster_, from), vertex_of(cluster_, to),
                           kNicAndLeaf, hops, latency);
  topology::expects(found, "a reducing switch is next to what it reduces for");
  return latency;
}

units::Seconds Ways::latency(WayEnd from, WayEnd to) const {
  std::vector<Hop> hops;
  return way(from, to, hops);
}

VertexId Ways::neighbour(VertexId from, topology::VertexKind kind, int skip) const {
  const auto [first, last] = leaving(cluster_, from);
  std::vector<VertexId> found;
  for (std::size_t id = first; id < last; ++id) {
    const VertexId to = cluster_.links()[id].to;
    if (cluster_.kind(to) == kind) {
      found.push_back(to);
    }
  }
  if (found.empty()) {
    throw topology::InputError(
        fmt::format("{} has no switch above it that could reduce; use another --algorithm",
                    cluster_.label(from)));
  }
  return found[static_cast<std::size_t>(skip) % found.size()];
}

bool Ways::has_neighbour(VertexId from, topology::VertexKind kind) const {
  const auto [first, last] = leaving(cluster_, from);
  for (std::size_t id = first; id < last; ++id) {
    if (cluster_.kind(cluster_.links()[id].to) == kind) {
      return true;
    }
  }
  return false;
}

}  // namespace sim
