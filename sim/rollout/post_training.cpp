#include "sim/rollout/post_training.hpp"

#include <algorithm>
#include <cmath>

#include "sim/memory/state_bytes.hpp"
#include "sim/step/cost.hpp"
#include "sim/workload/operators.hpp"

namespace sim {

using units::bytes;
using units::Bytes;
using units::Seconds;

namespace {

constexpr double kCacheBytes = 2.0;  // of a key or value: bf16

/// Bytes that one token leaves in the cache of all layers: keys and values, or the compressed ones
/// of latent attention.
double cache_bytes_per_token(const ModelSpec& m) {
  const double values = m.mla ? m.mla->kv_rank + m.mla->qk_rope_dim : 2.0 * m.kv_heads * m.head_dim;
  return kCacheBytes * values * m.layers;
}

/// The job of one generating replica: tensor-parallel, bf16, nothing sharded.
TrainingJob replica_job(const TrainingJob& job, const PostTraining& task) {
  TrainingJob r = job;
  r.layout = {.tp = task.rollout_tp, .sequence_parallel = false};
  r.layout.ep = 1;
  r.cluster.gpus = std::max(1, task.rollout_tp);
  r.training.precision = topology::Precision::Bf16;
  r.training.job = Job::Pretrain;
  r.framework.dispatch = Dispatch::Compiled;  // serving engines replay CUDA graphs
  return r;
}

/// One pass of `sequences` times `tokens` through all layers and the logits of the last ones.
Seconds forward_pass(TrainingJob job, const Profiles& profiles, int sequences, int tokens) {
  job.training.micro_batch = sequences;
  job.training.sequence_length = tokens;
  const CostModel costs(job, profiles);
  Seconds layers;
  for (int kind = 0; kind < kLayerKinds; ++kind) {
    int count = 0;
    for (int i = 0; i < job.model.layers; ++i) {
      count += layer_kind(job.model, i) == static_cast<LayerKind>(kind) ? 1 : 0;
    }
    if (count > 0) {
      layers +=
          count *
          costs.times(layer_forward(costs.shape(), static_cast<LayerKind>(kind), 0)).device.total();
    }
  }
  return layers;
}

/// Sequences whose cache fits beside the weights on one replica.
int concurrent_sequences(const TrainingJob& job, const PostTraining& task) {
  const double memory = job.cluster.accelerator.memory.base() * task.kv_memory * task.rollout_tp;
  const double weights = parameters(job.model).total() * kCacheBytes;
  const double sequence =
      cache_bytes_per_token(job.model) * (task.prompt_length + std::max(task.response_length, 1));
  return memory <= weights ? 0 : static_cast<int>((memory - weights) / sequence);
}

/// Time of one token for each of `batch` sequences with `context` tokens each: a pass of one token,
/// which reads all weights, and the cache, read once.
/// Source: Pope et al., "Efficiently Scaling Transformer Inference", arXiv 2211.05102, section 2.
Seconds decode_step(const TrainingJob& replica, const Profiles& profiles, int batch,
                    double context) {
  const CostModel costs(replica, profiles);
  const Seconds cache = costs.memory(
      bytes(batch * context * cache_bytes_per_token(replica.model) / replica.layout.tp));
  TrainingJob token = replica;
  token.training.micro_batch = batch;
  token.training.sequence_length = 1;
  const CostModel one(token, profiles);
  const Seconds logits = one.times(head_forward(one.shape())).device.total();
  return forward_pass(replica, profiles, batch, 1) + cache + logits;
}

Seconds handover(const TrainingJob& job, const Profiles& profiles, const PostTraining& task,
                 int gpus) {
  if (gpus <= 1) {
    return {};
  }
  const double weights = parameters(job.model).total() * kCacheBytes / task.rollout_tp;
  topology::ClusterSpec cluster = job.cluster;
  cluster.gpus = gpus;
  const int domain = std::max(1, std::min(gpus, cluster.scale_up_domain));
  return collective_cost(cluster, profiles.collectives, Collective::AllGather, bytes(weights),
                         {.ranks = gpus, .per_domain = domain})
      .time;
}

}  // namespace

Generation generation(const TrainingJob& job, const Profiles& profiles, const PostTraining& task,
                      int sequences, int gpus) {
  Generation g;
  g.replicas = std::max(1, gpus / task.rollout_tp);
  const int per_replica = (sequences + g.replicas - 1) / g.replicas;
  g.concurrent = std::min(per_replica, concurrent_sequences(job, task));
  if (g.concurrent == 0) {
    return g;
  }
  const TrainingJob replica = replica_job(job, task);
  constexpr int kPrefillSequences = 1;  // long prompts fill the device one by one
  g.prefill = per_replica * forward_pass(replica, profiles, kPrefillSequences, task.prompt_length);
  // With continuous batching the next sequence takes the place of one that ended, so the batch
  // stays full until no more wait; the cache is half grown on average.
  const double context = task.prompt_length + 0.5 * task.response_length;
  const double rounds = static_cast<double>(per_replica) / g.concurrent;
  g.decode = rounds * task.response_length * decode_step(replica, profiles, g.concurrent, context);
  // Then ever fewer are left until the longest ends: half of a batch on average.
  const int left = std::max(1, g.concurrent / 2);
  const double more = std::max(0, task.longest_response - task.response_length);
  g.tail = more * decode_step(replica, profiles, left, task.prompt_length + task.longest_response);
  g.tokens_per_second =
      static_cast<double>(sequences) * task.response_length / g.total().in(units::seconds(1));
  return g;
}

PostTrainingStep post_training_step(const TrainingJob& job, const Profiles& profiles,
                                    const PostTraining& task, const StepTime& training,
                                    Seconds forward) {
  PostTrainingStep s;
  const double models = task.critic ? 2.0 : 1.0;  // the critic's pass, and its value estimates
  s.reference = task.cached_reference ? Seconds{} : forward * models;
  s.training = training.step * models;
  if (task.kind == TaskKind::Preference) {
    s.step = s.reference + s.training;
    return s;
  }
  const bool split = task.placement == RolloutPlacement::Split;
  const int gpus = split ? task.rollout_gpus : job.cluster.gpus;
  s.generation = generation(job, profiles, task, job.training.global_batch, gpus);
  s.handover = handover(job, profiles, task, split ? gpus + job.cluster.gpus : gpus);
  const Seconds trains = s.reference + s.training;
  const Seconds generates = s.generation->total();
  if (!split) {
    s.step = generates + s.handover + trains;
    return s;
  }
  s.step = std::max(trains, generates) + s.handover;  // one step behind the other
  s.trainer_idle = 1.0 - trains / s.step;
  s.generator_idle = 1.0 - generates / s.step;
  return s;
}

}  // namespace sim
