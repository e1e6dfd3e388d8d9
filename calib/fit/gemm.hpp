#pragma once
// Fits the tile-and-wave model to a table of GEMM times.
#include <cstdint>
#include <span>
#include <vector>

#include "calib/fitted.hpp"
#include "calib/gemm_model.hpp"
#include "calib/record.hpp"
#include "calib/statistics.hpp"

namespace calib {

/// Whether the measured call casts A to the narrow format itself, as fp8 and nvfp4 tables do.
enum class Cast { None, Measured };

struct GemmFit {
  GemmCoefficients coefficients;
  int parameters = 0;   ///< that were free
  Residual all, large;  ///< all records; those with m >= 1024
  Residual
      cross_validated;  ///< all records, each predicted by a fit that saw no record of its (n, k)
  Residual cross_validated_large;
  FittedParameters fitted;        ///< with standard errors and named outliers
  std::vector<HeldOut> held_out;  ///< in the order of the records; group = fold
};

/// Soft-L1 fit of log(predicted / measured). Records with m >= 1024, which training is made of,
/// weigh 2. Of several fixed starts the best end counts; what it leaves over becomes the efficiency
/// surface. Cross-validation in five folds of whole
/// (n, k) groups. Deterministic.
/// @throws topology::InputError for fewer than 50 records.
GemmFit fit_gemm(std::span<const GemmRecord> records, const GemmDevice& device, Cast cast);

/// The smallest m of a "large" record.
inline constexpr std::int64_t kLargeRows = 1024;

}  // namespace calib
