#include "scenarios/measured_power.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "calib/profile_file.hpp"
#include "scenarios/format.hpp"

namespace scenarios {

namespace {

void explain(std::vector<Explained>* explained, const std::string& path, units::Watts power,
             const std::string& source) {
  if (explained == nullptr) {
    return;
  }
  const auto line = std::find_if(explained->begin(), explained->end(),
                                 [&](const Explained& e) { return e.path == path; });
  Explained now{.path = path, .value = format_power(power), .source = source};
  if (line == explained->end()) {
    explained->push_back(std::move(now));
  } else {
    *line = std::move(now);
  }
}

}  // namespace

MeasuredPowers::MeasuredPowers(std::filesystem::path profiles, std::filesystem::path given)
    : profiles_(std::move(profiles)), given_(std::move(given)) {}

const MeasuredPowers::Powers& MeasuredPowers::of(const std::string& accelerator) {
  if (const auto known = known_.find(accelerator); known != known_.end()) {
    return known->second;
  }
  Powers powers;
  const auto take = [&](const std::filesystem::path& file) {
    const std::optional<calib::DeviceProfile> device = calib::read_profile_file(file).device;
    if (!device || device->accelerator != accelerator) {
      return false;
    }
    const calib::DeviceExtras& e = device->extras;
    powers = {.idle = e.idle_power,
              .load = {.memory = e.memory_power.value_or(units::Watts{}),
                       .compute = e.compute_power.value_or(units::Watts{}),
                       .communication = e.communication_power.value_or(units::Watts{})},
              .source = fmt::format("measured, profile {} ({})", file.filename().string(),
                                    device->source.date)};
    return true;
  };
  const std::filesystem::path shipped = profiles_ / (accelerator + ".json");
  std::error_code code;
  if ((given_.empty() || !take(given_)) && std::filesystem::exists(shipped, code)) {
    take(shipped);
  }
  return known_.emplace(accelerator, std::move(powers)).first->second;
}

void MeasuredPowers::apply(topology::Accelerator& a, std::vector<Explained>* explained) {
  const Powers& powers = of(a.id);
  const auto take = [&](units::Watts& field, units::Watts measured, const std::string& key) {
    if (measured > units::Watts{}) {
      field = measured;
      a.figures[key] = {.source = powers.source, .as_of = {}};
      explain(explained, "cluster.accelerator." + key, measured, powers.source);
    }
  };
  take(a.idle_power, powers.idle.value_or(units::Watts{}), "idle_power");
  take(a.measured_power.memory, powers.load.memory, "power.memory");
  take(a.measured_power.compute, powers.load.compute, "power.compute");
  take(a.measured_power.communication, powers.load.communication, "power.communication");
}

}  // namespace scenarios
