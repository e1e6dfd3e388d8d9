#include "topology/cluster.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <ostream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "topology/build/adjacency.hpp"
#include "topology/build/builder.hpp"
#include "topology/device_graph.hpp"
#include "topology/error.hpp"
#include "topology/import/graphml.hpp"

namespace topology {

struct Cluster::Impl {
  ClusterSpec spec;
  std::vector<build::Draft::Range> ranges;
  std::vector<Link> links;
  std::unique_ptr<build::Adjacency> neighbours;
  std::size_t vertices = 0;
  std::unique_ptr<build::Router> router;
  std::vector<LinkId> own{};          ///< own[i] = i: the only member of link i
  std::vector<LinkId> trunk_links{};  ///< members of all trunks, one trunk after the other
  std::vector<std::size_t> trunk_begin{0};
  std::vector<std::string> trunk_labels{};
  std::vector<std::string> names{};  ///< of the vertices; empty: kind and number

  void add_trunks(const build::Draft& draft);

  /// The block of equal vertices that `v` lies in.
  [[nodiscard]] const build::Draft::Range& range_of(VertexId v) const {
    const auto after =
        std::upper_bound(ranges.begin(), ranges.end(), v,
                         [](VertexId id, const auto& range) { return id < range.first; });
    return *std::prev(after);
  }
};

void Cluster::Impl::add_trunks(const build::Draft& draft) {
  own.resize(links.size());
  std::iota(own.begin(), own.end(), LinkId{0});
  for (const build::Draft::Trunk& trunk : draft.trunks()) {
    for (const auto& [from, to] : trunk.ends) {
      const std::optional<LinkId> link = neighbours->find(from, to);
      expects(link.has_value(), "a trunk may only hold links that were drawn");
      trunk_links.push_back(*link);
    }
    trunk_begin.push_back(trunk_links.size());
    trunk_labels.push_back(trunk.label);
  }
}

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
  auto impl =
      std::make_unique<Impl>(Impl{spec, draft.ranges(), std::move(links), std::move(neighbours),
                                  draft.vertex_count(), std::move(router)});
  impl->add_trunks(draft);
  impl->names = draft.names();
  return Cluster(std::move(impl));
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
  if (!impl_->names.empty()) {
    return impl_->names[v];
  }
  const auto& range = impl_->range_of(v);
  return fmt::format("{} {}", name(range.kind), v - range.first);
}

std::optional<VertexId> Cluster::find(std::string_view text) const {
  const std::size_t space = text.rfind(' ');
  std::size_t index = 0;
  const char* end = text.data() + text.size();
  if (space == std::string_view::npos ||
      std::from_chars(text.data() + space + 1, end, index).ptr != end || space + 1 == text.size()) {
    return std::nullopt;
  }
  for (const auto& range : impl_->ranges) {
    if (name(range.kind) == text.substr(0, space) && index < range.count) {
      return range.first + static_cast<VertexId>(index);
    }
  }
  return std::nullopt;
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

std::size_t Cluster::channel_count() const {
  return impl_->links.size() + impl_->trunk_labels.size();
}

std::span<const LinkId> Cluster::members(LinkId channel) const {
  if (channel < impl_->links.size()) {
    return {&impl_->own[channel], 1};
  }
  const std::size_t trunk = channel - impl_->links.size();
  return std::span(impl_->trunk_links)
      .subspan(impl_->trunk_begin[trunk],
               impl_->trunk_begin[trunk + 1] - impl_->trunk_begin[trunk]);
}

units::BytesPerSecond Cluster::capacity(LinkId channel, const RouteRequest& how) const {
  units::BytesPerSecond sum, slowest;
  double alive = 0;
  for (const LinkId id : members(channel)) {
    const double left = how.health == nullptr ? 1.0 : how.health->of(id);
    const units::BytesPerSecond bandwidth = link(id).bandwidth * left;
    if (left > 0.0) {
      slowest = alive == 0 ? bandwidth : std::min(slowest, bandwidth);
      sum += bandwidth;
      ++alive;
    }
  }
  return how.routing == Routing::Spray ? slowest * alive : sum;
}

std::string Cluster::channel_label(LinkId channel) const {
  if (channel >= impl_->links.size()) {
    return impl_->trunk_labels[channel - impl_->links.size()];
  }
  return label(link(channel).from) + " -> " + label(link(channel).to);
}

Route Cluster::route(int from_gpu, int to_gpu, const RouteRequest& request) const {
  Route found;
  const auto latency = route_into(from_gpu, to_gpu, request, found.hops);
  if (!latency) {
    throw InputError({}, "faults",
                     fmt::format("{} cannot reach {}: every way between them has lost a "
                                 "link; give the faults an end, or leave that node out",
                                 label(gpu(from_gpu)), label(gpu(to_gpu))));
  }
  found.latency = *latency;
  return found;
}

std::optional<units::Seconds> Cluster::route_into(int from_gpu, int to_gpu,
                                                  const RouteRequest& request,
                                                  std::vector<Hop>& hops) const {
  hops.clear();
  build::Walk walk(*this, gpu(from_gpu), request.health, hops);
  if (gpu(to_gpu) != gpu(from_gpu) && !impl_->router->route(walk, from_gpu, to_gpu, request)) {
    return std::nullopt;
  }
  return walk.latency();
}

DeviceGraph Cluster::device_graph() const {
  DeviceGraph graph;
  for (VertexId v = 0; v < vertex_count(); ++v) {
    graph.devices.push_back({label(v), kind(v)});
  }
  for (const Link& there : links()) {
    const std::optional<LinkId> reverse = find_link(there.to, there.from);
    const Link* back = reverse ? &link(*reverse) : nullptr;
    const bool alike =
        back != nullptr && back->bandwidth == there.bandwidth && back->cables == there.cables;
    if (!alike || there.from < there.to) {
      graph.cables.push_back({.from = there.from,
                              .to = there.to,
                              .count = there.cables,
                              .bandwidth = there.bandwidth,
                              .latency = there.latency,
                              .latency_back = alike ? back->latency : there.latency,
                              .one_way = !alike});
    }
  }
  return graph;
}

void Cluster::write_graphml(std::ostream& out) const {
  topology::write_graphml(device_graph(), out);
}

void Cluster::write_dot(std::ostream& out) const {
  const auto bandwidth = [this](LinkId id) {
    return fmt::format("{:g} GB/s", link(id).bandwidth.in(units::gigabytes_per_second(1)));
  };
  impl_->neighbours->write_dot(
      out, [this](VertexId v) { return label(v); }, bandwidth);
}

}  // namespace topology
