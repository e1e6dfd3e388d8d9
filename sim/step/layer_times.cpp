#include "sim/step/layer_times.hpp"

#include <algorithm>
#include <numeric>

#include "sim/step/data_parallel.hpp"
#include "sim/workload/flops.hpp"
#include "sim/workload/tower_layers.hpp"
#include "sim/workload/tower_operators.hpp"

namespace sim {

using units::Seconds;

namespace {

LayerPass from_operators(const CostModel& costs, const Operators& operators, Seconds layer_host) {
  OperatorTimes t = costs.times(operators);
  return {.parts = t.device,
          .local = t.fixed,
          .host = t.host + layer_host,
          .network = std::move(t.network)};
}

/// Adds the forward work that the backward pass repeats. Kernel time counts as Recompute;
/// collectives that run again stay what they are.
void add_recompute(LayerPass& backward, const LayerPass& forward, double share) {
  for (std::size_t i = 0; i < kParts; ++i) {
    const auto part = static_cast<Part>(i);
    const bool is_collective = part == Part::TpComm || part == Part::CpComm || part == Part::EpComm;
    backward.parts[is_collective ? part : Part::Recompute] += share * forward.parts.at[i];
  }
  backward.local += share * forward.local;
  backward.host += share * forward.host;
  if (share >= 1.0) {
    backward.network.insert(backward.network.begin(), forward.network.begin(),
                            forward.network.end());
    return;
  }
  for (ForkJoin item :
       forward.network) {  // repeated in a part of the layers: the same bytes on average
    item.compute *= share;
    CollectiveCost& cost = item.collective.cost;
    cost.time *= share;
    cost.latency *= share;
    cost.wire_bytes *= share;
    backward.network.insert(backward.network.begin(), item);
  }
}

/// Share of its layers that a stage recomputes under full recomputation.
double full_recompute_share(const TrainingJob& job) {
  if (job.training.recompute_layers < 0) {
    return 1.0;
  }
  const double per_stage =
      static_cast<double>(job.model.encoder_layers + job.model.layers) / job.layout.pp;
  return std::min(1.0, job.training.recompute_layers / per_stage);
}

Operators core_attention(const Operators& operators) {
  Operators core;
  std::copy_if(operators.begin(), operators.end(), std::back_inserter(core),
               [](const Operator& o) { return o.core_attention; });
  return core;
}

void add_selective_recompute(LayerPass& backward, const LayerPass& forward, const CostModel& costs,
                             const Operators& operators) {
  const double share = costs.job().framework.selective_recompute_share;
  if (share > 0.0) {
    LayerPass kernels = forward;  // its collectives are kept, not repeated
    for (const Part p : {Part::TpComm, Part::CpComm, Part::EpComm}) {
      kernels.local -= kernels.network.empty() ? kernels.parts[p] : Seconds{};
      kernels.parts[p] = Seconds{};
    }
    kernels.network.clear();
    add_recompute(backward, kernels, share);
    return;
  }
  add_recompute(backward, from_operators(costs, core_attention(operators), {}), 1.0);
}

/// Copies the layer's checkpoint to host memory and back beside the compute.
void add_offload(LayerPass& pass, const CostModel& costs) {
  const RankShape shape = costs.shape();
  const units::BytesPerSecond link = costs.job().cluster.accelerator.host_bandwidth;
  if (!shape.training.activation_offload || link <= units::BytesPerSecond{}) {
    return;
  }
  const Seconds copy = boundary_bytes(shape) * static_cast<double>(shape.layout.tp) / link;
  const Seconds exposed = std::max(Seconds{}, copy - pass.local);
  pass.parts[Part::Offload] += exposed;
  pass.local += exposed;
}

/// What recomputation may repeat of a layer's forward pass: all but frozen towers.
LayerPass repeatable(const CostModel& costs, LayerKind kind, const LayerPass& forward) {
  return kind == LayerKind::Towers
             ? from_operators(costs, towers_forward(costs.shape(), TowerSet::WithBackward), {})
             : forward;
}

/// The backward pass of a layer, embedding or head. Zero bubble takes the weight gradients out of
/// it, and with them the cover of collectives that ran beside them. The host's share goes with the
/// longer part, the data gradients.
void set_backward(LayerTimes& t, const CostModel& costs, Operators operators, Seconds dispatch) {
  if (costs.job().layout.schedule == Schedule::ZeroBubble) {
    Operators data;
    Operators weight;
    for (std::size_t i = 0; i < operators.size(); ++i) {
      Operator op = operators[i];
      const bool before_weight = i + 1 < operators.size() && operators[i + 1].weight_gradient;
      op.hidden_by_next = op.hidden_by_next && !before_weight;
      (op.weight_gradient ? weight : data).push_back(op);
    }
    t.weight = from_operators(costs, weight, {});
    operators = std::move(data);
  }
  t.backward = from_operators(costs, operators, dispatch);
}

LayerTimes layer_times(const CostModel& costs, LayerKind kind, int window) {
  const TrainingJob& job = costs.job();
  const RankShape shape = costs.shape();
  const Operators forward_ops = layer_forward(shape, kind, window);
  // The Python modules of a tower's block are about as many as those of a transformer layer.
  const Seconds dispatch =
      costs.layer_dispatch() *
      (kind == LayerKind::Towers ? static_cast<double>(block_count(job.model.towers)) : 1.0);
  LayerTimes t;
  t.forward = from_operators(costs, forward_ops, dispatch);
  set_backward(t, costs, layer_backward(shape, kind, window), 0.5 * dispatch);
  if (job.training.recompute == Recompute::Full) {
    add_recompute(t.backward, repeatable(costs, kind, t.forward), full_recompute_share(job));
  } else if (job.training.recompute == Recompute::Selective) {
    add_selective_recompute(t.backward, t.forward, costs, forward_ops);
  }
  add_offload(t.forward, costs);
  add_offload(t.backward, costs);
  add_parameter_traffic(t, costs, layer_rank_parameters(job, kind));
  return t;
}

}  // namespace

Recomputed recomputed(const CostModel& costs, LayerKind kind, int window) {
  const TrainingJob& job = costs.job();
  const RankShape shape = costs.shape();
  if (job.training.recompute == Recompute::None) {
    return {};
  }
  if (job.training.recompute == Recompute::Full) {
    return {kind == LayerKind::Towers ? towers_forward(shape, TowerSet::WithBackward)
                                      : layer_forward(shape, kind, window),
            full_recompute_share(job)};
  }
  const double share = costs.job().framework.selective_recompute_share;
  const Operators forward = layer_forward(shape, kind, window);
  return share > 0.0 ? Recomputed{forward, share} : Recomputed{core_attention(forward), 1.0};
}

int layer_class(const ModelSpec& m, int layer) {
  return static_cast<int>(layer_kind(m, layer)) + (m.is_windowed(layer) ? kLayerKinds : 0);
}

int ChunkContents::total() const {
  return std::accumulate(count.begin(), count.end(), 0);
}

std::vector<ChunkContents> chunk_contents(const TrainingJob& job) {
  const ModelSpec& m = job.model;
  const std::vector<ChunkLayers> split = split_layers(m.encoder_layers + m.layers + m.mtp_layers,
                                                      job.layout.pp, job.layout.virtual_stages);
  std::vector<ChunkContents> chunks(split.size());
  for (std::size_t i = 0; i < split.size(); ++i) {
    for (int layer = split[i].first; layer < split[i].first + split[i].count; ++layer) {
      ++chunks[i].count[static_cast<std::size_t>(layer_class(m, layer))];
    }
  }
  chunks.front().embedding = chunks.back().head = !m.has_towers();
  return chunks;
}

LayerTimesTable::LayerTimesTable(const CostModel& costs) {
  const TrainingJob& job = costs.job();
  const RankShape shape = costs.shape();
  std::array<bool, kLayerClasses> used{};
  for (int i = 0; i < job.model.encoder_layers + job.model.layers + job.model.mtp_layers; ++i) {
    used[static_cast<std::size_t>(layer_class(job.model, i))] = true;
  }
  for (int c = 0; c < kLayerClasses; ++c) {
    if (used[static_cast<std::size_t>(c)]) {
      layers_[static_cast<std::size_t>(c)] =
          layer_times(costs, static_cast<LayerKind>(c % kLayerKinds), window_of(job.model, c));
    }
  }
  embedding_.forward = from_operators(costs, embedding_forward(shape), {});
  set_backward(embedding_, costs, embedding_backward(shape), {});
  head_.forward = from_operators(costs, head_forward(shape), {});
  set_backward(head_, costs, head_backward(shape), {});
  add_root_parameter_traffic(embedding_, costs, embedding_rank_parameters(job));
  add_root_parameter_traffic(head_, costs, head_rank_parameters(job));
  flops_ = {
      .model = model_flops_per_sequence(job.model, job.training, AttentionFlops::Causal),
      .model_full_attention =
          model_flops_per_sequence(job.model, job.training, AttentionFlops::Full),
      .recompute = recompute_flops_per_sequence(job.model, job.training, AttentionFlops::Causal)};
}

const LayerTimesTable& LayerTimesCache::table(const CostModel& costs) {
  const Key key = key_of(costs);
  const auto known = tables_.find(key);
  return known != tables_.end() ? known->second
                                : tables_.emplace(key, LayerTimesTable(costs)).first->second;
}

LayerTimesCache::Key LayerTimesCache::key_of(const CostModel& costs) {
  const TrainingJob& job = costs.job();
  const auto spread = [&costs](Axis axis) { return costs.groups().of(axis).per_domain; };
  const Layout& l = job.layout;
  const Training& t = job.training;
  const Framework& f = job.framework;
  const bool shards = l.shards_every_pass();
  const bool by_stage = t.recompute == Recompute::Full && t.recompute_layers >= 0;
  return {l.tp,
          l.cp,
          l.ep,
          l.expert_tp,
          l.sequence_parallel ? 1 : 0,
          static_cast<int>(l.context_parallel),
          shards ? static_cast<int>(l.sharding) : 0,
          shards ? l.dp : 0,
          shards ? l.shard_degree : 0,
          by_stage ? l.pp : 0,
          t.sequence_length,
          t.micro_batch,
          static_cast<int>(t.precision),
          static_cast<int>(t.recompute),
          t.recompute_layers,
          t.activation_offload ? 1 : 0,
          static_cast<int>(t.job) * 4096 + t.lora_rank,
          (f.overlap_tp ? 1 : 0) + (f.overlap_tp_backward ? 2 : 0) +
              (f.overlap_grad_reduce ? 4 : 0) + (f.overlap_param_gather ? 8 : 0),
          job.model.tied_embeddings && l.pp == 1 ? 1 : 0,
          job.cluster.gpus,
          spread(Axis::Tensor),
          spread(Axis::Context),
          spread(Axis::Expert),
          shards ? spread(Axis::Shard) : 0,
          shards ? spread(Axis::ExpertData) : 0,
          l.schedule == Schedule::ZeroBubble ? 1 : 0};
}

}  // namespace sim
