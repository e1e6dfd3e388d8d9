#include "calib/profile_file.hpp"

#include <nlohmann/json.hpp>

#include "topology/error.hpp"
#include "topology/import/text_file.hpp"

namespace calib {

ProfileFile read_profile_file(const std::filesystem::path& file) {
  constexpr std::size_t kLargest = std::size_t{4} << 20U;
  const auto json = nlohmann::json::parse(topology::read_text_file(file, kLargest), nullptr,
                                          /*allow_exceptions=*/false);
  ProfileFile found;
  if (json.is_object() && json.contains("gemm")) {
    found.device = read_profile(file);
  }
  if (json.is_object() && (json.contains("collectives") || json.contains("ring"))) {
    found.collectives = read_collective_profile(file);
  }
  if (!found.device && !found.collectives) {
    throw topology::InputError({.file = file.string()}, "",
                               "is no profile, expected the file that gpuplan calibrate writes");
  }
  return found;
}

}  // namespace calib
