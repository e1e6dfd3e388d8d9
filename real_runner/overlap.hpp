#pragma once
// A product beside a collective: how much either slows the other down.
#include "calib/records.hpp"
#include "real_runner/collectives.hpp"
#include "real_runner/gemm.hpp"
#include "real_runner/stopwatch.hpp"

namespace real_runner {

/// Fills in the times and `what.measured`, with a copy on what.stand_in_sms multiprocessors in the
/// collective's place.
void measure_with_stand_in(const Device& device, const Blas& blas, const SamplingPolicy& policy,
                           int candidates, calib::OverlapMeasurement& what);

/// The same with the collective itself, on all ranks, which must call it alike.
void measure_with_collective(CollectiveBench& collectives, const std::vector<const Blas*>& blas,
                             const SamplingPolicy& policy, int candidates,
                             calib::OverlapMeasurement& what);

}  // namespace real_runner
