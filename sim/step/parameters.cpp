#include "sim/step/parameters.hpp"

#include <algorithm>

namespace sim {

StepParameters with_measured(StepParameters fitted, const calib::DeviceExtras& measured) {
  if (measured.gemm_beside_collective) {
    fitted.overlap_tax = std::max(0.0, *measured.gemm_beside_collective - 1.0);
  }
  return fitted;
}

}  // namespace sim
