#pragma once
// The cost of a collective as a textbook has it.
#include "calib/collective_profile.hpp"
#include "topology/hardware.hpp"

namespace calib {

/// Every link runs at its line rate and costs its own latency, software costs nothing, and only the
/// Simple protocol is used.
CollectiveProfile textbook_profile(const topology::ScaleUp& scale_up);

}  // namespace calib
