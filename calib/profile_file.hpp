#pragma once
// A file that `gpuplan calibrate` wrote: kernels, collectives, or both.
#include <filesystem>
#include <optional>

#include "calib/collective_profile.hpp"
#include "calib/profile.hpp"

namespace calib {

struct ProfileFile {
  std::optional<DeviceProfile> device;
  std::optional<CollectiveProfile> collectives;
};

/// @throws topology::InputError naming file and key if it is neither.
ProfileFile read_profile_file(const std::filesystem::path& file);

}  // namespace calib
