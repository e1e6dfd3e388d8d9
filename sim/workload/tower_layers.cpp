#include "sim/workload/tower_layers.hpp"

#include <algorithm>

#include "sim/workload/tower_builder.hpp"

namespace sim {

namespace {

TowerBuilder built(const Tower& tower) {
  TowerBuilder builder(tower.input);
  for (const Block& block : tower.blocks) {
    for (int i = 0; i < block.repeat; ++i) {
      builder.begin_block();
      if (block.pop) {
        builder.pop();
      }
      append_block(builder, block, i == 0 ? block.stride : Extent{});
      if (block.push) {
        builder.push();
      }
    }
  }
  return builder;
}

double layer_flops(const TowerLayer& l) {
  switch (l.work) {
    case TowerWork::Product:
      return 2.0 * l.rows * l.columns * l.depth * l.groups;
    case TowerWork::Depthwise:
      return 2.0 * l.outputs * l.taps;
    case TowerWork::Attention: {
      const calib::AttentionShape& a = l.attention;
      const double kept = a.mask == calib::Mask::Causal ? 0.5 : 1.0;
      return 4.0 * kept * l.outputs * static_cast<double>(a.key_length);
    }
    case TowerWork::Norm:
    case TowerWork::Activation:
    case TowerWork::Addition:
    case TowerWork::Gate:
    case TowerWork::Movement:
      break;
  }
  return 0.0;
}

}  // namespace

std::vector<TowerLayer> tower_layers(const Tower& tower) {
  return built(tower).take();
}

FeatureMap tower_output(const Tower& tower) {
  return built(tower).map();
}

int block_count(const std::vector<Tower>& towers) {
  int count = 0;
  for (const Tower& tower : towers) {
    for (const Block& block : tower.blocks) {
      count += block.repeat;
    }
  }
  return count;
}

double largest_block(const std::vector<Tower>& towers) {
  double largest = 0.0;
  for (const Tower& tower : towers) {
    double block = 0.0;
    int current = -1;
    for (const TowerLayer& layer : tower_layers(tower)) {
      block = (layer.block == current ? block : 0.0) + layer.parameters;
      current = layer.block;
      largest = std::max(largest, block);
    }
  }
  return largest;
}

double parameters(const Tower& tower) {
  double sum = 0.0;
  for (const TowerLayer& layer : tower_layers(tower)) {
    sum += layer.parameters;
  }
  return sum;
}

double forward_flops(const Tower& tower) {
  double sum = 0.0;
  for (const TowerLayer& layer : tower_layers(tower)) {
    sum += layer_flops(layer);
  }
  return sum;
}

TowerTotals totals(const std::vector<Tower>& towers) {
  TowerTotals t;
  for (const Tower& tower : towers) {
    const double count = parameters(tower);
    const double flops = tower.samples * forward_flops(tower);
    // A backward pass has two products for each of the forward pass; one where weights are frozen.
    const double passes = tower.training == TowerTraining::Full     ? 3.0
                          : tower.training == TowerTraining::Frozen ? 1.0
                                                                    : 2.0;
    t.parameters += count;
    t.trained += tower.training == TowerTraining::Full ? count : 0.0;
    t.forward += flops;
    t.model += passes * flops;
    t.recomputable += tower.training == TowerTraining::Frozen ? 0.0 : flops;
  }
  return t;
}

}  // namespace sim
