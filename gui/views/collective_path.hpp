#pragma once
// Every device and link that the collective of one group travels, ready to be drawn at any zoom.
#include <cstdint>
#include <vector>

#include <QString>

#include "gui/views/topology_scene.hpp"

namespace gui {

/// A line between two devices; both directions of a cable are one.
struct PathLine {
  Device from, to;
};

struct CollectivePath {
  int gpu = 0;  ///< whose group it is
  std::uint32_t role = 0;
  QString summary;                      ///< for the panel and for screen readers
  std::vector<int> members;             ///< GPUs, in ring order
  std::vector<topology::LinkId> links;  ///< directed, ascending
  std::vector<bool> on_gpu, on_switch;  ///< by GPU, by place: members and what passes on
  std::vector<bool> on_group;           ///< groups of the scene with a GPU or leaf of it
  /// Lines by level of detail: from GPUs, from nodes and from groups to switches. In the last two
  /// Device::index of a GPU is a node's or a group's number.
  std::vector<PathLine> gpu_lines, node_lines, group_lines;
};

/// The path of the group, in a role, of the rank on `gpu`: ring order for a ring, all pairs for an
/// all-to-all (of a group with more than 65,536 pairs those of this rank alone, which the summary
/// says), both directions for a pipeline. Takes a route per pair: up to some 50 ms.
/// @pre scene.traffic is there, and the job has a rank on `gpu`
CollectivePath collective_path(const TopologyScene& scene, int gpu, std::uint32_t role);

}  // namespace gui
