#include "gui/views/topology_scene.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <QCoreApplication>

#include "gui/views/link_loads.hpp"
#include "topology/cluster.hpp"

namespace gui {

using topology::Cluster;
using topology::VertexId;
using topology::VertexKind;

namespace {

// In scene units; a unit is a pixel at zoom 1.
constexpr double kGpu = 12, kGap = 2, kNodePad = 3, kNodeGap = 5, kLeaf = 16, kGroupGap = 26;
constexpr double kTitle = 20, kUpper = 22, kRowGap = 40;
constexpr int kMostNodes = 128;  ///< in a group: larger ones are shown in pieces

bool is_switch(VertexKind kind) {
  return kind == VertexKind::Leaf || kind == VertexKind::Spine || kind == VertexKind::Core ||
         kind == VertexKind::Router || kind == VertexKind::Border || kind == VertexKind::Other;
}

/// Where a tier is drawn: higher is further up.
int tier(VertexKind kind) {
  switch (kind) {
    case VertexKind::Core:
    case VertexKind::Border:
      return 3;
    case VertexKind::Spine:
      return 2;
    default:
      return 1;
  }
}

class Builder {
 public:
  Builder(const Cluster& cluster, TopologyScene& scene) : cluster_(cluster), scene_(scene) {}

  void build() {
    number_switches();
    wire();
    make_groups();
    lay_out();
  }

 private:
  void number_switches() {
    scene_.place_of_vertex.assign(cluster_.vertex_count(), -1);
    for (std::size_t v = 0; v < cluster_.vertex_count(); ++v) {
      const auto id = static_cast<VertexId>(v);
      if (is_switch(cluster_.kind(id))) {
        scene_.place_of_vertex[v] = static_cast<int>(scene_.switches.size());
        vertex_.push_back(id);
        scene_.switches.push_back({QString::fromStdString(cluster_.label(id)), {}, -1, 0, 0, {}});
      }
    }
  }

  void wire() {
    const auto gpus = static_cast<std::size_t>(scene_.gpus);
    scene_.gpu_of_vertex.assign(cluster_.vertex_count(), -1);
    for (std::size_t g = 0; g < gpus; ++g) {
      scene_.gpu_of_vertex[cluster_.gpu(static_cast<int>(g))] = static_cast<int>(g);
    }
    // A NIC belongs to the GPU that is cabled to it; behind PCIe switches to none, and its node's
    // groups come from the numbering alone.
    for (const auto& link : cluster_.links()) {
      if (scene_.gpu_of_vertex[link.from] >= 0 && cluster_.kind(link.from) == VertexKind::Gpu &&
          cluster_.kind(link.to) == VertexKind::Nic && scene_.gpu_of_vertex[link.to] < 0) {
        scene_.gpu_of_vertex[link.to] = scene_.gpu_of_vertex[link.from];
      }
    }
    scene_.gpu_leaf.assign(gpus, -1);
    leaves_of_.assign(gpus, {});
    for (const auto& link : cluster_.links()) {
      const int to = scene_.place_of_vertex[link.to];
      const int from = scene_.place_of_vertex[link.from];
      if (to < 0) {
        continue;
      }
      if (const int gpu = scene_.gpu_of_vertex[link.from]; from < 0 && gpu >= 0) {
        auto& leaves = leaves_of_[static_cast<std::size_t>(gpu)];
        leaves.push_back(to);
        int& first = scene_.gpu_leaf[static_cast<std::size_t>(gpu)];
        first = first < 0 ? to : first;
        ++scene_.switches[static_cast<std::size_t>(to)].down;
        scene_.attached.push_back(to);
      } else if (from >= 0 && tier(cluster_.kind(link.to)) > tier(cluster_.kind(link.from))) {
        scene_.switches[static_cast<std::size_t>(from)].above.push_back(to);
        ++scene_.switches[static_cast<std::size_t>(from)].up;
        ++scene_.switches[static_cast<std::size_t>(to)].down;
      }
    }
    std::sort(scene_.attached.begin(), scene_.attached.end());
    scene_.attached.erase(std::unique(scene_.attached.begin(), scene_.attached.end()),
                          scene_.attached.end());
  }

  /// Nodes whose first GPU hangs on the same switch belong together.
  void make_groups() {
    const int nodes = (scene_.gpus + scene_.gpus_per_node - 1) / scene_.gpus_per_node;
    scene_.node_places.resize(static_cast<std::size_t>(nodes));
    std::map<int, std::size_t> open;  // by switch, the group that takes its next node
    std::vector<bool> shown(scene_.switches.size(), false);
    for (int node = 0; node < nodes; ++node) {
      const int first = node * scene_.gpus_per_node;
      const int key = scene_.gpu_leaf[static_cast<std::size_t>(first)];
      auto it = open.find(key);
      if (it == open.end() || scene_.groups[it->second].nodes.size() >= kMostNodes) {
        open[key] = scene_.groups.size();
        it = open.find(key);
        scene_.groups.push_back({group_name(scene_.groups.size()), {}, {}, {}});
      }
      SceneGroup& group = scene_.groups[it->second];
      group.nodes.push_back(node);
      scene_.group_of_node.push_back(static_cast<int>(it->second));
      for (int g = first; g < std::min(first + scene_.gpus_per_node, scene_.gpus); ++g) {
        for (const int leaf : leaves_of_[static_cast<std::size_t>(g)]) {
          if (!shown[static_cast<std::size_t>(leaf)]) {
            shown[static_cast<std::size_t>(leaf)] = true;
            group.leaves.push_back(leaf);
          }
        }
      }
    }
    for (std::size_t i = 0; i < scene_.switches.size(); ++i) {
      if (!shown[i]) {
        scene_.upper.push_back(static_cast<int>(i));
      }
    }
    std::stable_sort(scene_.upper.begin(), scene_.upper.end(), [&](int a, int b) {
      return tier(cluster_.kind(vertex_[static_cast<std::size_t>(a)])) >
             tier(cluster_.kind(vertex_[static_cast<std::size_t>(b)]));
    });
  }

  [[nodiscard]] QString group_name(std::size_t index) const {
    return QCoreApplication::translate("topology", "Group %1").arg(index);
  }

  void lay_out() {
    if (scene_.groups.empty()) {
      return;
    }
    const QSizeF group = lay_out_inside();
    const double cell_w = group.width() + kGroupGap;
    const double cell_h = group.height() + kGroupGap;
    const auto count = static_cast<double>(scene_.groups.size());
    // So many columns that the whole takes the shape of the window.
    const int columns = std::clamp(
        static_cast<int>(std::lround(std::sqrt(count * scene_.aspect * cell_h / cell_w))), 1,
        static_cast<int>(count));
    const double width = std::max(columns * cell_w - kGroupGap, 300.0);
    const double top = lay_out_upper(width);
    for (std::size_t i = 0; i < scene_.groups.size(); ++i) {
      const auto column = static_cast<double>(static_cast<int>(i) % columns);
      const auto row = static_cast<double>(static_cast<int>(i) / columns);
      move(scene_.groups[i], {column * cell_w, top + row * cell_h});
    }
    const double rows = std::ceil(count / columns);
    scene_.bounds = {-kGroupGap, -kGroupGap, width + 2 * kGroupGap,
                     top + rows * cell_h + kGroupGap};
  }

  /// Lays every group out at the origin; returns the size of the largest.
  QSizeF lay_out_inside() {
    const double node_w = scene_.node_rect(0).width() + kNodeGap;
    const double node_h = scene_.node_rect(0).height() + kNodeGap;
    std::size_t most = 1;
    for (const SceneGroup& group : scene_.groups) {
      most = std::max(most, group.nodes.size());
    }
    const int columns = std::max(
        1, static_cast<int>(std::lround(std::sqrt(static_cast<double>(most) * node_h / node_w))));
    const double width = std::max(columns * node_w, 120.0) + kNodeGap;
    const int leaf_columns = std::max(1, static_cast<int>((width - kNodeGap) / (kLeaf + kGap)));
    QSizeF size(width, 0);
    for (SceneGroup& group : scene_.groups) {
      for (std::size_t i = 0; i < group.leaves.size(); ++i) {
        const int n = static_cast<int>(i);
        scene_.switches[static_cast<std::size_t>(group.leaves[i])].place = {
            kNodeGap + (n % leaf_columns) * (kLeaf + kGap),
            kTitle + (n / leaf_columns) * (kLeaf + kGap), kLeaf, kLeaf};
      }
      const int leaf_rows =
          (static_cast<int>(group.leaves.size()) + leaf_columns - 1) / leaf_columns;
      const double top = kTitle + leaf_rows * (kLeaf + kGap) + kNodeGap;
      for (std::size_t i = 0; i < group.nodes.size(); ++i) {
        const int n = static_cast<int>(i);
        scene_.node_places[static_cast<std::size_t>(group.nodes[i])] = {
            kNodeGap + (n % columns) * node_w, top + (n / columns) * node_h};
      }
      const int rows = (static_cast<int>(group.nodes.size()) + columns - 1) / columns;
      group.place = {0, 0, width, top + rows * node_h};
      size.setHeight(std::max(size.height(), group.place.height()));
    }
    return size;
  }

  /// Rows of the switches above, one tier after the other; returns where the groups begin.
  double lay_out_upper(double width) {
    const int columns = std::max(1, static_cast<int>(width / (kUpper + kGap)));
    double y = 0;
    int column = 0;
    int last_tier = 0;
    for (const int place : scene_.upper) {
      const int now = tier(cluster_.kind(vertex_[static_cast<std::size_t>(place)]));
      if (last_tier != 0 && now != last_tier) {
        y += kUpper + kRowGap;
        column = 0;
      } else if (column == columns) {
        y += kUpper + kGap;
        column = 0;
      }
      last_tier = now;
      scene_.switches[static_cast<std::size_t>(place)].place = {column * (kUpper + kGap), y, kUpper,
                                                                kUpper};
      ++column;
    }
    return last_tier == 0 ? 0 : y + kUpper + kRowGap;
  }

  void move(SceneGroup& group, QPointF by) {
    group.place.translate(by);
    for (const int node : group.nodes) {
      scene_.node_places[static_cast<std::size_t>(node)] += by;
    }
    for (const int leaf : group.leaves) {
      scene_.switches[static_cast<std::size_t>(leaf)].place.translate(by);
    }
  }

  const Cluster& cluster_;
  TopologyScene& scene_;
  std::vector<VertexId> vertex_;             ///< of a place
  std::vector<std::vector<int>> leaves_of_;  ///< by GPU
};

}  // namespace

QRectF TopologyScene::node_rect(int node) const {
  const int columns = gpu_columns();
  const int rows = (gpus_per_node + columns - 1) / columns;
  const QPointF at = node_places[static_cast<std::size_t>(node)];
  return {at.x(), at.y(), columns * (kGpu + kGap) - kGap + 2 * kNodePad,
          rows * (kGpu + kGap) - kGap + 2 * kNodePad};
}

QRectF TopologyScene::gpu_rect(int gpu) const {
  const QPointF at = node_places[static_cast<std::size_t>(gpu / gpus_per_node)];
  const int i = gpu % gpus_per_node;
  const int columns = gpu_columns();
  return {at.x() + kNodePad + (i % columns) * (kGpu + kGap),
          at.y() + kNodePad + (i / columns) * (kGpu + kGap), kGpu, kGpu};
}

int TopologyScene::group_at(QPointF point) const {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].place.contains(point)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

std::optional<Device> TopologyScene::at(QPointF point) const {
  const auto switch_at = [&](const std::vector<int>& among) -> std::optional<Device> {
    for (const int place : among) {
      if (switches[static_cast<std::size_t>(place)].place.contains(point)) {
        return Device{Device::Kind::Switch, place};
      }
    }
    return std::nullopt;
  };
  const int index = group_at(point);
  if (index < 0) {
    return switch_at(upper);
  }
  const SceneGroup& group = groups[static_cast<std::size_t>(index)];
  for (const int node : group.nodes) {
    if (node_rect(node).contains(point)) {
      for (int g = node * gpus_per_node; g < std::min((node + 1) * gpus_per_node, gpus); ++g) {
        if (gpu_rect(g).adjusted(-kGap, -kGap, kGap, kGap).contains(point)) {
          return Device{Device::Kind::Gpu, g};
        }
      }
    }
  }
  return switch_at(group.leaves);
}

QRectF TopologyScene::rect(const Device& device) const {
  return device.kind == Device::Kind::Gpu ? gpu_rect(device.index)
                                          : switches[static_cast<std::size_t>(device.index)].place;
}

double TopologyScene::mean_load(const SceneGroup& group) const {
  if (gpu_loads.empty()) {
    return -1;
  }
  double sum = 0;
  int count = 0;
  for (const int node : group.nodes) {
    for (int g = node * gpus_per_node; g < std::min((node + 1) * gpus_per_node, gpus); ++g) {
      sum += gpu_loads[static_cast<std::size_t>(g)];
      ++count;
    }
  }
  return sum / std::max(count, 1);
}

std::optional<Device> TopologyScene::device_of(VertexId vertex) const {
  if (const int gpu = gpu_of_vertex[vertex]; gpu >= 0) {
    return Device{Device::Kind::Gpu, gpu};
  }
  if (const int place = place_of_vertex[vertex]; place >= 0) {
    return Device{Device::Kind::Switch, place};
  }
  return std::nullopt;
}

std::shared_ptr<TopologyScene> make_scene(const topology::ClusterSpec& spec, const JobOnFabric& job,
                                          double aspect, const QString& loads_file) {
  auto traffic = std::make_shared<StepTraffic>(Cluster::build(spec), job);
  auto scene = std::make_shared<TopologyScene>();
  scene->name = QString::fromStdString(spec.id);
  scene->gpus = spec.gpus;
  scene->gpus_per_node = std::max(1, spec.gpus_per_node);
  scene->accelerator = QString::fromStdString(spec.accelerator.id);
  scene->aspect = aspect;
  Builder(traffic->cluster(), *scene).build();
  if (!loads_file.isEmpty()) {
    traffic->set_bytes(read_link_loads(loads_file, traffic->cluster(), *scene));
  }
  scene->traffic = std::move(traffic);
  return scene;
}

}  // namespace gui
