#pragma once
// Kernel tables are made of short isolated calls; a training step keeps the device busy for hours.
#include "calib/profile.hpp"

namespace calib {

/// The profile of the same device at its sustained clock: every GEMM runs as slow as the longest
/// measured ones do. The fit finds how far the clock falls while a long GEMM runs (throttle) and
/// how fast (throttle_time); under steady load the fall is complete whatever the length of a single
/// kernel.
DeviceProfile under_steady_load(DeviceProfile profile);

}  // namespace calib
