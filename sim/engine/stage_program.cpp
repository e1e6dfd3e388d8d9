#include "sim/engine/stage_program.hpp"

namespace sim {

using units::Seconds;

namespace {

std::uint32_t size_of(const SyncItems& items) {
  return static_cast<std::uint32_t>(items.size());
}

void append(SyncItems& items, const std::vector<Sync>& syncs, const TimedCollective Sync::*piece) {
  for (const Sync& s : syncs) {
    if ((s.*piece).cost.time > Seconds{}) {
      items.push_back(&(s.*piece));
    }
  }
}

}  // namespace

StageProgram stage_program(const StepGraph& g, int stage) {
  StageProgram p;
  p.schedule = stage_schedule(g, stage);
  const auto v_count = static_cast<std::size_t>(g.virtual_stages);
  p.gather_begin.assign(v_count, 0);
  p.gather_end.assign(v_count, 0);
  p.reduce_hide.assign(v_count, 0);
  p.reduce_all.assign(v_count, 0);
  const auto gathers = [&](bool gate) {
    for (std::size_t v = 0; v < v_count; ++v) {
      const ChunkClass& chunk = g.chunk(stage, static_cast<int>(v));
      append(p.network, chunk.gather_parameters, &Sync::bucket);
      p.gather_begin[v] = gate ? size_of(p.network) : 0;
      append(p.network, chunk.gather_parameters, &Sync::hideable);
      p.gather_end[v] = gate ? size_of(p.network) : 0;
    }
  };
  if (g.overlap_gather) {
    gathers(true);
  }
  for (std::size_t v = v_count; v-- > 0;) {
    const ChunkClass& chunk = g.chunk(stage, static_cast<int>(v));
    append(p.network, chunk.reduce_gradients, &Sync::hideable);
    p.reduce_hide[v] = size_of(p.network);
    append(p.network, chunk.reduce_gradients, &Sync::bucket);
    p.reduce_all[v] = size_of(p.network);
  }
  p.before_tail = size_of(p.network);
  if (!g.overlap_gather) {
    gathers(false);
  }
  return p;
}

}  // namespace sim
