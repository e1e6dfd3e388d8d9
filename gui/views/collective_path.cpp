#include "gui/views/collective_path.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include <QCoreApplication>
#include <QStringList>

#include "gui/words.hpp"

namespace gui {

using sim::Role;
using topology::LinkId;

namespace {

constexpr std::size_t kMostPairs = 65'536;

struct Paths {
  Q_DECLARE_TR_FUNCTIONS(paths)
};

/// Adds up the links of a group's flows. Inside a scale-up domain a rank hands on to the next one
/// of its ring, over the network it sends to whom the simulation says.
class Tracer {
 public:
  Tracer(const TopologyScene& scene, int gpu, std::uint32_t role)
      : scene_(scene), traffic_(*scene.traffic), used_(traffic_.cluster().link_count(), false) {
    path_.gpu = gpu;
    path_.role = role;
    path_.members = traffic_.members(gpu, role);
  }

  CollectivePath trace() {
    over_network(path_.role);
    if (path_.role == Role::kForward) {
      over_network(Role::kBackward);
    } else {
      inside_domains();
    }
    mark_devices();
    path_.summary = summary();
    return std::move(path_);
  }

 private:
  void over_network(std::uint32_t role) {
    const std::size_t n = path_.members.size();
    alone_ = Role::all_to_all(role) && n * n > kMostPairs;
    if (alone_) {
      for (const int other : traffic_.targets(path_.gpu, role)) {
        add(path_.gpu, other, role);
        add(other, path_.gpu, role);
      }
      return;
    }
    for (const int member : path_.members) {
      for (const int other : traffic_.targets(member, role)) {
        add(member, other, role);
      }
    }
  }

  void inside_domains() {
    const auto step = static_cast<std::size_t>(traffic_.per_domain(path_.gpu, path_.role));
    for (std::size_t first = 0; step > 1 && first < path_.members.size(); first += step) {
      const std::size_t count = std::min(step, path_.members.size() - first);
      for (std::size_t i = 0; i < count && count > 1; ++i) {
        add(path_.members[first + i], path_.members[first + (i + 1) % count], path_.role);
      }
    }
  }

  void add(int from, int to, std::uint32_t role) {
    way_.clear();
    cut_ += traffic_.way(from, to, role, way_) ? 0 : 1;
    for (const LinkId link : way_) {
      used_[link] = true;
    }
  }

  void mark_devices() {
    path_.on_gpu.assign(static_cast<std::size_t>(scene_.gpus), false);
    path_.on_switch.assign(scene_.switches.size(), false);
    path_.on_group.assign(scene_.groups.size(), false);
    for (const int member : path_.members) {
      path_.on_gpu[static_cast<std::size_t>(member)] = true;
    }
    std::set<Line> gpus;
    std::set<Line> nodes;
    std::set<Line> groups;
    for (LinkId id = 0; id < used_.size(); ++id) {
      if (!used_[id]) {
        continue;
      }
      path_.links.push_back(id);
      const topology::Link& link = traffic_.cluster().link(id);
      const auto from = scene_.device_of(link.from);
      const auto to = scene_.device_of(link.to);
      mark(from);
      mark(to);
      if (from && to && *from != *to) {
        put(gpus, *from, *to);
        put(nodes, at_node(*from), at_node(*to));
        put(groups, at_group(*from), at_group(*to));
      }
    }
    path_.gpu_lines = lines(gpus);
    path_.node_lines = lines(nodes);
    path_.group_lines = lines(groups);
    for (std::size_t i = 0; i < scene_.groups.size(); ++i) {
      path_.on_group[i] = touches(scene_.groups[i]);
    }
  }

  void mark(const std::optional<Device>& device) {
    if (device) {
      (device->kind == Device::Kind::Gpu
           ? path_.on_gpu
           : path_.on_switch)[static_cast<std::size_t>(device->index)] = true;
    }
  }

  [[nodiscard]] bool touches(const SceneGroup& group) const {
    const auto on_switch = [&](int place) {
      return path_.on_switch[static_cast<std::size_t>(place)];
    };
    const auto on_node = [&](int node) {
      for (int g = node * scene_.gpus_per_node;
           g < std::min((node + 1) * scene_.gpus_per_node, scene_.gpus); ++g) {
        if (path_.on_gpu[static_cast<std::size_t>(g)]) {
          return true;
        }
      }
      return false;
    };
    return std::any_of(group.leaves.begin(), group.leaves.end(), on_switch) ||
           std::any_of(group.nodes.begin(), group.nodes.end(), on_node);
  }

  [[nodiscard]] Device at_node(Device device) const {
    device.index =
        device.kind == Device::Kind::Gpu ? device.index / scene_.gpus_per_node : device.index;
    return device;
  }
  [[nodiscard]] Device at_group(Device device) const {
    device = at_node(device);
    device.index = device.kind == Device::Kind::Gpu
                       ? scene_.group_of_node[static_cast<std::size_t>(device.index)]
                       : device.index;
    return device;
  }

  using Line = std::tuple<Device::Kind, int, Device::Kind, int>;
  static void put(std::set<Line>& into, const Device& a, const Device& b) {
    if (a != b) {
      into.insert(
          std::min(Line{a.kind, a.index, b.kind, b.index}, Line{b.kind, b.index, a.kind, a.index}));
    }
  }
  static std::vector<PathLine> lines(const std::set<Line>& from) {
    std::vector<PathLine> all;
    for (const auto& [a, i, b, j] : from) {
      all.push_back({{a, i}, {b, j}});
    }
    return all;
  }

  [[nodiscard]] QString summary() const {
    const auto switches =
        static_cast<double>(std::count(path_.on_switch.begin(), path_.on_switch.end(), true));
    QStringList said{Paths::tr("Path of GPU %1's %2: %3 ranks, %4 links, %5 switches.")
                         .arg(count_text(path_.gpu), role_text(path_.role),
                              count_text(static_cast<double>(path_.members.size())),
                              count_text(static_cast<double>(path_.links.size())),
                              count_text(switches))};
    if (alone_) {
      said << Paths::tr("Of so large an all-to-all the flows of this GPU alone are shown.");
    }
    if (cut_ > 0) {
      said << Paths::tr("%1 flows have no way: links are lost.").arg(cut_);
    }
    return said.join(" ");
  }

  const TopologyScene& scene_;
  const StepTraffic& traffic_;
  CollectivePath path_;
  std::vector<bool> used_;  // by link
  std::vector<LinkId> way_;
  bool alone_ = false;
  int cut_ = 0;
};

}  // namespace

CollectivePath collective_path(const TopologyScene& scene, int gpu, std::uint32_t role) {
  return Tracer(scene, gpu, role).trace();
}

}  // namespace gui
