#pragma once
// A StepGraph as execution traces, for simulators that read those.
#include <vector>

#include "sim/engine/flow_groups.hpp"
#include "sim/engine/stage_program.hpp"
#include "sim/plan/layout.hpp"
#include "sim/step/graph.hpp"
#include "sim/trace/execution_trace.hpp"

namespace sim {

/// Writes what flow simulation runs: of each rank the passes of its schedule with their collectives
/// across scale-up domains, sends and receives between stages, the data-parallel collectives on a
/// chain of their own, the optimizer and the host's share. Collectives inside a scale-up domain
/// that are part of a pass stay in the time of its compute nodes. Refers to values that outlive it.
class StepExport {
 public:
  StepExport(const StepGraph& graph, const Layout& layout);
  [[nodiscard]] int ranks() const {
    return static_cast<int>(grid_.count()) * grid_.ranks_per_worker();
  }
  /// Linear in the passes of a rank.
  [[nodiscard]] ExecutionTrace trace(int rank) const;

 private:
  const StepGraph& graph_;
  WorkerGrid grid_;
  std::vector<StageProgram> programs_;
};

}  // namespace sim
