#pragma once
// Coefficients of the collective cost model of one accelerator and its scale-up network, plus the scale-out
// networks that its library knows. Plain values; evaluated by sim/collective.
#include "calib/profile.hpp"
#include "topology/hardware.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace calib {

struct CollectiveProfile {
  std::string id;
  std::vector<std::string> warnings;
  double efficiency = 0.8;  ///< of the line rate, inside and outside of a domain
};

}  // namespace calib
