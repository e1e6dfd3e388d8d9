#pragma once
// All that a prediction says about one step, as values: printing and drawing happen elsewhere.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sim/engine/closed_form.hpp"
#include "sim/engine/timeline.hpp"
#include "sim/memory/tensors.hpp"
#include "sim/power/power.hpp"
#include "sim/step/graph.hpp"
#include "sim/training_job.hpp"

namespace sim {

/// A value with the range that the profile's uncertainty gives it.
template <class T>
struct Bounded {
  T value, low, high;
};

/// One step down from the peak rate of the accelerator to the rate achieved.
struct WaterfallStep {
  std::string what;            ///< "kernels below peak", "tp_comm", ...
  units::FlopsPerSecond lost;  ///< model FLOP/s per accelerator
  units::FlopsPerSecond left;  ///< after this loss
};

struct StepReport {
  Bounded<units::Seconds> step;
  Bounded<double> mfu;            ///< model FLOPs, causal half of attention, over the dense peak
  double mfu_full_attention = 0;  ///< the same with all s x s products counted (older convention)
  double hfu = 0;                 ///< with recomputation
  double tokens_per_second = 0;   ///< samples of a model of towers
  units::FlopsPerSecond model_flops_rate;  ///< per accelerator
  units::FlopsPerSecond peak;              ///< dense, in the precision of the linear layers
  PartTimes parts;                         ///< add up to step.value
  std::array<std::optional<calib::Band>, kParts> part_bands;  ///< see part_band()
  int busiest_stage = 0;
  int micro_batches = 0;
  double bubble_share = 0;
  std::vector<WaterfallStep> waterfall;
  MemoryUse memory;
  StepPower power;
  double parameters = 0, active_parameters = 0;
  bool counts_samples = false;  ///< a model of towers
  std::vector<std::string> warnings;
};

/// The 90 % band of what a step spends on a part, as factors on it: the mean band of the profile's
/// kernels or collectives of that kind, as if all calls erred the same way. Nothing for what no
/// profile measures: optimizer, host, bubble, stragglers, copies, input.
std::optional<calib::Band> part_band(Part part, const Profiles& profiles);

/// The 90 % band of a step's time, as factors on it (value = 1): each kind of operator contributes
/// its share of the step times the mean band of its profile; kinds err independently. Never
/// narrower than the band of measured whole steps (calib::DeviceProfile::bands, "step").
Bounded<double> step_band(const PartTimes& parts, units::Seconds step, const Profiles& profiles);

/// @pre `time` is of `graph`, which was built from `job`.
StepReport step_report(const TrainingJob& job, const StepGraph& graph, const StepTime& time,
                       const Profiles& profiles);

}  // namespace sim
