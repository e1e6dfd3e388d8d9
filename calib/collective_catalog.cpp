#include "calib/collective_catalog.hpp"

#include <string>

namespace calib {
namespace {

std::filesystem::path file_of(const std::filesystem::path& folder, const std::string& accelerator) {
  return folder / ("collectives-" + accelerator + ".json");
}

std::string nearest_relative(const topology::Accelerator& to, const std::filesystem::path& folder) {
  switch (to.scale_up.kind) {
    case topology::ScaleUpKind::Torus:
      return "torus";
    case topology::ScaleUpKind::Mesh:
      return to.vendor == "NVIDIA" ? "a100-80" : "mi300x";
    case topology::ScaleUpKind::Pcie:
      return "l40s";
    case topology::ScaleUpKind::Switched:
    case topology::ScaleUpKind::None:
      break;
  }
  const bool relative = !to.profile.empty() && std::filesystem::exists(file_of(folder, to.profile));
  return relative ? to.profile : "h100-sxm";
}

}  // namespace

CollectiveProfile collective_profile_for(const topology::Accelerator& to,
                                         const std::filesystem::path& folder) {
  const std::filesystem::path own = file_of(folder, to.id);
  if (std::filesystem::exists(own)) {
    return read_collective_profile(own);
  }
  return transfer_collectives(
      read_collective_profile(file_of(folder, nearest_relative(to, folder))), to);
}

}  // namespace calib
