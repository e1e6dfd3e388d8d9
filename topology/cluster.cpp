#include "topology/cluster.hpp"

#include <algorithm>
#include <ostream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "topology/build/adjacency.hpp"
#include "topology/build/builder.hpp"
#include "topology/error.hpp"

namespace topology {

struct Cluster::Impl {
  ClusterSpec spec;
  std::vector<build::Draft::Range> ranges;
  std::vector<Link> links;
  std::unique_ptr<build::Adjacency> neighbours;
  std::size_t vertices = 0;
  std::unique_ptr<build::Router> router;

  /// The block of equal vertices that `v` lies in.
  [[nodiscard]] const build::Draft::Range& range_of(VertexId v) const {
    const auto after =
        std::upper_bound(ranges.begin(), ranges.end(), v,
                         [](VertexId id, const auto& range) { return id < range.first; });
    return *std::prev(after);
  }
};

namespace {

std::string_view name(VertexKind kind) {
  switch (kind) {
    case VertexKind::Gpu:
      return "gpu";
    case VertexKind::Nic:
      return "nic";
    case VertexKind::ScaleUpSwitch:
      return "scale-up switch";
    case VertexKind::PcieSwitch:
      return "pcie switch";
    case VertexKind::Host:
      return "host";
    case VertexKind::Leaf:
      return "leaf";
    case VertexKind::Spine:
      return "spine";
    case VertexKind::Core:
      return "core";
  }
  return "?";
}

}  // namespace

Cluster::Cluster(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Cluster::~Cluster() = default;
Cluster::Cluster(Cluster&&) noexcept = default;
Cluster& Cluster::operator=(Cluster&&) noexcept = default;

Cluster Cluster::build(const ClusterSpec& spec) {
  if (spec.gpus < 1) {
    throw InputError({}, "cluster.gpus", fmt::format("found {}, expected at least 1", spec.gpus));
  }
  build::Draft draft;
  draft.add(VertexKind::Gpu, static_cast<std::size_t>(spec.gpus));
  auto router = build::builder_for(spec.fabric)(spec, draft);
  std::vector<Link> links = draft.take_links();
  auto neighbours = std::make_unique<build::Adjacency>(draft.vertex_count(), links);
  return Cluster(
      std::make_unique<Impl>(Impl{spec, draft.ranges(), std::move(links), std::move(neighbours),
                                  draft.vertex_count(), std::move(router)}));
}

const ClusterSpec& Cluster::spec() const {
  return impl_->spec;
}
std::size_t Cluster::vertex_count() const {
  return impl_->vertices;
}
std::size_t Cluster::link_count() const {
  return impl_->links.size();
}
const Link& Cluster::link(LinkId id) const {
  return impl_->links[id];
}
std::span<const Link> Cluster::links() const {
  return impl_->links;
}
VertexKind Cluster::kind(VertexId v) const {
  return impl_->range_of(v).kind;
}

VertexId Cluster::gpu(int index) const {
  expects(index >= 0 && index < impl_->spec.gpus, "no such GPU in this cluster");
  return static_cast<VertexId>(index);
}

std::string Cluster::label(VertexId v) const {
  const auto& range = impl_->range_of(v);
  return fmt::format("{} {}", name(range.kind), v - range.first);
}

std::size_t Cluster::count(VertexKind kind) const {
  std::size_t total = 0;
  for (const auto& range : impl_->ranges) {
    total += range.kind == kind ? range.count : 0;
  }
  return total;
}

std::size_t Cluster::cables(VertexKind a, VertexKind b) const {
  std::size_t total = 0;
  for (const Link& each : impl_->links) {
    if (kind(each.from) == a && kind(each.to) == b) {
      total += static_cast<std::size_t>(each.cables);
    }
  }
  return a == b ? total / 2 : total;
}

std::optional<LinkId> Cluster::find_link(VertexId from, VertexId to) const {
  return impl_->neighbours->find(from, to);
}

Route Cluster::route(int from_gpu, int to_gpu, Routing routing, std::uint64_t flow) const {
  Route found;
  found.latency = route_into(from_gpu, to_gpu, routing, flow, found.links);
  return found;
}

units::Seconds Cluster::route_into(int from_gpu, int to_gpu, Routing routing, std::uint64_t flow,
                                   std::vector<LinkId>& links) const {
  links.clear();
  build::Walk walk(*this, gpu(from_gpu), links);
  if (gpu(to_gpu) != gpu(from_gpu)) {
    impl_->router->route(walk, from_gpu, to_gpu, routing, flow);
  }
  return walk.latency();
}

void Cluster::write_dot(std::ostream& out) const {
  const auto bandwidth = [this](LinkId id) {
    return fmt::format("{:g} GB/s", link(id).bandwidth.in(units::gigabytes_per_second(1)));
  };
  impl_->neighbours->write_dot(
      out, [this](VertexId v) { return label(v); }, bandwidth);
}

}  // namespace topology
