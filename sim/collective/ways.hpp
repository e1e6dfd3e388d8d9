#pragma once
// The links between two ends of a collective: GPUs, by the cluster's routes, and switches that
// reduce.
#include <cstdint>
#include <vector>

#include "sim/collective/team.hpp"
#include "topology/cluster.hpp"

namespace sim {

/// A GPU (by its index) or a switch (by its vertex).
struct WayEnd {
  std::uint32_t index = 0;
  bool is_switch = false;
};

class Ways {
 public:
  Ways(const topology::Cluster& cluster, topology::Routing routing)
      : cluster_(cluster), routing_(routing) {}

  [[nodiscard]] const topology::Cluster& cluster() const { return cluster_; }
  [[nodiscard]] topology::Routing routing() const { return routing_; }
  /// Fills `hops` (cleared first) and returns the latency of the way.
  units::Seconds way(WayEnd from, WayEnd to, std::vector<topology::Hop>& hops,
                     std::uint64_t flow = 0) const;
  [[nodiscard]] units::Seconds latency(WayEnd from, WayEnd to) const;
  /// Capacity of a link or trunk under the routing in use.
  [[nodiscard]] units::BytesPerSecond capacity(topology::LinkId channel) const {
    return cluster_.capacity(channel, {.routing = routing_});
  }
  /// The first neighbour of `kind` that a vertex has a link to, from the `skip`-th on, round robin.
  /// @throws topology::InputError where it has none.
  [[nodiscard]] topology::VertexId neighbour(topology::VertexId from, topology::VertexKind kind,
                                             int skip = 0) const;
  [[nodiscard]] bool has_neighbour(topology::VertexId from, topology::VertexKind kind) const;

 private:
  const topology::Cluster& cluster_;
  topology::Routing routing_;
};

}  // namespace sim
