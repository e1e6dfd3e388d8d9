#include "topology/build/scale_up.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "topology/build/torus_grid.hpp"
#include "topology/error.hpp"

namespace topology::build {

namespace {

int group_count(const ClusterSpec& spec, int size) {
  return (spec.gpus + size - 1) / size;
}

/// Every port reaches every other at full rate, so one vertex stands for all switch chips of a
/// domain and only the ports can be busy.
class SwitchedDomain final : public LocalNet {
 public:
  SwitchedDomain(int size, VertexId first) : LocalNet(size), first_(first) {}
  [[nodiscard]] VertexId switch_of(int gpu) const {
    return first_ + static_cast<VertexId>(gpu / size());
  }
  void walk(Walk& walk, int from, int to) const override {
    walk.to(switch_of(from));
    walk.to(static_cast<VertexId>(to));
  }

 private:
  VertexId first_;
};

class MeshDomain final : public LocalNet {
 public:
  explicit MeshDomain(int size) : LocalNet(size) {}
  void walk(Walk& walk, int /*from*/, int to) const override { walk.to(static_cast<VertexId>(to)); }
};

class TorusDomain final : public LocalNet {
 public:
  TorusDomain(int size, TorusGrid grid) : LocalNet(size), grid_(std::move(grid)) {}
  void walk(Walk& walk, int from, int to) const override {
    const int base = from / size() * size();
    grid_.walk(walk, static_cast<VertexId>(base), from - base, to - base);
  }

 private:
  TorusGrid grid_;
};

std::unique_ptr<LocalNet> draw_switched(const ClusterSpec& spec, Draft& draft, int size) {
  const VertexId first =
      draft.add(VertexKind::ScaleUpSwitch, static_cast<std::size_t>(group_count(spec, size)));
  auto domain = std::make_unique<SwitchedDomain>(size, first);
  for (int gpu = 0; gpu < spec.gpus; ++gpu) {
    const ScaleUp& own = spec.accelerator_of(gpu).scale_up;
    draft.cable(static_cast<VertexId>(gpu), domain->switch_of(gpu), own.bandwidth, own.latency,
                units::Seconds{});
  }
  return domain;
}

std::unique_ptr<LocalNet> draw_mesh(const ClusterSpec& spec, Draft& draft, int size) {
  for (int a = 0; a < spec.gpus; ++a) {
    const ScaleUp& net = spec.accelerator_of(a).scale_up;
    const bool known = net.peer_bandwidth > units::BytesPerSecond{};
    const units::BytesPerSecond per_peer = known ? net.peer_bandwidth : net.bandwidth / (size - 1);
    const int end = std::min((a / size + 1) * size, spec.gpus);
    for (int b = a + 1; b < end; ++b) {
      draft.cable(static_cast<VertexId>(a), static_cast<VertexId>(b), per_peer, net.latency,
                  net.latency);
    }
  }
  return std::make_unique<MeshDomain>(size);
}

std::unique_ptr<LocalNet> draw_small_torus(const ClusterSpec& spec, Draft& draft, int size) {
  if (spec.gpus % size != 0) {
    throw InputError({}, "cluster.gpus",
                     fmt::format("must be a multiple of the torus domain of {}", size));
  }
  TorusGrid grid(spec.torus.empty() ? square_extents(size) : spec.torus, size);
  for (int base = 0; base < spec.gpus; base += size) {
    const ScaleUp& net = spec.accelerator_of(base).scale_up;
    const bool known = net.peer_bandwidth > units::BytesPerSecond{};
    const auto per_cable = known ? net.peer_bandwidth : net.bandwidth / grid.cables_per_device();
    grid.draw(draft, static_cast<VertexId>(base), per_cable, net.latency);
  }
  return std::make_unique<TorusDomain>(size, std::move(grid));
}

std::unique_ptr<LocalNet> draw_scale_up(const ClusterSpec& spec, Draft& draft, int size) {
  const ScaleUp& net = spec.accelerator.scale_up;
  if (net.bandwidth <= units::BytesPerSecond{} && net.peer_bandwidth <= units::BytesPerSecond{}) {
    throw InputError({}, "accelerator.scale_up.bandwidth",
                     fmt::format("a scale-up domain of {} needs the bandwidth of its links", size));
  }
  switch (net.kind) {
    case ScaleUpKind::Pcie:
      return draw_pcie_tree(spec, draft, size,
                            [](const Accelerator& a) { return a.scale_up.bandwidth; });
    case ScaleUpKind::Mesh:
      return draw_mesh(spec, draft, size);
    case ScaleUpKind::Torus:
      return draw_small_torus(spec, draft, size);
    case ScaleUpKind::Switched:
    case ScaleUpKind::None:
      break;
  }
  return draw_switched(spec, draft, size);
}

void check_nesting(int domain, int node) {
  if (domain <= 0 || node <= 0 || (domain % node != 0 && node % domain != 0)) {
    throw InputError(
        {}, "cluster.scale_up_domain",
        fmt::format("a domain of {} is neither a part nor a multiple of a node of {} accelerators",
                    domain, node));
  }
}

/// One drawing of the scale-up serves all groups of nodes, with their own bandwidths.
void check_groups(const ClusterSpec& spec, int domain) {
  const int unit = std::max(spec.gpus_per_node, domain);
  int others = 0;
  for (const NodeGroup& group : spec.other_nodes) {
    const ScaleUp& own = group.accelerator.scale_up;
    if (group.gpus < 1 || group.gpus % unit != 0) {
      throw InputError({}, "cluster.other_nodes",
                       fmt::format("found {} accelerators, expected a multiple of {}: whole nodes "
                                   "and whole scale-up domains",
                                   group.gpus, unit));
    }
    if (domain > 1 && own.kind != spec.accelerator.scale_up.kind) {
      throw InputError({}, "cluster.other_nodes",
                       fmt::format("the scale-up networks of {} and {} are of different kinds; "
                                   "describe them as two clusters",
                                   spec.accelerator.id, group.accelerator.id));
    }
    others += group.gpus;
    if (others > spec.gpus) {
      throw InputError(
          {}, "cluster.other_nodes",
          fmt::format("{} accelerators are more than the cluster's {}", others, spec.gpus));
    }
  }
}

}  // namespace

bool Locality::walk(Walk& walk, int from, int to) const {
  for (const LocalNet* net : {scale_up.get(), host.get()}) {
    if (net != nullptr && net->joins(from, to)) {
      net->walk(walk, from, to);
      return true;
    }
  }
  return false;
}

Locality draw_locality(const ClusterSpec& spec, Draft& draft) {
  check_nesting(spec.scale_up_domain, spec.gpus_per_node);
  const Accelerator& gpu = spec.accelerator;
  const int domain = gpu.scale_up.kind == ScaleUpKind::None ? 1 : spec.scale_up_domain;
  check_groups(spec, domain);
  Locality local;
  if (domain > 1) {
    local.scale_up = draw_scale_up(spec, draft, domain);
    local.forwards = gpu.scale_up.kind != ScaleUpKind::Pcie;
  }
  const bool tree_is_drawn = gpu.scale_up.kind == ScaleUpKind::Pcie && domain > 1;
  if (domain < spec.gpus_per_node && !tree_is_drawn &&
      gpu.host_bandwidth > units::BytesPerSecond{}) {
    local.host = draw_pcie_tree(spec, draft, spec.gpus_per_node,
                                [](const Accelerator& a) { return a.host_bandwidth; });
  }
  return local;
}

}  // namespace topology::build
