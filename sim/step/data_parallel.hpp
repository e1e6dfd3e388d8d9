#pragma once
// What data-parallel ranks exchange: gradients, sharded parameters; and the optimizer after it.
#include <vector>

#include "sim/plan/rank_parameters.hpp"
#include "sim/step/cost.hpp"
#include "sim/step/layer_times.hpp"

namespace sim {

/// ZeRO-2 and -3 (FSDP): each layer gathers its parameters before it runs, and scatters its
/// gradients, beside the compute of its neighbours. Does nothing for other sharding.
void add_parameter_traffic(LayerTimes& layer, const CostModel& costs,
                           const RankParameters& parameters);
/// The same for the unit that nothing can hide: embedding and head are FSDP's root.
void add_root_parameter_traffic(LayerTimes& layer, const CostModel& costs,
                                const RankParameters& parameters);

RankParameters chunk_parameters(const TrainingJob& job, const ChunkContents& contents);

/// DDP, ZeRO-1 and HSDP's outer group: gradients once per step, and the gather of updated
/// parameters.
/// @pre chunk.parameters is set
void add_data_parallel(ChunkClass& chunk, const CostModel& costs);

/// What the optimizer step of a stage reads and writes in the memory of each of its ranks.
units::Bytes optimizer_traffic(const CostModel& costs, const StepGraph& graph, int stage);

/// Optimizer and what nothing overlaps, for every stage. @pre the graph has its chunks
std::vector<StageTail> stage_tails(const CostModel& costs, const StepGraph& graph);

}  // namespace sim
