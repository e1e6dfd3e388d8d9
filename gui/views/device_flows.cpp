#include "gui/views/device_flows.hpp"

#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QStringList>

#include "gui/words.hpp"

namespace gui {

using topology::LinkId;

namespace {

constexpr int kMostTried = 16'384;
constexpr std::size_t kNamed = 3;  ///< peers by number

struct Flows {
  Q_DECLARE_TR_FUNCTIONS(flows)
};

}  // namespace

std::vector<DeviceFlow> device_flows(const TopologyScene& scene, const Device& device) {
  std::vector<DeviceFlow> flows;
  if (!scene.traffic || !scene.traffic->bytes().known()) {
    return flows;
  }
  const StepTraffic& traffic = *scene.traffic;
  const std::vector<std::uint32_t>& kinds = traffic.bytes().kinds();
  std::vector<DeviceFlow> found(2 * kinds.size());
  std::vector<LinkId> most(found.size(), 0);
  std::array<double, 2> sum{};  // in, out
  for (LinkId id = 0; id < traffic.cluster().link_count(); ++id) {
    const auto bytes = traffic.bytes().of(id);
    if (bytes.empty()) {
      continue;
    }
    const topology::Link& link = traffic.cluster().link(id);
    const bool out = scene.device_of(link.from) == device;
    if (out == (scene.device_of(link.to) == device)) {
      continue;  // elsewhere, or between a GPU and its own NIC
    }
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
      const std::size_t at = 2 * kind + (out ? 1 : 0);
      DeviceFlow& flow = found[at];
      if (bytes[kind] > 0) {
        flow.bytes += bytes[kind];
        sum[out ? 1 : 0] += bytes[kind];
        ++flow.links;
        if (bytes[kind] > flow.over_bytes) {
          flow.over_bytes = bytes[kind];
          most[at] = id;
        }
      }
    }
  }
  for (std::size_t at = 0; at < found.size(); ++at) {
    DeviceFlow& flow = found[at];
    if (flow.links == 0) {
      continue;
    }
    flow.role = kinds[at / 2];
    flow.out = at % 2 == 1;
    flow.share = flow.bytes / sum[flow.out ? 1 : 0];
    flow.over = QString::fromStdString(traffic.cluster().channel_label(most[at]));
    flow.alike = traffic.bytes().alike(most[at]);
    if (device.kind == Device::Kind::Gpu && flow.role != LinkBytes::kNeighbours) {
      flow.peers = flow.out ? traffic.targets(device.index, flow.role)
                            : traffic.sources(device.index, flow.role);
      flow.gpu = traffic.rank_on(device.index) < 0 ? -1 : device.index;
    }
    flows.push_back(std::move(flow));
  }
  std::stable_sort(flows.begin(), flows.end(),
                   [](const DeviceFlow& a, const DeviceFlow& b) { return a.bytes > b.bytes; });
  return flows;
}

QString peers_text(const std::vector<int>& peers) {
  QStringList named;
  for (std::size_t i = 0; i < std::min(peers.size(), kNamed); ++i) {
    named << count_text(peers[i]);
  }
  if (named.isEmpty()) {
    return {};
  }
  return peers.size() > kNamed
             ? Flows::tr("GPU %1 and %2 more")
                   .arg(named.join(", "), count_text(static_cast<double>(peers.size() - kNamed)))
             : Flows::tr("GPU %1").arg(named.join(", "));
}

int gpu_through(const TopologyScene& scene, int place, std::uint32_t role) {
  const StepTraffic& traffic = *scene.traffic;
  std::vector<LinkId> way;
  const int ranks = std::min(traffic.layout().world_size(), kMostTried);
  for (int rank = 0; rank < ranks; ++rank) {
    const int gpu = traffic.gpu_of(rank);
    for (const int to : traffic.targets(gpu, role)) {
      way.clear();
      traffic.way(gpu, to, role, way);
      for (const LinkId id : way) {
        if (scene.device_of(traffic.cluster().link(id).to) == Device{Device::Kind::Switch, place}) {
          return gpu;
        }
      }
    }
  }
  return -1;
}

}  // namespace gui
