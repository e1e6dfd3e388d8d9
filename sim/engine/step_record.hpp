#pragma once
// What a flow simulation tells of the first step of its first job: the parts of its time and its
// timeline. Internal to sim/engine.
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/engine/closed_form.hpp"
#include "sim/engine/timeline.hpp"
#include "sim/step/graph.hpp"

namespace sim {

class StepRecord {
 public:
  enum class Keep : std::uint8_t { Parts, PartsAndTimeline };

  /// `graph` outlives it.
  StepRecord(const StepGraph& graph, Keep keep);

  void add(const Span& span) {
    if (keep_ == Keep::PartsAndTimeline) {
      timeline_.spans.push_back(span);
    }
  }

  /// What a pass of the reported worker of `stage` took beyond its uncontended time: contention of
  /// its collectives, or the gather it ran beside.
  void add_wait(int stage, const Pass& pass, units::Seconds beyond);

  /// The step took `step`; the reported worker of the busiest stage ended `after_passes` after its
  /// last pass.
  void end(units::Seconds step, units::Seconds after_passes);

  [[nodiscard]] int busiest_stage() const { return time_.busiest_stage; }
  /// Whole after end().
  [[nodiscard]] const StepTime& time() const { return time_; }
  [[nodiscard]] Timeline take_timeline() { return std::move(timeline_); }

 private:
  const StepGraph& graph_;
  Keep keep_;
  StepTime time_;
  std::vector<PartTimes> waited_;  ///< [stage]
  Timeline timeline_;
};

}  // namespace sim
