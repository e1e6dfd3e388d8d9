#include "sim/step/graph.hpp"

#include <algorithm>

namespace sim {

namespace {
units::Seconds tax(const std::vector<Sync>& syncs, units::Seconds cover) {
  units::Seconds hideable;
  for (const Sync& s : syncs) {
    hideable += s.hideable.cost.time;
  }
  return CostModel::kOverlapTax * std::min(hideable, cover);
}
}  // namespace

units::Seconds gather_tax(const StepGraph& g, const ChunkClass& chunk) {
  return g.overlap_gather ? tax(chunk.gather_parameters, chunk.forward.duration) : units::Seconds{};
}

units::Seconds reduce_tax(const StepGraph& g, const ChunkClass& chunk) {
  return g.overlap_reduce ? tax(chunk.reduce_gradients, chunk.backward.duration) : units::Seconds{};
}

}  // namespace sim
