#pragma once
// How fast a device computes for hours that nobody measured, or under a power cap.
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

/// The profile of the same device under `accelerator.power_cap`: kernels that would draw more run
/// as slow as the cap asks for (capped_speed), matrix products first, then attention, then what is
/// bound by memory. Transfers over links keep their speed.
/// @pre the cap is 0 (none) or above what transfers draw, see least_power_cap
calib::DeviceProfile at_power_cap(calib::DeviceProfile profile,
                                  const topology::Accelerator& accelerator);

/// Below it transfers over links would slow too, which is not modelled.
units::Watts least_power_cap(const topology::Accelerator& accelerator);

}  // namespace sim
