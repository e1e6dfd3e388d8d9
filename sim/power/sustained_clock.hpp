#pragma once
// How fast a device that nobody measured computes for hours, next to the one whose profile it
// borrows.
#include "calib/profile.hpp"
#include "topology/hardware.hpp"

namespace sim {

/// `profile` was measured on `measured` and already transferred to `to`. For the same die under
/// another power cap (compute units and dense peak alike) matrix products run where dynamic power,
/// which grows as the cube of the clock (frequency times voltage squared, with voltage in
/// proportion), meets the cap, so rates scale with the cube root of (cap - idle). Source of the
/// cubic law: Mudge, "Power: A First-Class Architectural Design Constraint", IEEE Computer 34(4),
/// 2001. H100 at 500 W against 700 W: 0.88.
///
/// Anything else stays as it is.
calib::DeviceProfile at_sustained_clock(calib::DeviceProfile profile,
                                        const topology::Accelerator& measured,
                                        const topology::Accelerator& to);

}  // namespace sim
