#pragma once
// Switches and cables of dragonfly and dragonfly+ fabrics, counted from the parameters alone; the
// graph builder and a bill of materials read the same plan.
#include "topology/cluster_spec.hpp"

namespace topology {

/// Groups of switches, joined group by group with equally many cables for every pair of groups.
/// Dragonfly: the switches of a group are joined all to all, and each holds endpoints and cables to
/// other groups. Dragonfly+: leaves hold the endpoints, spines the cables to other groups, and
/// every leaf is joined to every spine. Source: Kim, Dally, Scott and Abts, ISCA 2008; Shpiner et
/// al., HiPINEB 2017.
struct DragonflyPlan {
  int endpoints = 0;  ///< NICs
  int endpoints_per_switch = 0;
  int groups = 1;
  int leaves = 1;           ///< per group: switches with endpoints
  int spines = 0;           ///< per group; 0: dragonfly, where the leaves go out themselves
  int cables_per_pair = 0;  ///< between two groups

  [[nodiscard]] int gates() const { return spines > 0 ? spines : leaves; }  ///< go out of a group
  [[nodiscard]] int switches() const { return groups * (leaves + spines); }
  [[nodiscard]] long endpoint_cables() const { return endpoints; }
  [[nodiscard]] long local_cables() const {
    return static_cast<long>(groups) * (spines > 0 ? static_cast<long>(leaves) * spines
                                                   : static_cast<long>(leaves) * (leaves - 1) / 2);
  }
  [[nodiscard]] long global_cables() const {
    return static_cast<long>(groups) * (groups - 1) / 2 * cables_per_pair;
  }
  [[nodiscard]] long cables() const { return endpoint_cables() + local_cables() + global_cables(); }
  /// Switches in a group that cable number `cable` of the pair (`group`, `peer`) leaves from: dealt
  /// out one by one, so that no switch has more than its `global_links`.
  [[nodiscard]] int gate_of(int group, int peer, int cable) const {
    const int place = (peer - group - 1 + groups) % groups;
    return static_cast<int>((static_cast<long>(place) * cables_per_pair + cable) % gates());
  }
  /// Pairs of gates that two groups are joined by: the cables, or fewer where some run in parallel.
  [[nodiscard]] int ways() const { return cables_per_pair < gates() ? cables_per_pair : gates(); }
  /// Parallel cables of a way.
  [[nodiscard]] int cables_of(int way) const {
    return cables_per_pair / ways() + (way < cables_per_pair % ways() ? 1 : 0);
  }
};

/// The plan of a Dragonfly or DragonflyPlus cluster. Every group has all of its switches, but for a
/// cluster that one group holds.
/// @throws InputError where the switches have too few ports, the groups are too many for the cables
/// out of a group, or planes, sites or pods are asked for, which only Clos fabrics have.
DragonflyPlan plan_dragonfly(const ClusterSpec& spec);

}  // namespace topology
