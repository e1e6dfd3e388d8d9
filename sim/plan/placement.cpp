#include "sim/plan/placement.hpp"

#include <algorithm>

namespace sim {

namespace {

/// Consecutive coordinates: `size` of them, `stride` accelerators apart.
struct Run {
  int size = 1, stride = 1;
};

/// The ranks of one pipeline stage, tensor-parallel ones first, then the replicas. Dimensions that
/// the order leaves beside each other are one run.
struct StageRanks {
  explicit StageRanks(const Layout& l) {
    const RankStrides s = rank_strides(l);
    const int replicas = l.dp * l.cp;
    for (const Run run :
         {Run{l.tp, s.tensor}, {s.inner_size, s.inner}, {replicas / s.inner_size, s.outer}}) {
      if (run.size > 1 && count > 0 &&
          run.stride == runs[count - 1].size * runs[count - 1].stride) {
        runs[count - 1].size *= run.size;
      } else if (run.size > 1) {
        runs[count++] = run;
      }
    }
  }
  std::array<Run, 3> runs{};
  std::size_t count = 0;
};

/// Ranks `first`, `first` + 1 ... of a block that are `stride` apart and lie in one domain.
int in_domain(int size, int stride, int domain) {
  return stride >= domain ? 1 : std::clamp(domain / stride, 1, size);
}

/// Calls `see` with the part that each run has in a group of `size` ranks, every `step`-th of the
/// stage's: how many ranks, accelerators between them, and whether they come out even.
template <class See>
void parts_of_group(const StageRanks& ranks, int size, int step, See see) {
  int before = 1;
  for (std::size_t i = 0; i < ranks.count; ++i) {
    const Run& run = ranks.runs[i];
    const int low = std::max(step, before);
    const int high = std::min(step * size, before * run.size);
    if (high > low) {
      see(high / low, run.stride * (low / before),
          high % low == 0 && low % before == 0 && low % step == 0);
    }
    before *= run.size;
  }
}

/// How groups are taken from the ranks of a stage: `size` ranks, every `step`-th.
struct GroupShapes {
  explicit GroupShapes(const Layout& l) {
    const auto set = [this](Axis axis, int size, int step) {
      shapes[static_cast<std::size_t>(axis)] = {size, step};
    };
    const int data = l.dp * l.cp;
    const int shard = l.shard_degree > 0 ? std::min(l.shard_degree, data) : data;
    const int expert_tp = l.expert_tp > 0 ? l.expert_tp : l.tp;
    const int same_experts = std::max(1, l.tp * data / (l.ep * expert_tp));
    const bool cp_inner = l.order.context_before_data();
    const bool ep_inner = l.order.experts_before_data;
    set(Axis::Tensor, l.tp, 1);
    set(Axis::Context, l.cp, cp_inner ? l.tp : l.tp * l.dp);
    set(Axis::Expert, l.ep, ep_inner ? expert_tp : expert_tp * same_experts);
    set(Axis::Data, data, l.tp);
    set(Axis::Shard, shard, l.tp);
    set(Axis::Replica, std::max(1, data / shard), l.tp * shard);
    set(Axis::ExpertData, same_experts, ep_inner ? l.ep * expert_tp : expert_tp);
  }
  std::array<Run, kAxes> shapes{};
};

/// Whether the groups of every run fill blocks evenly or reach over whole ones.
bool fills_blocks(const Layout& l, int block) {
  const RankStrides s = rank_strides(l);
  const int replicas = l.dp * l.cp;
  const auto even = [block](int size, int stride) {
    return size == 1 || (stride >= block ? stride % block == 0 : block % stride == 0);
  };
  return even(l.tp, s.tensor) && even(s.inner_size, s.inner) &&
         even(replicas / s.inner_size, s.outer) && even(l.pp, s.pipeline);
}

}  // namespace

RankStrides rank_strides(const Layout& l) {
  RankStrides s;
  const bool cp_inner = l.order.context_before_data();
  s.inner_size = cp_inner ? l.cp : l.dp;
  int stride = 1;
  for (const Dimension d : l.order.inner_first) {
    switch (d) {
      case Dimension::Tensor:
        s.tensor = stride;
        stride *= l.tp;
        break;
      case Dimension::Context:
        (cp_inner ? s.inner : s.outer) = stride;
        stride *= l.cp;
        break;
      case Dimension::Data:
        (cp_inner ? s.outer : s.inner) = stride;
        stride *= l.dp;
        break;
      case Dimension::Pipeline:
        s.pipeline = stride;
        stride *= l.pp;
        break;
    }
  }
  return s;
}

Groups communicators(const Layout& l, int block) {
  Groups g;
  const StageRanks ranks(l);
  const GroupShapes groups(l);
  for (std::size_t axis = 0; axis < kAxes; ++axis) {
    const Run& shape = groups.shapes[axis];
    g.group[axis].ranks = shape.size;
    parts_of_group(ranks, shape.size, shape.stride, [&](int size, int stride, bool /*even*/) {
      g.group[axis].per_domain *= in_domain(size, stride, block);
    });
  }
  const int between_stages = rank_strides(l).pipeline;
  g.group[static_cast<std::size_t>(Axis::Pipeline)] = {
      .ranks = l.pp, .per_domain = in_domain(l.pp, between_stages, block)};
  return g;
}

Groups communicators(const Layout& l, const topology::ClusterSpec& cluster) {
  return communicators(l, cluster.scale_up_domain);
}

bool groups_nest(const Layout& l) {
  const StageRanks ranks(l);
  const GroupShapes groups(l);
  bool nest = l.order.experts_before_data || l.expert_tp == 0 || l.expert_tp == l.tp;
  for (std::size_t axis = 0; axis < kAxes && ranks.count > 1; ++axis) {
    const Run& shape = groups.shapes[axis];
    parts_of_group(ranks, shape.size, shape.stride,
                   [&](int /*size*/, int /*stride*/, bool even) { nest = nest && even; });
  }
  return nest;
}

std::vector<RankOrder> different_orders(std::span<const RankOrder> among, const Layout& layout,
                                        int block) {
  std::vector<RankOrder> orders;
  std::vector<Groups> spreads;
  Layout l = layout;
  for (const RankOrder& order : among) {
    l.order = order;
    if (order != RankOrder{} && !(groups_nest(l) && fills_blocks(l, block))) {
      continue;
    }
    const Groups spread = communicators(l, block);
    if (std::find(spreads.begin(), spreads.end(), spread) == spreads.end()) {
      orders.push_back(order);
      spreads.push_back(spread);
    }
  }
  return orders;
}

std::vector<RankOrder> orders_by_leaves(const Layout& layout, const topology::ClusterSpec& c) {
  const int leaf = c.nodes_per_leaf * c.gpus_per_node;
  if (leaf <= c.scale_up_domain || leaf >= c.gpus) {
    return {};
  }
  std::vector<RankOrder> alike{layout.order};
  Layout l = layout;
  for (const RankOrder& order : rank_orders()) {
    l.order = order;
    if (order != layout.order && communicators(l, c) == communicators(layout, c) &&
        fills_blocks(l, c.scale_up_domain)) {
      alike.push_back(order);
    }
  }
  std::vector<RankOrder> different = different_orders(alike, layout, leaf);
  std::erase(different, layout.order);
  return different;
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
