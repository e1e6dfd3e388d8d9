#pragma once
// Profiles as the text of their files. Same profile, same bytes.
#include <string>

#include "calib/collective_profile.hpp"
#include "calib/profile.hpp"

namespace calib {

std::string profile_text(const DeviceProfile& profile);

/// A file may also hold this text under "collectives" of a device profile, as `gpuplan calibrate`
/// writes both; read_collective_profile finds it there.
std::string collective_profile_text(const CollectiveProfile& profile);

}  // namespace calib
