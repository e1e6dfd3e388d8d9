#include "sim/engine/step_record.hpp"

namespace sim {

using units::Seconds;

StepRecord::StepRecord(const StepGraph& graph, Keep keep)
    : graph_(graph), keep_(keep), waited_(static_cast<std::size_t>(graph.pp)) {
  time_.busiest_stage = closed_form(graph).busiest_stage;
}

void StepRecord::add_wait(int stage, const Pass& pass, Seconds beyond) {
  const Part part = pass.network.empty() ? Part::DpComm : pass.network.front().collective.part;
  waited_[static_cast<std::size_t>(stage)][part] += beyond;
}

void StepRecord::end(Seconds step, Seconds after_passes) {
  const auto busiest = static_cast<std::size_t>(time_.busiest_stage);
  time_.step = step;
  time_.parts = stage_parts(graph_, time_.busiest_stage);
  time_.parts += waited_[busiest];
  time_.parts[Part::DpComm] += after_passes - graph_.tails[busiest].parts.total();
  time_.parts[Part::Bubble] += time_.step - time_.parts.total();
}

}  // namespace sim
