#include "gui/views/topology_scene.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include <QCoreApplication>
#include <QFile>

#include "topology/cluster.hpp"

namespace gui {

using topology::Cluster;
using topology::VertexId;
using topology::VertexKind;

namespace {

// In scene units; a unit is a pixel at zoom 1.
constexpr std::size_t kMostListed = 500;        ///< links in the list of the busiest
constexpr std::size_t kMostCells = 16'000'000;  ///< of the matrix; as a picture, 64 MB
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

  /// One line per link: "leaf 3 -> spine 1,bytes,utilisation".
  void read_loads(const QString& file_name) {
    QFile file(file_name);
    if (!file.open(QIODevice::ReadOnly)) {
      return;
    }
    file.readLine();  // the header
    scene_.gpu_loads.assign(static_cast<std::size_t>(scene_.gpus), 0.0F);
    for (SceneSwitch& one : scene_.switches) {
      one.load = 0.0F;
    }
    make_matrix();
    std::map<std::string, LinkClass, std::less<>> classes;
    while (!file.atEnd()) {
      add_load(file.readLine(), classes);
    }
    keep_busiest(kMostListed);
    for (auto& [name, one] : classes) {
      one.name = QString::fromStdString(name);
      one.mean /= std::max(one.links, 1);
      scene_.classes.push_back(one);
    }
    std::sort(scene_.classes.begin(), scene_.classes.end(),
              [](const LinkClass& a, const LinkClass& b) { return a.most > b.most; });
  }

 private:
  void number_switches() {
    place_of_.assign(cluster_.vertex_count(), -1);
    for (std::size_t v = 0; v < cluster_.vertex_count(); ++v) {
      const auto id = static_cast<VertexId>(v);
      if (is_switch(cluster_.kind(id))) {
        place_of_[v] = static_cast<int>(scene_.switches.size());
        vertex_.push_back(id);
        scene_.switches.push_back({QString::fromStdString(cluster_.label(id)), {}, -1, 0, 0, {}});
      }
    }
  }

  void wire() {
    const auto gpus = static_cast<std::size_t>(scene_.gpus);
    gpu_of_.assign(cluster_.vertex_count(), -1);
    for (std::size_t g = 0; g < gpus; ++g) {
      gpu_of_[cluster_.gpu(static_cast<int>(g))] = static_cast<int>(g);
    }
    // A NIC belongs to the GPU that is cabled to it; behind PCIe switches to none, and its node's
    // groups come from the numbering alone.
    for (const auto& link : cluster_.links()) {
      if (gpu_of_[link.from] >= 0 && cluster_.kind(link.from) == VertexKind::Gpu &&
          cluster_.kind(link.to) == VertexKind::Nic && gpu_of_[link.to] < 0) {
        gpu_of_[link.to] = gpu_of_[link.from];
      }
    }
    scene_.gpu_leaf.assign(gpus, -1);
    leaves_of_.assign(gpus, {});
    for (const auto& link : cluster_.links()) {
      const int to = place_of_[link.to];
      const int from = place_of_[link.from];
      if (to < 0) {
        continue;
      }
      if (const int gpu = gpu_of_[link.from]; from < 0 && gpu >= 0) {
        auto& leaves = leaves_of_[static_cast<std::size_t>(gpu)];
        leaves.push_back(to);
        int& first = scene_.gpu_leaf[static_cast<std::size_t>(gpu)];
        first = first < 0 ? to : first;
        ++scene_.switches[static_cast<std::size_t>(to)].down;
        attached_.push_back(to);
      } else if (from >= 0 && tier(cluster_.kind(link.to)) > tier(cluster_.kind(link.from))) {
        scene_.switches[static_cast<std::size_t>(from)].above.push_back(to);
        ++scene_.switches[static_cast<std::size_t>(from)].up;
        ++scene_.switches[static_cast<std::size_t>(to)].down;
      }
    }
    std::sort(attached_.begin(), attached_.end());
    attached_.erase(std::unique(attached_.begin(), attached_.end()), attached_.end());
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

  void add_load(const QByteArray& line, std::map<std::string, LinkClass, std::less<>>& classes) {
    const auto first = line.indexOf(',');
    const auto last = line.lastIndexOf(',');
    const auto arrow = line.indexOf(" -> ");
    if (first < 0 || last <= first || arrow < 0 || arrow > first) {
      return;
    }
    const std::string_view text(line.constData(), static_cast<std::size_t>(first));
    const std::string_view from = text.substr(0, static_cast<std::size_t>(arrow));
    const std::string_view to = text.substr(static_cast<std::size_t>(arrow) + 4);
    const double load = line.mid(last + 1).trimmed().toDouble();
    raise(from, load);
    raise(to, load);
    raise_cable(from, to, load);
    scene_.busiest.push_back({QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())),
                              load, line.mid(first + 1, last - first - 1).toDouble()});
    if (scene_.busiest.size() >= 4 * kMostListed) {
      keep_busiest(kMostListed);
    }
    const auto kind = [](std::string_view label) { return label.substr(0, label.rfind(' ')); };
    std::string name(kind(from));
    name += " -> ";
    name += kind(to);
    LinkClass& one = classes[name];
    ++one.links;
    one.mean += load;
    if (load > one.most || one.links == 1) {
      one.most = load;
      one.busiest = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    }
  }

  /// Of the links seen so far: what is listed needs no sorting of hundreds of thousands.
  void keep_busiest(std::size_t most) {
    auto& links = scene_.busiest;
    const std::size_t kept = std::min(most, links.size());
    std::partial_sort(links.begin(), links.begin() + static_cast<std::ptrdiff_t>(kept), links.end(),
                      [](const LinkLoad& a, const LinkLoad& b) {
                        return a.load > b.load || (a.load == b.load && a.link < b.link);
                      });
    links.resize(kept);
  }

  /// Rows: switches that accelerators are cabled to. Columns: what is above them.
  void make_matrix() {
    std::vector<int> upper;
    std::vector<int> lower;
    for (const int place : attached_) {
      const auto& above = scene_.switches[static_cast<std::size_t>(place)].above;
      if (!above.empty()) {
        lower.push_back(place);
        upper.insert(upper.end(), above.begin(), above.end());
      }
    }
    std::sort(upper.begin(), upper.end());
    upper.erase(std::unique(upper.begin(), upper.end()), upper.end());
    if (lower.size() * upper.size() > kMostCells || upper.empty()) {
      return;
    }
    scene_.matrix = LoadMatrix(std::move(lower), std::move(upper));
    for (int row = 0; row < scene_.matrix.rows(); ++row) {
      const int place = scene_.matrix.lower(row);
      for (const int above : scene_.switches[static_cast<std::size_t>(place)].above) {
        scene_.matrix.raise(place, above, 0.0F);
      }
    }
  }

  void raise_cable(std::string_view from, std::string_view to, double load) {
    if (scene_.matrix.empty()) {
      return;
    }
    const auto a = cluster_.find(from);
    const auto b = cluster_.find(to);
    if (a && b && place_of_[*a] >= 0 && place_of_[*b] >= 0) {
      scene_.matrix.raise(place_of_[*a], place_of_[*b], static_cast<float>(load));
      scene_.matrix.raise(place_of_[*b], place_of_[*a], static_cast<float>(load));
    }
  }

  void raise(std::string_view label, double load) {
    const auto vertex = cluster_.find(label);
    if (!vertex) {
      return;
    }
    const auto most = [load](float& at) { at = std::max(at, static_cast<float>(load)); };
    if (const int place = place_of_[*vertex]; place >= 0) {
      most(scene_.switches[static_cast<std::size_t>(place)].load);
    } else if (const int gpu = gpu_of_[*vertex]; gpu >= 0) {
      most(scene_.gpu_loads[static_cast<std::size_t>(gpu)]);
    }
  }

  const Cluster& cluster_;
  TopologyScene& scene_;
  std::vector<int> place_of_;                ///< of a vertex in scene_.switches
  std::vector<int> gpu_of_;                  ///< of a vertex: GPU, or GPU of a NIC
  std::vector<VertexId> vertex_;             ///< of a place
  std::vector<std::vector<int>> leaves_of_;  ///< by GPU
  std::vector<int> attached_;
};

}  // namespace

LoadMatrix::LoadMatrix(std::vector<int> lower, std::vector<int> upper)
    : lower_(std::move(lower)),
      upper_(std::move(upper)),
      loads_(lower_.size() * upper_.size(), -1) {
  int last = 0;
  for (const auto* places : {&lower_, &upper_}) {
    for (const int place : *places) {
      last = std::max(last, place);
    }
  }
  row_of_.assign(static_cast<std::size_t>(last) + 1, -1);
  column_of_ = row_of_;
  for (std::size_t i = 0; i < lower_.size(); ++i) {
    row_of_[static_cast<std::size_t>(lower_[i])] = static_cast<int>(i);
  }
  for (std::size_t i = 0; i < upper_.size(); ++i) {
    column_of_[static_cast<std::size_t>(upper_[i])] = static_cast<int>(i);
  }
}

void LoadMatrix::raise(int lower, int upper, float load) {
  const auto l = static_cast<std::size_t>(lower);
  const auto u = static_cast<std::size_t>(upper);
  if (l < row_of_.size() && u < column_of_.size() && row_of_[l] >= 0 && column_of_[u] >= 0) {
    float& at = loads_[static_cast<std::size_t>(row_of_[l]) * upper_.size() +
                       static_cast<std::size_t>(column_of_[u])];
    at = std::max(at, load);
  }
}

double LoadMatrix::mean() const {
  double sum = 0;
  int cables = 0;
  for (const float load : loads_) {
    sum += load >= 0 ? static_cast<double>(load) : 0.0;
    cables += load >= 0 ? 1 : 0;
  }
  return sum / std::max(cables, 1);
}

double LoadMatrix::most() const {
  return loads_.empty()
             ? 0.0
             : std::max(0.0, static_cast<double>(*std::max_element(loads_.begin(), loads_.end())));
}

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

std::shared_ptr<TopologyScene> make_scene(const topology::ClusterSpec& spec,
                                          const sim::Layout& layout, double aspect) {
  return make_scene(spec, layout, aspect, {});
}

std::shared_ptr<TopologyScene> make_scene(const topology::ClusterSpec& spec,
                                          const sim::Layout& layout, double aspect,
                                          const QString& loads_file) {
  const Cluster cluster = Cluster::build(spec);
  auto scene = std::make_shared<TopologyScene>();
  scene->name = QString::fromStdString(spec.id);
  scene->gpus = spec.gpus;
  scene->gpus_per_node = std::max(1, spec.gpus_per_node);
  scene->accelerator = QString::fromStdString(spec.accelerator.id);
  scene->aspect = aspect;
  scene->layout = layout;
  Builder builder(cluster, *scene);
  builder.build();
  if (!loads_file.isEmpty()) {
    builder.read_loads(loads_file);
  }
  return scene;
}

std::vector<int> rank_group(const sim::Layout& layout, int gpus, int gpu, RankGroup group) {
  const int tp = layout.tp;
  const int inner = tp * layout.cp;
  const int stage = inner * layout.dp;
  int first = gpu;
  int step = 0;
  int count = 0;
  switch (group) {
    case RankGroup::None:
      return {};
    case RankGroup::Tensor:
      first = gpu - gpu % tp, step = 1, count = tp;
      break;
    case RankGroup::Data:
      first = gpu / stage * stage + gpu % inner, step = inner, count = layout.dp;
      break;
    case RankGroup::Pipeline:
      first = gpu % stage, step = stage, count = layout.pp;
      break;
  }
  std::vector<int> members;
  for (int i = 0; i < count && first + i * step < gpus; ++i) {
    members.push_back(first + i * step);
  }
  return members;
}

}  // namespace gui
