#pragma once
// What all workers of a pipeline stage have in common in a flow simulation. Internal to sim/engine.
#include <cstdint>
#include <vector>

#include "sim/step/graph.hpp"
#include "sim/step/pipeline.hpp"

namespace sim {

/// Collectives of the network stream of a stage, in order: pieces of gathers and reductions.
using SyncItems = std::vector<const TimedCollective*>;

/// What all workers of a stage have in common.
struct StageProgram {
  std::vector<PassRef> schedule;
  SyncItems network;  ///< gathers, then reductions, then gathers after the optimizer
  std::vector<std::uint32_t>
      gather_begin;  ///< [v] items done before the first forward pass of v may start
  std::vector<std::uint32_t> gather_end;  ///< [v] ... may end
  std::vector<std::uint32_t>
      reduce_hide;  ///< [v] items released when the last gradient pass of v starts
  std::vector<std::uint32_t> reduce_all;  ///< [v] ... ends
  std::uint32_t before_tail = 0;          ///< items done before the optimizer may start
};

StageProgram stage_program(const StepGraph& graph, int stage);

}  // namespace sim
