#pragma once
// Device profiles against tables of kernel times.
#include <filesystem>
#include <functional>
#include <string>

#include "calib/profile.hpp"
#include "calib/validation.hpp"

namespace calib {

/// The profile of a catalog accelerator; null where there is none. Pointers stay valid during the
/// call.
using ProfileLookup = std::function<const DeviceProfile*(const std::string& accelerator)>;

/// Rows in the order of the table (row i is its i-th data row), id "line N", times in microseconds,
/// label `source` = number format. A row without a profile is skipped with its reason.
/// @throws topology::InputError if the table cannot be read.
Validation validate_gemm(const std::filesystem::path& table, const ProfileLookup& profiles);
Validation validate_attention(const std::filesystem::path& table, const ProfileLookup& profiles);

}  // namespace calib
