#include "sim/plan/layout_rules.hpp"

#include "sim/plan/placement.hpp"

namespace sim {

namespace {

bool nests(int tp, int size) {
  return size % tp == 0 || tp % size == 0;
}

bool tensor_parallel(const TrainingJob& job) {
  const ModelSpec& m = job.model;
  const int tp = job.layout.tp;
  return m.heads % tp == 0 && (m.kv_heads % tp == 0 || tp % m.kv_heads == 0) &&
         m.ffn_hidden % tp == 0 &&
         (nests(tp, job.cluster.scale_up_domain) || nests(tp, job.cluster.gpus_per_node));
}

bool pipeline(const TrainingJob& job) {
  const Layout& l = job.layout;
  const long layers = long{job.model.layers} + job.model.encoder_layers;
  const bool interleaved = l.schedule == Schedule::Interleaved;
  if (l.schedule == Schedule::ZeroBubble &&
      !(job.framework.zero_bubble && l.pp > 1 && !l.shards_every_pass() &&
        job.training.recompute != Recompute::Full)) {
    return false;
  }
  return long{l.pp} * l.virtual_stages <= (l.pp == 1 ? layers : layers + 2) &&
         interleaved == (l.virtual_stages > 1) && (!interleaved || l.pp > 1);
}

bool context_parallel(const TrainingJob& job) {
  const Layout& l = job.layout;
  const int sequence = job.training.sequence_length;
  return sequence % l.cp == 0 && (!l.sequence_parallel || sequence / l.cp % l.tp == 0) &&
         (l.context_parallel != ContextParallel::Ulysses || job.model.heads / l.tp % l.cp == 0);
}

bool experts(const TrainingJob& job) {
  const Layout& l = job.layout;
  if (!job.model.moe) {
    return l.ep == 1;
  }
  const int expert_tp = l.expert_tp == 0 ? l.tp : l.expert_tp;
  return job.model.moe->experts % l.ep == 0 &&
         long{l.tp} * l.cp * l.dp % (long{expert_tp} * l.ep) == 0;
}

bool batch(const TrainingJob& job) {
  const Layout& l = job.layout;
  const long unit = long{l.dp} * job.training.micro_batch;
  return job.training.global_batch % unit == 0 &&
         (l.schedule != Schedule::Interleaved || job.training.global_batch / unit % l.pp == 0);
}

bool sharding(const Layout& l) {
  return l.shard_degree == 0 || (l.sharding != Sharding::Ddp && l.dp * l.cp % l.shard_degree == 0);
}

/// Towers are split over the batch only.
bool towers(const TrainingJob& job) {
  const Layout& l = job.layout;
  return !job.model.has_towers() || (l.tp == 1 && l.pp == 1 && l.cp == 1);
}

bool precision(const TrainingJob& job) {
  const auto p = static_cast<std::size_t>(job.training.precision);
  return job.cluster.accelerator.peak[p] > units::FlopsPerSecond{};
}

}  // namespace

bool can_train(const TrainingJob& job) {
  const Layout& l = job.layout;
  return tensor_parallel(job) && context_parallel(job) &&
         long{l.tp} * l.pp * l.cp * l.dp == job.cluster.gpus && pipeline(job) && experts(job) &&
         batch(job) && sharding(l) && precision(job) && towers(job) && groups_nest(l);
}

}  // namespace sim
