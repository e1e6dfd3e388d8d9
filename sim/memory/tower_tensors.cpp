#include "sim/memory/tower_tensors.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/workload/operator_builder.hpp"
#include "sim/workload/tower_layers.hpp"

namespace sim {

using units::bytes;
using units::Bytes;

namespace {

/// Bytes that `layer` keeps of one sample: autocast's layer and group norms keep fp32.
double kept_bytes(const TowerLayer& layer, const TrainingJob& job) {
  const bool full =
      layer.norm != NormKind::None && layer.norm != NormKind::Batch && job.framework.autocast;
  return layer.kept * (full ? 4.0 : activation_bytes(job.training));
}

std::string_view name_of(TowerWork work) {
  switch (work) {
    case TowerWork::Product:
      return "inputs of convolutions and linear layers";
    case TowerWork::Depthwise:
      return "inputs of depthwise filters";
    case TowerWork::Attention:
      return "queries, keys, values and outputs of attention";
    case TowerWork::Norm:
      return "norm inputs";
    case TowerWork::Activation:
    case TowerWork::Addition:
    case TowerWork::Gate:
    case TowerWork::Movement:
      break;
  }
  return "activation inputs";
}

class Sum {
 public:
  explicit Sum(const TrainingJob& job) : job_(job) {}

  void add(const Tower& tower) {
    const double samples = job_.training.micro_batch * tower.samples;
    double block = 0.0;
    double widest = 0.0;
    int current = -1;
    for (const TowerLayer& layer : tower_layers(tower)) {
      const double width = activation_bytes(job_.training) * samples;
      widest = std::max(widest, (layer.inputs + layer.outputs) * width);
      if (tower.training == TowerTraining::Frozen) {
        continue;
      }
      const double kept = kept_bytes(layer, job_) * samples;
      by_work_[static_cast<std::size_t>(layer.work)] += kept;
      if (layer.block != current) {
        current = layer.block;
        memory_.block_inputs += bytes(layer.inputs * width);
        block = 0.0;
      }
      block += kept;
      memory_.largest_block = std::max(memory_.largest_block, bytes(block));
    }
    widest_ = std::max(widest_, widest);
  }

  TowerMemory finish() {
    for (std::size_t i = 0; i < by_work_.size(); ++i) {
      if (by_work_[i] > 0.0) {
        memory_.activations.push_back(
            {MemoryKind::Activations, name_of(static_cast<TowerWork>(i)), bytes(by_work_[i])});
      }
    }
    memory_.activations.push_back(
        {MemoryKind::WorkingSet, "input and output of the widest layer", bytes(widest_)});
    return std::move(memory_);
  }

 private:
  const TrainingJob& job_;
  TowerMemory memory_;
  std::array<double, kTowerWorks> by_work_{};
  double widest_ = 0.0;
};

}  // namespace

TowerMemory tower_memory(const TrainingJob& job) {
  Sum sum(job);
  for (const Tower& tower : job.model.towers) {
    sum.add(tower);
  }
  return sum.finish();
}

}  // namespace sim
