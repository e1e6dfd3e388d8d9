#pragma once
// The fitted profiles that the catalog ships, by accelerator.
#include <filesystem>
#include <map>
#include <string>

#include "calib/collective_profile.hpp"
#include "calib/profile.hpp"
#include "scenarios/catalog.hpp"
#include "topology/hardware.hpp"

namespace scenarios {

/// Kernel and collective models of one accelerator, under the steady load of training.
struct DeviceModels {
  calib::DeviceProfile device;
  calib::CollectiveProfile collectives;
};

/// Reads each profile once; an accelerator that nobody measured, or whose peaks, bandwidth, units
/// or power a scenario changes, gets its nearest relative's (Accelerator::profile), transferred,
/// with a warning that says so. References stay valid as long as the store.
class ProfileStore {
 public:
  /// `catalog`: the directory that has profiles/ in it. `given`: see use(); empty: none.
  /// @throws topology::InputError if `given` is no profile.
  explicit ProfileStore(const std::filesystem::path& catalog,
                        const std::filesystem::path& given = {});
  /// @throws topology::InputError if the profile cannot be read.
  const DeviceModels& models(const topology::Accelerator& accelerator);
  /// Takes kernels, collectives or both from `file` (as `gpuplan calibrate` writes it) for the
  /// accelerator that it names, instead of the catalog's.
  /// @throws topology::InputError if it is no profile.
  void use(const std::filesystem::path& file);
  /// The collective models of an accelerator, of its own or of its nearest relative.
  calib::CollectiveProfile collectives(const topology::Accelerator& accelerator) const;
  /// The kernel profile as it was measured, not under steady load; null where `id` was not measured
  /// itself.
  const calib::DeviceProfile* measured(const std::string& id);

 private:
  Catalog catalog_;
  std::filesystem::path directory_;
  std::map<std::string, DeviceModels> models_;  ///< by name and figures
  std::map<std::string, calib::DeviceProfile> measured_;
  std::map<std::string, calib::DeviceProfile> given_;
  std::map<std::string, calib::CollectiveProfile> given_collectives_;
};

}  // namespace scenarios
