#pragma once
// The products that a network is built from, with what they cost and draw.
#include <optional>
#include <vector>

#include "topology/hardware.hpp"
#include "topology/units.hpp"

namespace topology {

/// How long cables are, as far as choosing their kind goes; 0: by the rule in
/// bill_of_materials.hpp.
struct CableRuns {
  units::Metres host;   ///< NIC to leaf
  units::Metres leaf;   ///< leaf to spine, and within a dragonfly group
  units::Metres spine;  ///< spine to core, between dragonfly groups, to optical switches
};

/// What a network may be built from. A part that is missing has no price and no power, which the
/// bill then says.
struct NetworkParts {
  std::optional<Nic> nic;
  int nics_per_node = 0;
  std::optional<Switch> leaf;         ///< also the router of a dragonfly
  std::optional<Switch> spine, core;  ///< nothing: as the leaf
  std::optional<Switch> optical_switch;
  std::optional<Switch> scale_up_switch;
  int scale_up_switches = 0, scale_up_cables = 0;  ///< of one scale-up domain
  std::vector<Cable> cables;                       ///< to pick from by medium, speed and reach
  CableRuns runs;
};

}  // namespace topology
