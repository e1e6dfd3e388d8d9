#include "sim/engine/flow_groups.hpp"

#include <algorithm>

namespace sim {

WorkerGrid::WorkerGrid(const Layout& l, const Groups& groups, bool unfold)
    : tp_(l.tp), pp_(l.pp), replicas_(l.dp * l.cp), planes_(unfold ? l.tp : 1) {
  const int expert_tp = l.expert_tp > 0 ? l.expert_tp : l.tp;
  const int expert = std::clamp(l.ep * expert_tp / l.tp, 1, replicas_);
  const int shard = std::max(1, groups.of(Axis::Shard).ranks);
  const auto set = [&](Axis axis, int size, int stride) {
    const Group& g = groups.of(axis);
    const int per_domain = std::clamp(g.per_domain * size / std::max(1, g.ranks), 1, size);
    spans_[static_cast<std::size_t>(axis)] = {
        .size = size, .stride = stride, .per_domain = per_domain};
  };
  set(Axis::Context, l.cp, 1);
  set(Axis::Expert, expert, 1);
  set(Axis::Data, replicas_, 1);
  set(Axis::Shard, std::min(shard, replicas_), 1);
  set(Axis::Replica, std::max(1, replicas_ / shard), shard);
  set(Axis::ExpertData, std::max(1, replicas_ / expert), expert);
}

int WorkerGrid::first_gpu(WorkerId w) const {
  const int plane = static_cast<int>(w) % planes_;
  return tp_ * (replica(w) + replicas_ * stage(w)) + plane;
}

WorkerId WorkerGrid::neighbour(WorkerId w, int step) const {
  const int stage_size = replicas_ * planes_;
  const int next = (stage(w) + step + pp_) % pp_;
  return static_cast<WorkerId>(next * stage_size + static_cast<int>(w) % stage_size);
}

WorkerGrid::Members WorkerGrid::members(WorkerId w, Axis axis) const {
  if (axis == Axis::Tensor) {
    const auto planes = static_cast<std::uint32_t>(planes_);
    return {.group = w / planes, .size = planes, .index = w % planes, .per_domain = 1};
  }
  const Span& s = span(axis);
  const int block = s.size * s.stride;
  const int inside = replica(w) % block;
  const int groups_per_plane = replicas_ / s.size;
  const int local = replica(w) / block * s.stride + inside % s.stride;
  const int plane = static_cast<int>(w) % planes_;
  return {
      .group = static_cast<std::uint32_t>((stage(w) * planes_ + plane) * groups_per_plane + local),
      .size = static_cast<std::uint32_t>(s.size),
      .index = static_cast<std::uint32_t>(inside / s.stride),
      .per_domain = static_cast<std::uint32_t>(s.per_domain)};
}

WorkerId WorkerGrid::member(WorkerId w, Axis axis, std::uint32_t index) const {
  if (axis == Axis::Tensor) {
    return w - w % static_cast<WorkerId>(planes_) + index;
  }
  const Span& s = span(axis);
  const int block = s.size * s.stride;
  const int inside = replica(w) % block;
  const int target = replica(w) - inside + inside % s.stride + static_cast<int>(index) * s.stride;
  return static_cast<WorkerId>((stage(w) * replicas_ + target) * planes_ +
                               static_cast<int>(w) % planes_);
}

std::uint32_t WorkerGrid::group_count(Axis axis) const {
  if (axis == Axis::Tensor) {
    return count() / static_cast<std::uint32_t>(planes_);
  }
  return static_cast<std::uint32_t>(pp_ * planes_ * std::max(1, replicas_ / span(axis).size));
}

WorkerRoutes::WorkerRoutes(const topology::Cluster& cluster, const WorkerGrid& grid,
                           topology::Routing routing)
    : cluster_(cluster), grid_(grid), routing_(routing) {}

std::span<const Hop> WorkerRoutes::between(WorkerId from, WorkerId to) {
  const std::uint64_t key = static_cast<std::uint64_t>(from) << 32U | to;
  if (const auto it = known_.find(key); it != known_.end()) {
    return pool_[it->second];
  }
  std::vector<Hop> hops;
  // Rails never share a link with each other, so one rank shows what each of its group sees;
  // elsewhere the flows of all ranks are laid over each other.
  const bool rails = cluster_.spec().fabric == topology::FabricKind::RailOptimised;
  const int flows = rails ? 1 : grid_.ranks_per_worker();
  for (int i = 0; i < flows; ++i) {
    cluster_.route_into(grid_.first_gpu(from) + i, grid_.first_gpu(to) + i,
                        {.routing = routing_, .flow = key}, way_);
    for (const Hop& hop : way_) {
      const auto seen = std::find_if(hops.begin(), hops.end(),
                                     [&](const Hop& h) { return h.link == hop.link; });
      if (seen != hops.end()) {
        seen->weight += hop.weight;
      } else {
        hops.push_back(hop);
      }
    }
  }
  known_.emplace(key, static_cast<std::uint32_t>(pool_.size()));
  pool_.push_back(std::move(hops));
  return pool_.back();
}

}  // namespace sim
