#include "scenarios/profiles.hpp"

#include "calib/collective_catalog.hpp"
#include "calib/steady_load.hpp"

namespace scenarios {

ProfileStore::ProfileStore(const std::filesystem::path& catalog)
    : directory_(catalog / "profiles") {}

const DeviceModels& ProfileStore::models(const topology::Accelerator& accelerator) {
  if (const auto known = models_.find(accelerator.id); known != models_.end()) {
    return known->second;
  }
  const std::string id = accelerator.profile.empty() ? accelerator.id : accelerator.profile;
  calib::DeviceProfile device = calib::read_profile(directory_ / (id + ".json"));
  if (device.accelerator != accelerator.id) {
    device = calib::transfer(device, accelerator);
  }
  DeviceModels models{.device = calib::under_steady_load(std::move(device)),
                      .collectives = calib::collective_profile_for(accelerator, directory_)};
  return models_.emplace(accelerator.id, std::move(models)).first->second;
}

const calib::DeviceProfile* ProfileStore::measured(const std::string& id) {
  if (const auto known = measured_.find(id); known != measured_.end()) {
    return &known->second;
  }
  const std::filesystem::path file = directory_ / (id + ".json");
  if (!std::filesystem::exists(file)) {
    return nullptr;
  }
  return &measured_.emplace(id, calib::read_profile(file)).first->second;
}

}  // namespace scenarios
