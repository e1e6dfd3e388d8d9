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

#include "sim/plan/layout.hpp"
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

/// Loads of the cables between the lowest switches (rows) and those above them (columns), of the
/// busier direction.
class LoadMatrix {
 public:
  LoadMatrix() = default;
  LoadMatrix(std::vector<int> lower, std::vector<int> upper);
  [[nodiscard]] bool empty() const { return loads_.empty(); }
  [[nodiscard]] int rows() const { return static_cast<int>(lower_.size()); }
  [[nodiscard]] int columns() const { return static_cast<int>(upper_.size()); }
  [[nodiscard]] float load(int row, int column) const {  ///< negative: no cable
    return loads_[static_cast<std::size_t>(row) * upper_.size() + static_cast<std::size_t>(column)];
  }
  /// Places in TopologyScene::switches.
  [[nodiscard]] int lower(int row) const { return lower_[static_cast<std::size_t>(row)]; }
  [[nodiscard]] int upper(int column) const { return upper_[static_cast<std::size_t>(column)]; }
  /// Of the cable between two places, if both are in here.
  void raise(int lower, int upper, float load);
  [[nodiscard]] double mean() const;  ///< of the cables
  [[nodiscard]] double most() const;

 private:
  std::vector<int> lower_, upper_;
  std::vector<int> row_of_, column_of_;  ///< by place; -1: none
  std::vector<float> loads_;
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
  sim::Layout layout;

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
  [[nodiscard]] double mean_load(const SceneGroup& group) const;  ///< negative: not known
};

/// Builds the graph and lays it out. Takes a moment for 100,000 GPUs: not for the window's thread.
/// @throws topology::InputError where the cluster makes no graph.
std::shared_ptr<TopologyScene> make_scene(const topology::ClusterSpec& cluster,
                                          const sim::Layout& layout, double aspect);
/// The same with the loads that `gpuplan simulate --link-loads` wrote.
std::shared_ptr<TopologyScene> make_scene(const topology::ClusterSpec& cluster,
                                          const sim::Layout& layout, double aspect,
                                          const QString& loads_file);

/// Which ranks a GPU talks to.
enum class RankGroup { None, Tensor, Pipeline, Data };
/// The GPUs of `gpu`'s communicator, for ranks packed in order: rank = tp + TP (cp + CP (dp + DP
/// pp)), see sim/plan/placement.hpp.
std::vector<int> rank_group(const sim::Layout& layout, int gpus, int gpu, RankGroup group);

}  // namespace gui
