#pragma once
// What a fitted profile says of each measurement it was made of, for plots and tables.
#include <string>
#include <vector>

#include "scenarios/calibrate.hpp"

namespace scenarios {

/// A measurement in one plot; some stand in several, by size and by shape.
struct ResidualPoint {
  std::string plot;    ///< "GEMM bf16: error by size"
  std::string x_name;  ///< "FLOP"
  std::string series;  ///< "m below 64"
  double x = 0.0;
  units::Seconds measured{}, predicted{};

  [[nodiscard]] double error() const { return predicted / measured - 1.0; }
};

/// In the order of the records; plots in the order in which they are to be shown.
std::vector<ResidualPoint> residual_points(const Calibration& calibration);

/// The same as CSV: plot, series, x_name, x, measured_s, predicted_s, error.
std::string residual_csv(const Calibration& calibration);

}  // namespace scenarios
