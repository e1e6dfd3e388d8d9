#pragma once
// Fits launch cost and streaming efficiency of kernels that memory traffic bounds.
#include <span>
#include <vector>

#include "calib/fit/calibration_set.hpp"
#include "calib/profile.hpp"

namespace calib {

struct MemoryBoundFit {
  MemoryCoefficients coefficients;
  Residual all, cross_validated;  ///< by fits that saw no record of the same operator
  FittedParameters fitted;
  std::vector<HeldOut> held_out;
};

/// time = launch + bytes / (bandwidth * efficiency), robust in log(predicted / measured).
/// @throws topology::InputError for fewer than 10 records.
MemoryBoundFit fit_memory_bound(std::span<const CalibrationSet::Of<MemoryBoundMeasurement>> records,
                                units::BytesPerSecond bandwidth);

}  // namespace calib
