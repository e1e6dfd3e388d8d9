#pragma once
// Reads what `gpuplan simulate --link-loads` wrote.
#include <QString>

#include "gui/views/step_traffic.hpp"

namespace gui {

struct TopologyScene;

/// Puts the loads on the devices of the scene, fills its lists and its matrix, and returns the
/// bytes of each link by role; none where the file does not split them. A file that cannot be
/// opened leaves the scene as it is.
LinkBytes read_link_loads(const QString& file_name, const topology::Cluster& cluster,
                          TopologyScene& scene);

}  // namespace gui
