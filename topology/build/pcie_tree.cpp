#include <algorithm>

#include "topology/build/scale_up.hpp"

namespace topology::build {

namespace {

/// Four x16 slots per switch: the usual 8-GPU server has two such switches, one per socket.
/// Source: Li et al., "Evaluating Modern GPU Interconnect", IEEE TPDS 31(1), 2020, fig. 1.
constexpr int kGpusPerSwitch = 4;

class PcieTree final : public LocalNet {
 public:
  PcieTree(int group, int switches, VertexId first_switch, VertexId first_host)
      : LocalNet(group),
        switches_(switches),
        first_switch_(first_switch),
        first_host_(first_host) {}

  [[nodiscard]] VertexId switch_of(int gpu) const {
    const int in_group = gpu % size() / kGpusPerSwitch;
    return first_switch_ + static_cast<VertexId>(gpu / size() * switches_ + in_group);
  }
  [[nodiscard]] VertexId host_of(int gpu) const {
    return first_host_ + static_cast<VertexId>(gpu / size());
  }

  void walk(Walk& walk, int from, int to) const override {
    walk.to(switch_of(from));
    if (switch_of(from) != switch_of(to)) {
      walk.to(host_of(from));
      walk.to(switch_of(to));
    }
    walk.to(static_cast<VertexId>(to));
  }

 private:
  int switches_;
  VertexId first_switch_;
  VertexId first_host_;
};

}  // namespace

std::unique_ptr<LocalNet> draw_pcie_tree(const ClusterSpec& spec, Draft& draft, int group,
                                         units::BytesPerSecond (*bandwidth)(const Accelerator&)) {
  const int groups = (spec.gpus + group - 1) / group;
  const int switches = (group + kGpusPerSwitch - 1) / kGpusPerSwitch;
  const VertexId first_switch =
      draft.add(VertexKind::PcieSwitch,
                static_cast<std::size_t>(groups) * static_cast<std::size_t>(switches));
  const VertexId first_host = draft.add(VertexKind::Host, static_cast<std::size_t>(groups));
  auto tree = std::make_unique<PcieTree>(group, switches, first_switch, first_host);
  for (int gpu = 0; gpu < spec.gpus; ++gpu) {
    const Accelerator& own = spec.accelerator_of(gpu);
    draft.cable(static_cast<VertexId>(gpu), tree->switch_of(gpu), bandwidth(own),
                own.scale_up.latency, units::Seconds{});
  }
  for (int s = 0; s < groups * switches; ++s) {
    const auto host = first_host + static_cast<VertexId>(s / switches);
    const Accelerator& own = spec.accelerator_of(s / switches * group);
    draft.cable(first_switch + static_cast<VertexId>(s), host, bandwidth(own), own.scale_up.latency,
                own.scale_up.latency);
  }
  return tree;
}

}  // namespace topology::build
