#pragma once
// Which links of a cluster are shared by strangers: those between switches.
#include "topology/cluster.hpp"

namespace sim {

inline bool is_switch(topology::VertexKind kind) {
  switch (kind) {
    case topology::VertexKind::Leaf:
    case topology::VertexKind::Spine:
    case topology::VertexKind::Core:
    case topology::VertexKind::Router:
    case topology::VertexKind::Border:
      return true;
    default:
      return false;
  }
}

/// Where contending flows reach less than the line rate (calib::fabric_efficiency). A NIC's own
/// port is in the calibrated rate of its flows.
inline bool between_switches(const topology::Cluster& cluster, topology::LinkId channel) {
  const topology::Link& link = cluster.link(cluster.members(channel).front());
  return is_switch(cluster.kind(link.from)) && is_switch(cluster.kind(link.to));
}

}  // namespace sim
