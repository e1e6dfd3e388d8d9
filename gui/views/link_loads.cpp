#include "gui/views/link_loads.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <QFile>

#include "gui/views/topology_scene.hpp"

namespace gui {

using topology::VertexId;

namespace {

constexpr std::size_t kMostListed = 500;        ///< links in the list of the busiest
constexpr std::size_t kMostCells = 16'000'000;  ///< of the matrix; as a picture, 64 MB
constexpr qsizetype kKindsBegin = 4;            ///< column of the first kind

/// Columns: link, carried_bytes, utilisation, alike, then the bytes of each kind.
class Reader {
 public:
  Reader(const topology::Cluster& cluster, TopologyScene& scene)
      : cluster_(cluster), scene_(scene) {}

  LinkBytes read(QFile& file) {
    read_header(file.readLine());
    scene_.gpu_loads.assign(static_cast<std::size_t>(scene_.gpus), 0.0F);
    for (SceneSwitch& one : scene_.switches) {
      one.load = 0.0F;
    }
    make_matrix();
    while (!file.atEnd()) {
      add(file.readLine().trimmed().split(','));
    }
    keep_busiest(kMostListed);
    for (auto& [name, one] : classes_) {
      one.name = QString::fromStdString(name);
      one.mean /= std::max(one.links, 1);
      scene_.classes.push_back(one);
    }
    std::sort(scene_.classes.begin(), scene_.classes.end(),
              [](const LinkClass& a, const LinkClass& b) { return a.most > b.most; });
    return std::move(bytes_);
  }

 private:
  void read_header(const QByteArray& line) {
    std::vector<std::uint32_t> kinds;
    const QList<QByteArray> names = line.trimmed().split(',');
    for (qsizetype i = kKindsBegin; i < names.size(); ++i) {
      const std::string name = names[i].chopped(6).toStdString();  // "_bytes"
      kinds.push_back(sim::role_from_name(name).value_or(LinkBytes::kNeighbours));
    }
    bytes_ = LinkBytes(std::move(kinds), cluster_.link_count());
  }

  void add(const QList<QByteArray>& cells) {
    const auto arrow = cells[0].indexOf(" -> ");
    if (cells.size() < 3 || arrow < 0) {
      return;
    }
    const std::string_view text(cells[0].constData(), static_cast<std::size_t>(cells[0].size()));
    const std::string_view from = text.substr(0, static_cast<std::size_t>(arrow));
    const std::string_view to = text.substr(static_cast<std::size_t>(arrow) + 4);
    const double load = cells[2].toDouble();
    const QString link = QString::fromUtf8(cells[0]);
    const auto a = cluster_.find(from);
    const auto b = cluster_.find(to);
    if (a && b) {
      raise(*a, *b, load);
      add_kinds(*a, *b, cells);
    }
    scene_.busiest.push_back({link, load, cells[1].toDouble()});
    if (scene_.busiest.size() >= 4 * kMostListed) {
      keep_busiest(kMostListed);
    }
    const auto kind = [](std::string_view label) { return label.substr(0, label.rfind(' ')); };
    std::string name(kind(from));
    name += " -> ";
    name += kind(to);
    LinkClass& one = classes_[name];
    ++one.links;
    one.mean += load;
    if (load > one.most || one.links == 1) {
      one.most = load;
      one.busiest = link;
    }
  }

  void add_kinds(VertexId from, VertexId to, const QList<QByteArray>& cells) {
    const auto link = cluster_.find_link(from, to);
    const std::size_t kinds = bytes_.kinds().size();
    if (!link || kinds == 0 || cells.size() < kKindsBegin + static_cast<qsizetype>(kinds)) {
      return;
    }
    row_.clear();
    for (std::size_t i = 0; i < kinds; ++i) {
      row_.push_back(cells[kKindsBegin + static_cast<qsizetype>(i)].toDouble());
    }
    bytes_.set(*link, row_, cells[3].toInt());
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
    for (const int place : scene_.attached) {
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

  /// Both ends of a link, and the cable between two switches.
  void raise(VertexId from, VertexId to, double load) {
    const auto least = static_cast<float>(load);
    for (const VertexId vertex : {from, to}) {
      const auto device = scene_.device_of(vertex);
      if (device) {
        const auto index = static_cast<std::size_t>(device->index);
        float& at = device->kind == Device::Kind::Gpu ? scene_.gpu_loads[index]
                                                      : scene_.switches[index].load;
        at = std::max(at, least);
      }
    }
    const int a = scene_.place_of_vertex[from];
    const int b = scene_.place_of_vertex[to];
    if (!scene_.matrix.empty() && a >= 0 && b >= 0) {
      scene_.matrix.raise(a, b, least);
      scene_.matrix.raise(b, a, least);
    }
  }

  const topology::Cluster& cluster_;
  TopologyScene& scene_;
  std::map<std::string, LinkClass, std::less<>> classes_;
  LinkBytes bytes_;
  std::vector<double> row_;
};

}  // namespace

LinkBytes read_link_loads(const QString& file_name, const topology::Cluster& cluster,
                          TopologyScene& scene) {
  QFile file(file_name);
  if (!file.open(QIODevice::ReadOnly)) {
    return {};
  }
  return Reader(cluster, scene).read(file);
}

}  // namespace gui
