#pragma once
// The links between two ends of a collective: GPUs, by the cluster's routes, and switches that
// reduce.
#include <cstdint>
#include <vector>

#include "sim/collective/team.hpp"
#include "sim/engine/between_switches.hpp"
#include "topology/cluster.hpp"

namespace sim {

/// A GPU (by its index) or a switch (by its vertex).
struct WayEnd {
  std::uint32_t index = 0;
  bool is_switch = false;
};

class Ways {
 public:
  /// `fabric_efficiency`: what flows together reach of a link between switches.
  Ways(const topology::Cluster& cluster, topology::Routing routing, double fabric_efficiency = 1.0)
      : cluster_(cluster), routing_(routing), fabric_efficiency_(fabric_efficiency) {}

  [[nodiscard]] const topology::Cluster& cluster() const { return cluster_; }
  [[nodiscard]] topology::Routing routing() const { return routing_; }
  /// Fills `hops` (cleared first) and returns the latency of the way.
  units::Seconds way(WayEnd from, WayEnd to, std::vector<topology::Hop>& hops,
                     std::uint64_t flow = 0) const;
  [[nodiscard]] units::Seconds latency(WayEnd from, WayEnd to) const;
  /// Capacity of a link or trunk under the routing in use.
  [[nodiscard]] units::BytesPerSecond capacity(topology::LinkId channel) const {
    const double share = between_switches(cluster_, channel) ? fabric_efficiency_ : 1.0;
    return cluster_.capacity(channel, {.routing = routing_}) * share;
  }
  /// The first neighbour of `kind` that a vertex has a link to, from the `skip`-th on, round robin.
  /// @throws topology::InputError where it has none.
  [[nodiscard]] topology::VertexId neighbour(topology::VertexId from, topology::VertexKind kind,
                                             int skip = 0) const;
  [[nodiscard]] bool has_neighbour(topology::VertexId from, topology::VertexKind kind) const;

 private:
  const topology::Cluster& cluster_;
  topology::Routing routing_;
  double fabric_efficiency_;
};

}  // namespace sim
