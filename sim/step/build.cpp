#include "sim/step/build.hpp"

#include <algorithm>

#include "sim/step/data_parallel.hpp"
#include "sim/step/layer_times.hpp"
#include "sim/workload/tower_layers.hpp"

namespace sim {

using units::microseconds;
using units::Seconds;

namespace {

/// Adds layers of one pass together: device time, host time, and what crosses the network.
class PassBuilder {
 public:
  void add(const LayerPass& layer, double times) {
    PartTimes parts = layer.parts;
    parts *= times;
    pass_.parts += parts;
    pass_.local += layer.local * times;
    host_ += layer.host * times;
    for (int i = 0; i < static_cast<int>(times); ++i) {
      pass_.network.insert(pass_.network.end(), layer.network.begin(), layer.network.end());
    }
  }
  /// Where the host needs longer to launch the pass than the device to run it, the device waits.
  Pass finish() {
    pass_.duration = pass_.parts.total();
    if (host_ > pass_.duration) {
      pass_.parts[Part::Host] += host_ - pass_.duration;
      pass_.local += host_ - pass_.duration;
      pass_.duration = host_;
    }
    return std::move(pass_);
  }

 private:
  Pass pass_;
  Seconds host_;
};

ChunkClass build_chunk(const LayerTimesTable& layers, const ChunkContents& contents) {
  ChunkClass chunk;
  chunk.layers = contents.total();
  chunk.embedding = contents.embedding;
  chunk.head = contents.head;
  PassBuilder forward;
  PassBuilder backward;
  PassBuilder weight;
  const auto add = [&](const LayerTimes& part, int times) {
    forward.add(part.forward, times);
    backward.add(part.backward, times);
    weight.add(part.weight, times);
  };
  if (contents.embedding) {
    add(layers.embedding(), 1);
  }
  for (int kind = 0; kind < kLayerClasses; ++kind) {
    const int count = contents.count[static_cast<std::size_t>(kind)];
    if (count > 0) {
      add(layers.layer(kind), count);
    }
  }
  if (contents.head) {
    add(layers.head(), 1);
  }
  chunk.forward = forward.finish();
  chunk.backward = backward.finish();
  chunk.weight = weight.finish();
  return chunk;
}

}  // namespace

StepGraph build_step(const TrainingJob& job, const Profiles& profiles, LayerTimesCache* cache) {
  const CostModel costs(job, profiles);
  const Layout& layout = job.layout;
  LayerTimesCache own;
  const LayerTimesTable& layers = (cache != nullptr ? *cache : own).table(costs);

  StepGraph graph;
  graph.pp = layout.pp;
  graph.virtual_stages = layout.virtual_stages;
  graph.micro_batches =
      std::max(1, job.training.global_batch / (layout.dp * job.training.micro_batch));
  graph.schedule = layout.schedule;
  graph.groups = costs.groups();
  graph.blocking_sends = !job.framework.overlap_p2p;
  graph.overlap_gather = job.framework.overlap_param_gather;
  graph.overlap_reduce = job.framework.overlap_grad_reduce;
  graph.step_host = microseconds(1e3 * costs.steps().step_host_ms);
  graph.overlap_tax = costs.steps().overlap_tax;
  if (layout.pp > 1) {
    // In the default order sends go inside the domain as soon as two stages share one, which the
    // fit of the step has seen; other orders are not trusted with it before all stages share one.
    const int together = graph.groups.of(Axis::Pipeline).per_domain;
    const bool inside = layout.order == RankOrder{} ? together > 1 : together == layout.pp;
    graph.boundary = {.cost = collective_cost(job.cluster, profiles.collectives,
                                              Collective::SendRecv, boundary_bytes(costs.shape()),
                                              {.ranks = 2, .per_domain = inside ? 2 : 1}),
                      .op = Collective::SendRecv,
                      .axis = Axis::Pipeline,
                      .part = Part::PpComm,
                      .size = boundary_bytes(costs.shape())};
  }

  const std::vector<ChunkContents> contents = chunk_contents(job);
  std::vector<ChunkContents> kinds;
  for (const ChunkContents& c : contents) {
    auto known = std::find(kinds.begin(), kinds.end(), c);
    if (known == kinds.end()) {
      kinds.push_back(c);
      graph.classes.push_back(build_chunk(layers, c));
      graph.classes.back().parameters = chunk_parameters(job, c);
      if (job.model.has_towers()) {  // gradients leave block by block
        graph.classes.back().layers = block_count(job.model.towers);
      }
      add_data_parallel(graph.classes.back(), costs);
      known = kinds.end() - 1;
    }
    graph.class_of_chunk.push_back(static_cast<std::uint16_t>(known - kinds.begin()));
  }
  graph.tails = stage_tails(costs, graph);
  const double sequences = job.training.global_batch;
  graph.model_flops = layers.flops().model * sequences;
  graph.model_flops_full_attention = layers.flops().model_full_attention * sequences;
  graph.hardware_flops = (layers.flops().model + layers.flops().recompute) * sequences;
  return graph;
}

}  // namespace sim
