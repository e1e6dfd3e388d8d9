#include "sim/engine/flow_groups.hpp"

#include <algorithm>

namespace sim {

WorkerGrid::WorkerGrid(const Layout& l, const Groups& groups)
    : tp_(l.tp), pp_(l.pp), replicas_(l.dp * l.cp), strides_(rank_strides(l)) {
  const int expert_tp = l.expert_tp > 0 ? l.expert_tp : l.tp;
  const int expert = std::clamp(l.ep * expert_tp / l.tp, 1, replicas_);
  const int shard = std::max(1, groups.of(Axis::Shard).ranks);
  const auto set = [&](Axis axis, int size, int stride) {
    const Group& g = groups.of(axis);
    const int per_domain = std::clamp(g.per_domain * size / std::max(1, g.ranks), 1, size);
    spans_[static_cast<std::size_t>(axis)] = {
        .size = size, .stride = stride, .per_domain = per_domain};
  };
  const int same_experts = std::max(1, replicas_ / expert);
  const bool ep_inner = l.order.experts_before_data;
  set(Axis::Context, l.cp, l.order.context_before_data() ? 1 : l.dp);
  set(Axis::Expert, expert, ep_inner ? 1 : same_experts);
  set(Axis::Data, replicas_, 1);
  set(Axis::Shard, std::min(shard, replicas_), 1);
  set(Axis::Replica, std::max(1, replicas_ / shard), shard);
  set(Axis::ExpertData, same_experts, ep_inner ? expert : 1);
}

WorkerGrid::Seat WorkerGrid::seat(int rank) const {
  const auto along = [rank](int stride, int size) { return rank / stride % size; };
  const int replica = along(strides_.inner, strides_.inner_size) +
                      strides_.inner_size * along(strides_.outer, replicas_ / strides_.inner_size);
  const int stage = along(strides_.pipeline, pp_);
  return {.worker = static_cast<WorkerId>(stage * replicas_ + replica),
          .tp = along(strides_.tensor, tp_)};
}

WorkerId WorkerGrid::neighbour(WorkerId w, int step) const {
  const int next = (stage(w) + step + pp_) % pp_;
  return static_cast<WorkerId>(next * replicas_ + replica(w));
}

WorkerGrid::Members WorkerGrid::members(WorkerId w, Axis axis) const {
  const Span& s = span(axis);
  const int block = s.size * s.stride;
  const int inside = replica(w) % block;
  const int groups_per_stage = replicas_ / s.size;
  const int local = replica(w) / block * s.stride + inside % s.stride;
  return {.group = static_cast<std::uint32_t>(stage(w) * groups_per_stage + local),
          .size = static_cast<std::uint32_t>(s.size),
          .index = static_cast<std::uint32_t>(inside / s.stride),
          .per_domain = static_cast<std::uint32_t>(s.per_domain)};
}

WorkerId WorkerGrid::member(WorkerId w, Axis axis, std::uint32_t index) const {
  const Span& s = span(axis);
  const int block = s.size * s.stride;
  const int inside = replica(w) % block;
  const int target = replica(w) - inside + inside % s.stride + static_cast<int>(index) * s.stride;
  return static_cast<WorkerId>(stage(w) * replicas_ + target);
}

std::uint32_t WorkerGrid::group_count(Axis axis) const {
  return static_cast<std::uint32_t>(pp_ * std::max(1, replicas_ / span(axis).size));
}

}  // namespace sim
