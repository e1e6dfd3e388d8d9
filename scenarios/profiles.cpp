#include "scenarios/profiles.hpp"

#include <tuple>

#include <fmt/format.h>

#include "calib/collective_catalog.hpp"
#include "calib/profile_file.hpp"
#include "calib/steady_load.hpp"
#include "scenarios/step_band.hpp"
#include "sim/power/sustained_clock.hpp"

namespace scenarios {

namespace {

/// The figures of an accelerator that its kernel times depend on.
auto kernel_figures(const topology::Accelerator& a) {
  return std::tie(a.peak, a.memory_bandwidth, a.l2_cache, a.compute_units, a.tdp);
}

/// One name for each accelerator with its own figures: a scenario may override those of the
/// catalog.
std::string key_of(const topology::Accelerator& a) {
  std::string key =
      fmt::format("{} {} {} {} {} {}", a.id, a.memory_bandwidth.base(), a.l2_cache.base(),
                  a.compute_units, a.tdp.base(), a.power_cap.base());
  for (const units::FlopsPerSecond peak : a.peak) {
    key += fmt::format(" {}", peak.base());
  }
  return key + fmt::format(" {}", a.scale_up.bandwidth.base());
}

}  // namespace

ProfileStore::ProfileStore(const std::filesystem::path& catalog, const std::filesystem::path& given)
    : catalog_(catalog), directory_(catalog / "profiles") {
  if (!given.empty()) {
    use(given);
  }
}

const DeviceModels& ProfileStore::models(const topology::Accelerator& accelerator) {
  const std::string key = key_of(accelerator);
  if (const auto known = models_.find(key); known != models_.end()) {
    return known->second;
  }
  const std::string id = accelerator.profile.empty() ? accelerator.id : accelerator.profile;
  const auto given = given_.find(accelerator.id);
  calib::DeviceProfile device =
      given != given_.end() ? given->second : calib::read_profile(directory_ / (id + ".json"));
  const std::filesystem::path steps = directory_ / "steps.json";
  if (std::filesystem::exists(steps)) {
    device.bands["step"] = read_step_band(steps);
  }
  const topology::Accelerator measured = catalog_.accelerator(device.accelerator);
  if (device.accelerator != accelerator.id ||
      kernel_figures(measured) != kernel_figures(accelerator)) {
    device = sim::at_sustained_clock(calib::transfer(device, accelerator), measured, accelerator);
  }
  device = sim::at_power_cap(std::move(device), accelerator);
  DeviceModels models{.device = calib::under_steady_load(std::move(device)),
                      .collectives = collectives(accelerator)};
  return models_.emplace(key, std::move(models)).first->second;
}

void ProfileStore::use(const std::filesystem::path& file) {
  const calib::ProfileFile profiles = calib::read_profile_file(file);
  if (profiles.device) {
    given_[profiles.device->accelerator] = *profiles.device;
  }
  if (profiles.collectives) {
    given_collectives_[profiles.collectives->accelerator] = *profiles.collectives;
  }
  models_.clear();
}

calib::CollectiveProfile ProfileStore::collectives(const topology::Accelerator& accelerator) const {
  const auto given = given_collectives_.find(accelerator.id);
  return given != given_collectives_.end() ? given->second
                                           : calib::collective_profile_for(accelerator, directory_);
}

const calib::DeviceProfile* ProfileStore::measured(const std::string& id) {
  if (const auto given = given_.find(id); given != given_.end()) {
    return &given->second;
  }
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
