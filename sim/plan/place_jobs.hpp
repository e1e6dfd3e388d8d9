#pragma once
// Which GPUs of a fabric the ranks of several jobs sit on.
#include <string>
#include <string_view>
#include <vector>

#include "topology/cluster_spec.hpp"

namespace sim {

enum class PlacementRule {
  Packed,       ///< the next free nodes, in order
  RailAligned,  ///< whole leaf groups, so that a rail's traffic stays under its leaf where it can
  Scattered,    ///< dealt out over the leaf groups in turn, as a busy scheduler leaves free nodes
  Listed        ///< the nodes as given
};

struct PlacementRequest {
  std::string job;  ///< for messages
  int gpus = 0;
  PlacementRule rule = PlacementRule::Packed;
  std::vector<int> nodes{};  ///< for Listed
};

/// GPUs by rank for every job, in the order of the requests. A job takes whole nodes (whole
/// scale-up domains where those are larger); ranks follow each other within a node.
/// @throws topology::InputError where the nodes do not suffice, are taken, or do not exist.
std::vector<std::vector<int>> place_jobs(const topology::ClusterSpec& fabric,
                                         const std::vector<PlacementRequest>& requests);

}  // namespace sim
