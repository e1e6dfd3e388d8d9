#pragma once
// Records of one device in, its profile out.
#include <string_view>

#include "calib/fit/calibration_set.hpp"
#include "calib/profile.hpp"

namespace calib {

/// Fits all that `set` has enough records of: GEMM of each number format (50 or more), attention
/// forward (50) and backward (10), memory-bound kernels (10), launches, overlap and power
/// (medians). What it has too few of comes from `parent`, and is listed in source.transferred.
/// Residuals by kind: "gemm bf16", "gemm bf16 m>=1024", both with "cross-validated", "attention
/// forward", ...; bands of held-out records by kind. `parent`: a profile of the same or of a
/// related device, with `hardware` those of this one.
DeviceProfile fit_device(const CalibrationSet& set, const DeviceProfile& parent);

/// A parent out of reference figures and papers alone, for devices with a full set of tables.
/// @throws topology::InputError for a device that is not in reference_devices().
DeviceProfile reference_parent(std::string_view accelerator);

}  // namespace calib
