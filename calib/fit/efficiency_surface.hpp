#pragma once
// Fits the smooth remainder of a table of GEMM times.
#include <span>
#include <vector>

#include "calib/efficiency_surface.hpp"
#include "calib/record.hpp"

namespace calib {

/// The surface that brings `errors`, log(measured / modelled) of `records` in their order, near zero:
/// soft-L1 least squares over its nodes under a prior that keeps every node near zero and near its
/// neighbours (a ridge with first differences; Eilers and Marx, Statistical Science 11, 1996). The
/// prior's two weights are the same for all devices and number formats, chosen by the errors on
/// groups left out. Deterministic.
EfficiencySurface fit_efficiency_surface(std::span<const GemmRecord> records,
                                         std::span<const double> errors);

}  // namespace calib
