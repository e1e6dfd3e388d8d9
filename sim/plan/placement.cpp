#include "sim/plan/placement.hpp"

#include <algorithm>

namespace sim {

namespace {

/// A communicator of `size` ranks that are `stride` apart, aligned to its own extent.
Group spread(int size, int stride, int domain) {
  if (stride >= domain) {
    return {.ranks = size, .per_domain = 1};
  }
  return {.ranks = size, .per_domain = std::clamp(domain / stride, 1, size)};
}

}  // namespace

Groups communicators(const Layout& l, const topology::ClusterSpec& cluster) {
  Groups g;
  const auto set = [&](Axis axis, int size, int stride) {
    const auto i = static_cast<std::size_t>(axis);
    g.group[i] = spread(size, stride, cluster.scale_up_domain);
    g.stride[i] = stride;
  };
  const int data = l.dp * l.cp;
  const int shard = l.shard_degree > 0 ? std::min(l.shard_degree, data) : data;
  const int expert_tp = l.expert_tp > 0 ? l.expert_tp : l.tp;
  set(Axis::Tensor, l.tp, 1);
  set(Axis::Context, l.cp, l.tp);
  set(Axis::Expert, l.ep, expert_tp);
  set(Axis::Pipeline, l.pp, l.tp * data);
  set(Axis::Data, data, l.tp);
  set(Axis::Shard, shard, l.tp);
  set(Axis::Replica, std::max(1, data / shard), l.tp * shard);
  set(Axis::ExpertData, std::max(1, l.tp * data / (l.ep * expert_tp)), l.ep * expert_tp);
  return g;
}

std::vector<ChunkLayers> split_layers(int layers, int pp, int virtual_stages) {
  const int chunks = pp * virtual_stages;
  const int most = (layers + chunks - 1) / chunks;
  std::vector<ChunkLayers> split(static_cast<std::size_t>(chunks), {.first = 0, .count = most});
  const int surplus = most * chunks - layers;
  for (int i = 0; i < surplus; ++i) {
    const int chunk = i % 2 == 0 ? chunks - 1 - i / 2 : i / 2;
    --split[static_cast<std::size_t>(chunk)].count;
  }
  for (std::size_t i = 1; i < split.size(); ++i) {
    split[i].first = split[i - 1].first + split[i - 1].count;
  }
  return split;
}

}  // namespace sim
