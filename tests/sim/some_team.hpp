#pragma once
// A cluster, the ranks on it and the ways between them, for tests of collectives.
#include <utility>
#include <vector>

#include "sim/collective/run.hpp"

#include "tests/topology/specs.hpp"

namespace sim::testing {

struct Stage {
  topology::Cluster cluster;
  Team team;
  Ways ways;

  explicit Stage(const topology::ClusterSpec& spec,
                 topology::Routing routing = topology::Routing::Adaptive)
      : Stage(spec, place(spec, spec.gpus, Placement::Packed), routing) {}
  Stage(const topology::ClusterSpec& spec, std::vector<int> gpus,
        topology::Routing routing = topology::Routing::Adaptive)
      : cluster(topology::Cluster::build(spec)),
        team(spec, std::move(gpus)),
        ways(cluster, routing) {}
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  [[nodiscard]] CollectiveTask task(Collective op, units::Bytes size,
                                    std::uint32_t pieces = 4) const {
    return {.team = team, .ways = ways, .op = op, .size = size, .root = 0, .pieces = pieces};
  }
  [[nodiscard]] CollectiveRun fluid(Algorithm algorithm, Collective op, units::Bytes size,
                                    const RunOptions& options = {}) const {
    return run_fluid(task(op, size), *generator_of(algorithm), options);
  }
};

/// Nodes of one GPU with one NIC each, under leaves of `per_leaf`.
inline topology::ClusterSpec single_gpu_nodes(int gpus, int per_leaf, double oversubscription) {
  topology::ClusterSpec spec = topology::testing::dgx(gpus, topology::FabricKind::FatTree);
  spec.accelerator.scale_up = {};
  spec.gpus_per_node = 1;
  spec.scale_up_domain = 1;
  spec.nodes_per_leaf = per_leaf;
  spec.leaf_oversubscription = oversubscription;
  return spec;
}

}  // namespace sim::testing
