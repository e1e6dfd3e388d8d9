#pragma once
// The layouts among which a search chooses.
#include <functional>
#include <vector>

#include "sim/training_job.hpp"

namespace sim {

/// How much of the forward pass is done again in the backward pass.
struct RecomputeChoice {
  Recompute mode = Recompute::None;
  int layers = -1;  ///< with Full: of a stage; -1 = all
};

/// What a search sets in a TrainingJob.
struct LayoutChoice {
  Layout layout;
  int micro_batch = 1;
  RecomputeChoice recompute;
  void apply_to(Layout& into, Training& training) const;
  void apply_to(TrainingJob& job) const { apply_to(job.layout, job.training); }
};

/// The values that each choice may take; dp follows from the others. The order of lists is the
/// order of the search, micro-batches ascending.
struct LayoutSpace {
  std::vector<int> tp, pp, virtual_stages, cp, ep;
  std::vector<int> expert_tp;    ///< 0 = tp
  std::vector<int> micro_batch;  ///< ascending
  std::vector<Sharding> sharding;
  std::vector<int> shard_degree;  ///< 0 = all of dp x cp
  std::vector<RecomputeChoice> recompute;
  std::vector<bool> sequence_parallel;
  std::vector<Schedule> schedule;  ///< interleaved goes with several virtual stages
  std::vector<RankOrder> order;    ///< those that do not differ on the cluster count once
};

/// All that `base`'s model, batch and cluster allow: degrees that divide what they split, tp up to
/// the larger of node and scale-up domain, cp where a rank keeps at least 1024 tokens of a
/// sequence, every sharding, recomputation of nothing, selectively, of 1, 2, 4, ... and of all
/// layers, every order of ranks, zero-bubble
/// schedules where the framework has them. `base` keeps its framework, precision, optimizer and
/// kind of context parallelism.
LayoutSpace full_space(const TrainingJob& base);

/// The same without what seldom decides: partial sharding and recomputation, ZeRO-2, other orders
/// of ranks than Megatron's, and attention over more than four ranks, which is for longer
/// sequences. For many clusters or a quick look.
LayoutSpace coarse_space(const TrainingJob& base);

/// The part of a space that shares its degrees: what one worker of a search takes at a time.
struct LayoutFrame {
  int tp = 1, pp = 1, virtual_stages = 1, cp = 1, ep = 1, expert_tp = 0, dp = 1;
};
/// Frames of a space whose degrees make up the cluster, in order.
std::vector<LayoutFrame> frames(const LayoutSpace& space, const TrainingJob& base);

}  // namespace sim
