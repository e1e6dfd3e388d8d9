#pragma once
// Power of a device when idle and under three kinds of steady load.
#include "calib/records.hpp"
#include "real_runner/collectives.hpp"
#include "real_runner/gemm.hpp"

namespace real_runner {

/// Fills in the figures of an idle, a memory-bound or a compute-bound device.
/// @throws NotHere where the driver tells no power
void measure(const Device& device, const Blas& blas, calib::PowerMeasurement& what);

/// Of communication-bound devices, all ranks; they must call it alike.
void measure_communication(CollectiveBench& collectives, calib::PowerMeasurement& what);

}  // namespace real_runner
