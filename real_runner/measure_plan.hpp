#pragma once
// The figures of a plan one after the other. What cannot be had is left out, and one figure that
// fails does not take the others with it, as long as the device still answers.
#include <functional>
#include <optional>
#include <string>

#include "calib/records.hpp"
#include "real_runner/plan.hpp"

namespace real_runner {

/// What is done with each figure. The device is behind these, so that the rest needs none.
struct Measuring {
  /// Asked before each figure: whether, and why, to stop.
  std::function<std::optional<std::string>()> reason_to_stop;
  /// Fills in the figures. @throws NotHere, topology::RuntimeFailure
  std::function<void(calib::Measurement&)> measure;
  /// After a failure: whether the device still answers and nobody waits for this process.
  std::function<bool()> may_go_on;
  std::function<void(const calib::Measurement&)> keep;
  std::function<void(const calib::Measurement&, const std::string&why)> left_out, failed;
};

/// Failures in a row after which it is not one figure's fault.
inline constexpr int kFailuresInARow = 5;

/// Measures all of the plan; the reason if it stopped early.
/// @throws topology::RuntimeFailure the failure after which it may not go on, and whatever keep()
/// throws
std::optional<std::string> measure_plan(const Plan& plan, const Measuring& measuring);

}  // namespace real_runner
