// The graph of the machine that a file of NCCL describes.
#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "topology/cluster.hpp"
#include "topology/import/nccl_xml.hpp"

namespace topology {

namespace {

std::size_t index(int i) {
  return static_cast<std::size_t>(i);
}

class Drawing {
 public:
  explicit Drawing(const NcclSystem& system) : system_(system) {}

  DeviceGraph draw() {
    for (std::size_t i = 0; i < system_.cpus.size(); ++i) {
      host_.push_back(add(fmt::format("cpu {}", i), VertexKind::Host));
    }
    for (const auto& pci : system_.pci) {
      pci_.push_back(add(label(pci), kind(pci.kind)));
      by_bus_.emplace(pci.bus_id, pci_.back());
    }
    join_sockets();
    join_pci();
    join_nvlinks();
    for (const auto& c2c : system_.c2c) {
      cable(pci_[index(c2c.gpu)], host_[index(system_.pci[index(c2c.gpu)].cpu)], c2c.bandwidth, 1);
    }
    return std::move(graph_);
  }

 private:
  static VertexKind kind(NcclSystem::PciKind kind) {
    return kind == NcclSystem::PciKind::Gpu   ? VertexKind::Gpu
           : kind == NcclSystem::PciKind::Nic ? VertexKind::Nic
                                              : VertexKind::PcieSwitch;
  }

  std::string label(const NcclSystem::Pci& pci) {
    const char* word = pci.kind == NcclSystem::PciKind::Gpu   ? "gpu"
                       : pci.kind == NcclSystem::PciKind::Nic ? "nic"
                                                              : "pcie switch";
    return fmt::format("{} {}", word, pci.bus_id);
  }

  std::uint32_t add(std::string name, VertexKind kind) {
    graph_.devices.push_back({std::move(name), kind});
    return static_cast<std::uint32_t>(graph_.devices.size() - 1);
  }
  void cable(std::uint32_t from, std::uint32_t to, units::BytesPerSecond bandwidth, int count) {
    if (from != to) {
      graph_.cables.push_back({from, to, count, bandwidth, {}, {}, false});
    }
  }

  /// Neighbours in a row, as two sockets have it; larger machines are rare and differ.
  void join_sockets() {
    for (std::size_t i = 1; i < host_.size(); ++i) {
      cable(host_[i - 1], host_[i], socket_rate(system_.cpus[i]).nominal, 1);
    }
  }

  void join_pci() {
    for (std::size_t i = 0; i < system_.pci.size(); ++i) {
      const auto& pci = system_.pci[i];
      cable(pci_[i], pci.parent >= 0 ? pci_[index(pci.parent)] : host_[index(pci.cpu)],
            pcie_rate(pci).nominal, 1);
    }
    for (const auto& link : system_.pci_links) {
      constexpr double kLocal = 5000;  // GB/s: NCCL's word for "no limit", src/graph/topo.h
      cable(pci_[index(link.from)], by_bus_.at(link.target), units::gigabytes_per_second(kLocal),
            1);
    }
  }

  /// Each link between two GPUs stands in the file twice, once for each; it is drawn once.
  void join_nvlinks() {
    std::optional<std::uint32_t> nvswitch;
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> direct;  // links that `first` lists
    for (const auto& link : system_.nvlinks) {
      const std::uint32_t from = pci_[index(link.gpu)];
      if (link.to_switch) {
        if (!nvswitch) {
          nvswitch = add("nvswitch", VertexKind::ScaleUpSwitch);
        }
        nvlink(from, *nvswitch, link.gpu, link.count);
      } else if (link.to_cpu) {
        nvlink(from, host_[index(system_.pci[index(link.gpu)].cpu)], link.gpu, link.count);
      } else {
        direct[{from, by_bus_.at(link.target)}] += link.count;
      }
    }
    for (const auto& [ends, count] : direct) {
      const auto back = direct.find({ends.second, ends.first});
      if (back == direct.end() || ends.first < ends.second) {
        const int other = back == direct.end() ? 0 : back->second;
        const auto gpu = static_cast<int>(ends.first - pci_.front());
        nvlink(ends.first, ends.second, gpu, std::max(count, other));
      }
    }
  }
  void nvlink(std::uint32_t from, std::uint32_t to, int gpu, int count) {
    const auto rate = nvlink_rate(system_.pci[index(gpu)].compute_capability).nominal;
    cable(from, to, rate * count, count);
  }

  const NcclSystem& system_;
  DeviceGraph graph_;
  std::vector<std::uint32_t> host_, pci_;
  std::unordered_map<std::string, std::uint32_t> by_bus_;
};

}  // namespace

DeviceGraph device_graph(const NcclSystem& system) {
  return Drawing(system).draw();
}

}  // namespace topology
