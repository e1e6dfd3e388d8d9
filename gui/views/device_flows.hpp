#pragma once
// What goes in and out of a device in the simulated step, and for whom: added up from the links at
// it by role, looked up when a device is picked.
#include <cstdint>
#include <vector>

#include <QString>

#include "gui/views/topology_scene.hpp"

namespace gui {

struct DeviceFlow {
  std::uint32_t role = 0;  ///< or LinkBytes::kNeighbours
  bool out = false;        ///< leaves the device; else enters it
  double bytes = 0;        ///< of the step
  double share = 0;        ///< of all bytes that leave, or enter, it
  int links = 0;           ///< that carry it
  QString over;            ///< the link that carries most of it
  double over_bytes = 0;
  int alike = 1;           ///< links that the simulation did as one with that one
  std::vector<int> peers;  ///< GPUs at the other end; empty for a switch
  int gpu = -1;            ///< whose group to highlight; -1: not known
};

/// Largest first. Empty where no flows are known. A GPU's links are those of its NIC and to its
/// scale-up domain; what it passes on for others counts too. O(links of the cluster).
std::vector<DeviceFlow> device_flows(const TopologyScene& scene, const Device& device);

/// "GPU 8", "GPU 8, 16 and 13 more".
QString peers_text(const std::vector<int>& peers);

/// A GPU of the job whose group, in a role, crosses the switch; -1: none among the first 16,384
/// ranks.
int gpu_through(const TopologyScene& scene, int place, std::uint32_t role);

}  // namespace gui
