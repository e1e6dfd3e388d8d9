#pragma once
// How fast a device computes for hours that nobody measured, or under a power cap.
#include "calib/profile.hpp"
#include "sim/workload/part.hpp"
#include "topology/hardware.hpp"

namespace sim {

/// The clock at which dynamic power (above idle) is `power` times what it was, relative to before:
/// it grows as the cube of the clock (frequency times voltage squared, with voltage in proportion).
/// Source: Mudge, "Power: A First-Class Architectural Design Constraint", IEEE Computer 34(4),
/// 2001.
/// @pre power >= 0
double clock_at(double power);

/// Speed of kernels of a kind under a power cap, relative to none: clock_at() of the cap over what
/// they draw (power_share). 0.7 x TDP gives 0.89 on H100, published: 10 to 15 % lost.
/// @param cap  above the idle power, else the result is 0.
double capped_speed(const topology::Accelerator& accelerator, units::Watts cap,
                    Part part = Part::Gemm);

/// `profile` was measured on `measured` and already transferred to `to`. For the same die under
/// another rated power (compute units and dense peak alike) matrix products run where dynamic power
/// meets it, see clock_at(). H100 at 500 W against 700 W: 0.88. The measured clock already is what
/// the rated power leaves, so what products draw of it (power_share) does not count, as it does in
/// capped_speed().
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
