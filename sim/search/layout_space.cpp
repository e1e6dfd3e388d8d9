#include "sim/search/layout_space.hpp"

#include <algorithm>

namespace sim {

namespace {

constexpr int kLeastTokensPerRank = 1024;  // below, attention over cp is all communication

std::vector<int> divisors(long n, long most) {
  std::vector<int> list;
  for (long i = 1; i <= std::min(n, most); ++i) {
    if (n % i == 0) {
      list.push_back(static_cast<int>(i));
    }
  }
  return list;
}

std::vector<int> up_to(int most) {
  std::vector<int> list;
  for (int i = 1; i <= most; ++i) {
    list.push_back(i);
  }
  return list;
}

/// Powers of two of the layers of a stage, and all.
std::vector<RecomputeChoice> recompute_choices(const TrainingJob& base) {
  std::vector<RecomputeChoice> list{{Recompute::None, -1}};
  if (!base.framework.flash_attention || base.framework.selective_recompute_share > 0.0) {
    list.push_back({Recompute::Selective, -1});  // with fused attention there is nothing to drop
  }
  for (int layers = 1; layers < base.model.layers; layers *= 2) {
    list.push_back({Recompute::Full, layers});
  }
  list.push_back({Recompute::Full, -1});
  return list;
}

}  // namespace

void LayoutChoice::apply_to(Layout& into, Training& training) const {
  into = layout;
  training.micro_batch = micro_batch;
  training.recompute = recompute.mode;
  training.recompute_layers = recompute.layers;
}

LayoutSpace full_space(const TrainingJob& base) {
  const ModelSpec& m = base.model;
  const topology::ClusterSpec& c = base.cluster;
  const int layers = m.layers + m.encoder_layers;
  const bool moe = m.moe.has_value();
  LayoutSpace space;
  space.tp = divisors(m.heads, std::max(c.scale_up_domain, c.gpus_per_node));
  space.pp = up_to(std::min(layers + 2, c.gpus));
  space.virtual_stages = up_to(layers + 2);
  space.cp = divisors(base.training.sequence_length,
                      std::max(1, base.training.sequence_length / kLeastTokensPerRank));
  space.ep = moe ? divisors(m.moe->experts, m.moe->experts) : std::vector<int>{1};
  space.expert_tp = moe ? std::vector<int>{0, 1} : std::vector<int>{0};
  space.micro_batch = divisors(base.training.global_batch, base.training.global_batch);
  space.sharding = {Sharding::Ddp, Sharding::Zero1, Sharding::Zero2, Sharding::Zero3};
  space.shard_degree = {0};
  if (c.nodes() > 1) {
    space.shard_degree.push_back(std::max(c.scale_up_domain, c.gpus_per_node));
  }
  space.recompute = recompute_choices(base);
  space.sequence_parallel = {true, false};
  space.schedule = {Schedule::OneForwardOneBackward, Schedule::Interleaved};
  if (base.framework.zero_bubble) {
    space.schedule.push_back(Schedule::ZeroBubble);
  }
  space.order = rank_orders();
  return space;
}

LayoutSpace coarse_space(const TrainingJob& base) {
  constexpr int kMostContextRanks = 4;
  LayoutSpace space = full_space(base);
  space.shard_degree = {0};
  space.sharding = {Sharding::Ddp, Sharding::Zero1, Sharding::Zero3};
  space.order = {RankOrder{}};
  std::erase_if(space.cp, [](int cp) { return cp > kMostContextRanks; });
  std::erase_if(space.recompute, [](const RecomputeChoice& r) { return r.layers > 0; });
  return space;
}

std::vector<LayoutFrame> frames(const LayoutSpace& space, const TrainingJob& base) {
  const long layers = long{base.model.layers} + base.model.encoder_layers;
  const long gpus = base.cluster.gpus;
  std::vector<LayoutFrame> list;
  for (const int tp : space.tp) {
    for (const int cp : space.cp) {
      for (const int pp : space.pp) {
        const long others = long{tp} * cp * pp;
        if (gpus % others != 0 || base.training.global_batch % (gpus / others) != 0) {
          continue;
        }
        const auto dp = static_cast<int>(gpus / others);
        for (const int v : space.virtual_stages) {
          const long chunks = long{pp} * v;
          // Uneven chunks only as in Llama 3: one layer less in the first and the last.
          const bool even = layers % chunks == 0 || (layers + 2) % chunks == 0;
          if ((pp == 1 && v > 1) || chunks > layers + 2 || (v > 1 && !even)) {
            continue;
          }
          for (const int ep : space.ep) {
            for (const int expert_tp : space.expert_tp) {
              if (expert_tp != tp) {  // which 0 stands for
                list.push_back({tp, pp, v, cp, ep, expert_tp, dp});
              }
            }
          }
        }
      }
    }
  }
  return list;
}

}  // namespace sim
