#pragma once
// A cluster laid out for drawing: groups of nodes under their leaf switches, upper switches in rows
// above, and how loaded each device's links are. Values only; the canvas draws it.
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include <QPointF>
#include <QRectF>
#include <QString>

#include "gui/views/load_matrix.hpp"
#include "gui/views/step_traffic.hpp"
#include "topology/cluster_spec.hpp"

namespace gui {

/// A device on the canvas.
struct Device {
  enum class Kind { Gpu, Switch } kind = Kind::Gpu;
  int index = 0;  ///< GPU number, or place in TopologyScene::switches
  friend bool operator==(const Device&, const Device&) = default;
};

struct SceneSwitch {
  QString label;  ///< "leaf 3"
  QRectF place;
  float load = -1;         ///< of its busiest link, 0 to 1; negative: not known
  int up = 0, down = 0;    ///< neighbours above and below
  std::vector<int> above;  ///< places of switches it is cabled to, above it
};

struct SceneGroup {
  QString label;
  QRectF place;
  std::vector<int> nodes;
  std::vector<int> leaves;  ///< places in TopologyScene::switches
};

/// Loads of the links between two kinds of devices.
struct LinkClass {
  QString name;  ///< "leaf -> spine"
  int links = 0;
  double mean = 0, most = 0;
  QString busiest;
};

struct LinkLoad {
  QString link;  ///< "leaf 2 -> spine 1"
  double load = 0, bytes = 0;
};

struct TopologyScene {
  QString name;
  int gpus = 0, gpus_per_node = 1;
  QString accelerator;
  std::vector<QPointF> node_places;  ///< top left corner, by node
  std::vector<float> gpu_loads;      ///< of the busiest link at a GPU or its NIC; empty: not known
  std::vector<int> gpu_leaf;         ///< place of the switch its NIC is cabled to; -1: none
  std::vector<SceneSwitch> switches;
  std::vector<SceneGroup> groups;
  std::vector<int> upper;  ///< switches above the groups, in the order they are laid out
  std::vector<LinkClass> classes;
  std::vector<LinkLoad> busiest;  ///< the busiest links, most loaded first; empty: not known
  LoadMatrix matrix;              ///< empty: not known, or a single tier
  QRectF bounds;
  double aspect = 1.6;  ///< width to height that it is laid out for
  std::vector<int> group_of_node;
  std::vector<int> attached;  ///< switches that accelerators are cabled to, ascending
  /// By vertex of the cluster: the GPU, also of a NIC; the place of a switch; -1.
  std::vector<int> gpu_of_vertex, place_of_vertex;
  std::shared_ptr<const StepTraffic> traffic;

  [[nodiscard]] const QString& lower_label(int row) const {
    return switches[static_cast<std::size_t>(matrix.lower(row))].label;
  }
  [[nodiscard]] const QString& upper_label(int column) const {
    return switches[static_cast<std::size_t>(matrix.upper(column))].label;
  }
  [[nodiscard]] int nodes() const { return static_cast<int>(node_places.size()); }
  [[nodiscard]] int gpu_columns() const { return gpus_per_node > 4 ? 4 : gpus_per_node; }
  [[nodiscard]] QRectF node_rect(int node) const;
  [[nodiscard]] QRectF gpu_rect(int gpu) const;
  /// What stands at a point of the scene.
  [[nodiscard]] std::optional<Device> at(QPointF point) const;
  [[nodiscard]] int group_at(QPointF point) const;
  [[nodiscard]] QRectF rect(const Device& device) const;
  /// What a vertex of the cluster is drawn as; a NIC is part of its GPU.
  [[nodiscard]] std::optional<Device> device_of(topology::VertexId vertex) const;
  [[nodiscard]] double mean_load(const SceneGroup& group) const;  ///< negative: not known
};

/// Builds the graph and lays it out, with the loads that `gpuplan simulate --link-loads` wrote
/// where there is such a file. Takes a moment for 100,000 GPUs: not for the window's thread.
/// @throws topology::InputError where the cluster makes no graph.
std::shared_ptr<TopologyScene> make_scene(const topology::ClusterSpec& cluster,
                                          const JobOnFabric& job, double aspect,
                                          const QString& loads_file = {});

}  // namespace gui
