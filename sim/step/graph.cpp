#include "sim/step/graph.hpp"

#include <algorithm>

namespace sim {

namespace {
units::Seconds tax(double overlap_tax, const std::vector<Sync>& syncs, units::Seconds cover) {
  units::Seconds hideable;
  for (const Sync& s : syncs) {
    hideable += s.hideable.cost.time;
  }
  return overlap_tax * std::min(hideable, cover);
}
}  // namespace

units::Seconds gather_tax(const StepGraph& g, const ChunkClass& chunk) {
  return g.overlap_gather ? tax(g.overlap_tax, chunk.gather_parameters, chunk.forward.duration)
                          : units::Seconds{};
}

units::Seconds reduce_tax(const StepGraph& g, const ChunkClass& chunk) {
  return g.overlap_reduce
             ? tax(g.overlap_tax, chunk.reduce_gradients, g.gradient_pass(chunk).duration)
             : units::Seconds{};
}

}  // namespace sim
