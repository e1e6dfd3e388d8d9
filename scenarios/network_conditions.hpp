#pragma once
// How the network of a scenario is run: routing, faults, and who else is on it. Read by flow
// simulation.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/engine/flow.hpp"
#include "sim/plan/place_jobs.hpp"
#include "topology/cluster.hpp"
#include "topology/error.hpp"
#include "topology/units.hpp"

namespace scenarios {

/// A fault as the scenario words it; which links it means is known once the cluster is built.
struct FaultWords {
  std::string what;  ///< "spine 3", "leaf 2 -> spine 1", "leaf 2 <-> spine 1"
  topology::Location where;
  units::Seconds at;
  std::optional<units::Seconds> lasts;  ///< to the end where missing
  std::optional<units::Seconds> every;  ///< flapping
  double left = 0.0;
};

struct PlacementWords {
  sim::PlacementRule rule = sim::PlacementRule::Packed;
  std::vector<int> nodes{};
};

/// Another job on the same fabric.
struct Neighbour {
  std::filesystem::path scenario;
  topology::Location where;
  PlacementWords placement;
};

struct NetworkConditions {
  topology::Routing routing = topology::Routing::Static;
  double efficiency = 1.0;  ///< of links between switches
  units::Seconds failover = units::milliseconds(30);
  std::vector<FaultWords> faults{};
  int fabric_gpus = 0;  ///< 0: as many as the jobs need
  PlacementWords placement{};
  std::vector<Neighbour> neighbours{};
};

/// The links that `faults` mean, with flapping written out up to `horizon`.
/// @throws topology::InputError at the fault that names no device or link of the cluster.
std::vector<sim::LinkFault> link_faults(const std::vector<FaultWords>& faults,
                                        const topology::Cluster& cluster, units::Seconds horizon);

}  // namespace scenarios
