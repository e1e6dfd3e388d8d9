#include "sim/step/data_parallel.hpp"

#include <algorithm>
#include <cmath>

#include "sim/plan/trained.hpp"

namespace sim {

using topology::Precision;
using units::Bytes;
using units::bytes;
using units::Seconds;

namespace {

double parameter_bytes(const Training& t) {
  if (t.job == Job::Qlora) {
    return 0.5;
  }
  return t.precision == Precision::Fp32 || t.precision == Precision::Tf32 ? 4.0 : 2.0;
}

/// Runs `c` beside `compute`, or alone where `overlap` is off; adds it to `pass`.
void add_beside(LayerPass& pass, const CostModel& costs, const TimedCollective& c, Seconds compute,
                bool overlap) {
  if (c.cost.time <= Seconds{}) {
    return;
  }
  const Seconds hidden = overlap ? std::min(compute, c.cost.time) : Seconds{};
  const Seconds tax = costs.steps().overlap_tax * hidden;
  pass.parts[c.part] += c.cost.time - hidden + tax;
  if (c.on_network()) {
    const Seconds beside = overlap ? compute : Seconds{};
    pass.local -= beside;
    pass.network.push_back({.compute = beside + tax, .collective = c});
  } else {
    pass.local += c.cost.time - hidden + tax;
  }
}

/// Device memory traffic of one optimizer step per parameter, bytes. AdamW in mixed precision: read
/// gradient (4), read and write master weight and both moments (24), write the 16-bit weight (2),
/// and clip: read gradient (4). All in 16 bits: weight and moments read and written (12), gradient
/// read twice (4).
double optimizer_bytes_per_parameter(const TrainingJob& job) {
  if (job.framework.pure_16_bit) {
    return 16.0;
  }
  switch (job.training.optimizer) {
    case Optimizer::AdamW:
      return 34.0;
    case Optimizer::Adafactor:
    case Optimizer::Sgd:
    case Optimizer::Muon:
      return 26.0;
  }
  return 34.0;
}

Sync cut(const TimedCollective& whole, int layers, bool overlap) {
  const double bucket = overlap && layers > 1 ? 1.0 / layers : 1.0;
  Sync s{.hideable = whole, .bucket = whole};
  const auto scale = [](TimedCollective& c, double k) {
    c.cost.time *= k;
    c.cost.latency *= k;
    c.cost.wire_bytes *= k;
    c.size *= k;
  };
  scale(s.hideable, 1.0 - bucket);
  scale(s.bucket, bucket);
  return s;
}

}  // namespace

void add_parameter_traffic(LayerTimes& layer, const CostModel& costs, const RankParameters& p) {
  const TrainingJob& job = costs.job();
  if (!job.layout.shards_every_pass()) {
    return;
  }
  const double width = parameter_bytes(job.training);
  const double trained = trained_share(job);
  const auto gather = [&](Axis axis, double count) {
    return costs.collective(Collective::AllGather, axis, Part::DpComm, bytes(count * width));
  };
  const auto scatter = [&](Axis axis, double count) {
    return costs.collective(Collective::ReduceScatter, axis, Part::DpComm,
                            bytes(count * trained * reduce_bytes(job)));
  };
  const bool again = job.layout.sharding == Sharding::Zero3;
  const bool overlap_gather = job.framework.overlap_param_gather;
  const bool overlap_reduce = job.framework.overlap_grad_reduce;
  const Seconds forward = layer.forward.local;
  const Seconds backward = layer.backward.local;
  add_beside(layer.forward, costs, gather(Axis::Shard, p.dense), forward, overlap_gather);
  add_beside(layer.forward, costs, gather(Axis::ExpertData, p.experts), forward * 0.0,
             overlap_gather);
  if (again) {
    add_beside(layer.backward, costs, gather(Axis::Shard, p.dense), backward * 0.5, overlap_gather);
    add_beside(layer.backward, costs, gather(Axis::ExpertData, p.experts), backward * 0.0,
               overlap_gather);
  }
  add_beside(layer.backward, costs, scatter(Axis::Shard, p.dense), backward * 0.5, overlap_reduce);
  add_beside(layer.backward, costs, scatter(Axis::ExpertData, p.experts), backward * 0.0,
             overlap_reduce);
}

void add_root_parameter_traffic(LayerTimes& layer, const CostModel& costs,
                                const RankParameters& p) {
  const TrainingJob& job = costs.job();
  if (!job.layout.shards_every_pass()) {
    return;
  }
  add_beside(layer.forward, costs,
             costs.collective(Collective::AllGather, Axis::Shard, Part::DpComm,
                              bytes(p.dense * parameter_bytes(job.training))),
             {}, false);
  add_beside(layer.backward, costs,
             costs.collective(Collective::ReduceScatter, Axis::Shard, Part::DpComm,
                              bytes(p.dense * trained_share(job) * reduce_bytes(job))),
             {}, false);
}

RankParameters chunk_parameters(const TrainingJob& job, const ChunkContents& contents) {
  RankParameters sum;
  for (int c = 0; c < kLayerClasses; ++c) {
    if (const int n = contents.count[static_cast<std::size_t>(c)]; n > 0) {
      sum.add(layer_rank_parameters(job, static_cast<LayerKind>(c % kLayerKinds)), n);
    }
  }
  sum.add(embedding_rank_parameters(job), contents.embedding ? 1.0 : 0.0);
  sum.add(head_rank_parameters(job), contents.head ? 1.0 : 0.0);
  return sum;
}

void add_data_parallel(ChunkClass& chunk, const CostModel& costs) {
  const TrainingJob& job = costs.job();
  RankParameters p = chunk.parameters;
  const double trained = trained_share(job);
  p.dense *= trained;
  p.experts *= trained;
  const Framework& f = job.framework;
  const double width = parameter_bytes(job.training);
  const auto reduce = [&](Axis axis, Collective op, double size_bytes) {
    const TimedCollective c = costs.collective(op, axis, Part::DpComm, bytes(size_bytes));
    if (c.cost.time > Seconds{}) {
      chunk.reduce_gradients.push_back(cut(c, chunk.layers, f.overlap_grad_reduce));
    }
  };
  const auto gather = [&](Axis axis, double size_bytes) {
    const TimedCollective c =
        costs.collective(Collective::AllGather, axis, Part::DpComm, bytes(size_bytes));
    if (c.cost.time > Seconds{}) {
      chunk.gather_parameters.push_back(cut(c, chunk.layers, f.overlap_param_gather));
    }
  };
  if (job.layout.shards_every_pass()) {  // what is left is HSDP's outer group
    reduce(Axis::Replica, Collective::AllReduce,
           p.dense * reduce_bytes(job) / costs.groups().of(Axis::Shard).ranks);
    return;
  }
  switch (job.layout.sharding) {
    case Sharding::Ddp:
      reduce(Axis::Data, Collective::AllReduce, p.dense * reduce_bytes(job));
      reduce(Axis::ExpertData, Collective::AllReduce, p.experts * reduce_bytes(job));
      break;
    case Sharding::Zero1:
    case Sharding::Zero2:
    case Sharding::Zero3:
      reduce(Axis::Data, Collective::ReduceScatter, p.dense * reduce_bytes(job));
      reduce(Axis::ExpertData, Collective::ReduceScatter, p.experts * reduce_bytes(job));
      gather(Axis::Data, p.dense * width);
      gather(Axis::ExpertData, p.experts * width);
      break;
  }
}

Bytes optimizer_traffic(const CostModel& costs, const StepGraph& graph, int stage) {
  const TrainingJob& job = costs.job();
  const bool sharded = job.layout.sharding != Sharding::Ddp;
  const Groups& groups = costs.groups();
  RankParameters p;
  for (int v = 0; v < graph.virtual_stages; ++v) {
    p.add(graph.chunk(stage, v).parameters, 1.0);
  }
  double updated = p.dense / (sharded ? groups.of(Axis::Shard).ranks : 1) +
                   p.experts / (sharded ? groups.of(Axis::ExpertData).ranks : 1);
  updated *= trained_share(job);
  return bytes(updated * optimizer_bytes_per_parameter(job));
}

std::vector<StageTail> stage_tails(const CostModel& costs, const StepGraph& graph) {
  const TrainingJob& job = costs.job();
  const Groups& groups = costs.groups();
  std::vector<StageTail> tails(static_cast<std::size_t>(graph.pp));
  for (int stage = 0; stage < graph.pp; ++stage) {
    tails[static_cast<std::size_t>(stage)].parts[Part::Optimizer] =
        costs.memory(optimizer_traffic(costs, graph, stage));
  }
  if (job.model.tied_embeddings && graph.pp > 1 && !adapters_only(job.training)) {
    // Megatron reduces the gradient of the shared embedding between the first and the last stage.
    const double rows = static_cast<double>(job.model.vocab) / job.layout.tp;
    const CollectiveCost c = collective_cost(
        job.cluster, costs.profiles().collectives, Collective::AllReduce,
        bytes(rows * job.model.hidden * reduce_bytes(job)),
        {.ranks = 2, .per_domain = groups.of(Axis::Pipeline).per_domain == graph.pp ? 2 : 1});
    tails.front().parts[Part::DpComm] += c.time;
    tails.back().parts[Part::DpComm] += c.time;
  }
  return tails;
}

}  // namespace sim
