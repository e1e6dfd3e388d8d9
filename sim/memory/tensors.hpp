#pragma once
// What one rank keeps in device memory: a list of tensors, on the pipeline stage that needs most.
#include <string_view>
#include <vector>

#include "sim/training_job.hpp"
#include "topology/units.hpp"

namespace sim {

/// Kinds of memory, as the report's table names them.
enum class MemoryKind {
  Parameters,
  Gradients,
  OptimizerStates,
  Activations,
  WorkingSet,
  Logits,
  Reserved,
  Fragmentation
};
std::string_view name(MemoryKind kind);

/// One tensor or a family of alike ones.
struct Tensor {
  MemoryKind kind = MemoryKind::Parameters;
  std::string_view name;  ///< "qkv", "main gradient"; a literal
  units::Bytes size;
};

struct MemoryUse {
  int stage = 0;  ///< the heaviest
  std::vector<Tensor> tensors;
  units::Bytes total;
  units::Bytes capacity;
  [[nodiscard]] bool fits() const { return total <= capacity; }
  [[nodiscard]] units::Bytes of(MemoryKind kind) const;
};

/// Peak memory of the heaviest rank. Model states: ZeRO paper (arXiv 1910.02054) table 1 and
/// Megatron-LM's docs/source/api-guide/dist_optimizer.md; activations: tensors that the backward
/// pass needs, counted one by one (checked against arXiv 2205.05198 table 2), times the
/// micro-batches in flight of the stage's schedule.
MemoryUse memory_use(const TrainingJob& job);

/// Activation bytes that one layer keeps for one micro-batch on one rank.
std::vector<Tensor> layer_activations(const TrainingJob& job, LayerKind kind);

/// Chunk activations that a stage holds at its peak: passes done forward and not yet backward.
int chunks_in_flight(const TrainingJob& job, int stage);

}  // namespace sim
