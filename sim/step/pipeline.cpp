#include "sim/step/pipeline.hpp"

#include <algorithm>

#include "sim/step/graph.hpp"

namespace sim {

namespace {

/// All passes of one direction in the order in which a stage starts them.
std::vector<PassRef> pass_order(int micro_batches, int pp, int virtual_stages, bool forward) {
  std::vector<PassRef> order;
  order.reserve(static_cast<std::size_t>(micro_batches) * static_cast<std::size_t>(virtual_stages));
  const int group = virtual_stages > 1 ? pp : micro_batches;
  for (int first = 0; first < micro_batches; first += group) {
    const int last = std::min(first + group, micro_batches);
    for (int i = 0; i < virtual_stages; ++i) {
      const int chunk = forward ? i : virtual_stages - 1 - i;
      for (int mb = first; mb < last; ++mb) {
        order.push_back({.micro_batch = mb,
                         .virtual_stage = static_cast<std::int16_t>(chunk),
                         .forward = forward});
      }
    }
  }
  return order;
}

/// Runs the weight gradients of a 1F1B order: each stage keeps as many waiting as it is stages from
/// the first, so that what it holds never exceeds that of the first stage under 1F1B.
std::vector<PassRef> with_weight_passes(const std::vector<PassRef>& order, int stage) {
  std::vector<PassRef> all;
  all.reserve(order.size() * 3 / 2);
  int backward = 0;
  int weight = 0;
  const auto add_weight = [&] {
    all.push_back({.micro_batch = weight++, .forward = false, .weight = true});
  };
  for (const PassRef& pass : order) {
    all.push_back(pass);
    if (!pass.forward && ++backward > weight + stage) {
      add_weight();
    }
  }
  while (weight < backward) {
    add_weight();
  }
  return all;
}

}  // namespace

std::vector<PassRef> stage_schedule(const StepGraph& g, int stage) {
  const std::vector<PassRef> forward = pass_order(g.micro_batches, g.pp, g.virtual_stages, true);
  const std::vector<PassRef> backward = pass_order(g.micro_batches, g.pp, g.virtual_stages, false);
  const int behind = g.pp - stage - 1;
  const int warm_up = g.virtual_stages > 1 ? 2 * behind + (g.virtual_stages - 1) * g.pp : behind;
  const std::size_t ahead = std::min(forward.size(), static_cast<std::size_t>(warm_up));
  std::vector<PassRef> order(forward.begin(), forward.begin() + static_cast<std::ptrdiff_t>(ahead));
  order.reserve(2 * forward.size());
  std::size_t done = 0;
  for (std::size_t i = ahead; i < forward.size(); ++i) {
    order.push_back(forward[i]);
    order.push_back(backward[done++]);
  }
  order.insert(order.end(), backward.begin() + static_cast<std::ptrdiff_t>(done), backward.end());
  return g.splits_backward() ? with_weight_passes(order, stage) : order;
}

}  // namespace sim
