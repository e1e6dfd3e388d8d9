#include "real_runner/nvml.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <dlfcn.h>

namespace real_runner {

namespace {

// The few declarations of NVML that are used here. Source: NVML API reference (nvml.h of CUDA 13);
// the values and layouts below are part of its stable ABI.
using NvmlDevice = void*;
constexpr int kSuccess = 0;
constexpr int kInsufficientSize = 7;          // NVML_ERROR_INSUFFICIENT_SIZE
constexpr unsigned kSensorGpu = 0;            // NVML_TEMPERATURE_GPU
constexpr unsigned kClockSm = 1;              // NVML_CLOCK_SM
constexpr unsigned kFieldPowerInstant = 186;  // NVML_FI_DEV_POWER_INSTANT, milliwatts
constexpr unsigned kLinksMost = 36;           // more than NVML_NVLINK_MAX_LINKS of any release
// nvmlClocksEventReason: HwSlowdown, SwThermalSlowdown, HwThermalSlowdown, HwPowerBrakeSlowdown.
constexpr unsigned long long kThrottleReasons = 0x8ULL | 0x20ULL | 0x40ULL | 0x80ULL;

struct ProcessInfo {  // nvmlProcessInfo_t (v2 and later)
  unsigned pid;
  unsigned long long used_memory;
  unsigned gpu_instance, compute_instance;
};
union FieldUnion {  // nvmlValue_t
  double as_double;
  int as_int;
  unsigned as_unsigned;
  unsigned long as_unsigned_long;
  unsigned long long as_unsigned_long_long;
  signed long long as_signed_long_long;
};
struct FieldValue {  // nvmlFieldValue_t
  unsigned field, scope;
  long long timestamp, latency;
  unsigned value_type;  // 0 double, 1 unsigned int, 2 unsigned long, 3 unsigned long long
  int result;
  FieldUnion value;
};

class SharedObject {
 public:
  SharedObject() : handle_(::dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL)) {}
  ~SharedObject() {
    if (handle_ != nullptr) {
      ::dlclose(handle_);
    }
  }
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  template <class Function>
  void find(Function*& function, const char* name) const {
    function = handle_ == nullptr ? nullptr : reinterpret_cast<Function*>(::dlsym(handle_, name));
  }

 private:
  void* handle_;
};

template <class T>
T median(std::vector<T> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

template <class T>
std::optional<T> median_of(const std::vector<DeviceState>& looks,
                           std::optional<T> DeviceState::*field) {
  std::vector<T> values;
  for (const DeviceState& look : looks) {
    if (look.*field) {
      values.push_back(*(look.*field));
    }
  }
  return values.empty() ? std::nullopt : std::optional<T>(median(std::move(values)));
}

}  // namespace

DeviceState typical(const std::vector<DeviceState>& looks) {
  return {.sm_clock_hz = median_of(looks, &DeviceState::sm_clock_hz),
          .temperature_c = median_of(looks, &DeviceState::temperature_c),
          .power = median_of(looks, &DeviceState::power),
          .throttled = std::any_of(looks.begin(), looks.end(),
                                   [](const DeviceState& look) { return look.throttled; })};
}

struct Nvml::Library {
  SharedObject object;
  NvmlDevice device = nullptr;
  bool initialised = false;
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  int (*handle_by_bus_id)(const char*, NvmlDevice*) = nullptr;
  int (*clock)(NvmlDevice, unsigned, unsigned*) = nullptr;
  int (*temperature)(NvmlDevice, unsigned, unsigned*) = nullptr;
  int (*power)(NvmlDevice, unsigned*) = nullptr;
  int (*power_cap)(NvmlDevice, unsigned*) = nullptr;
  int (*fields)(NvmlDevice, int, FieldValue*) = nullptr;
  int (*reasons)(NvmlDevice, unsigned long long*) = nullptr;
  int (*processes)(NvmlDevice, unsigned*, ProcessInfo*) = nullptr;
  int (*unique_id)(NvmlDevice, char*, unsigned) = nullptr;
  int (*nvlink_state)(NvmlDevice, unsigned, unsigned*) = nullptr;
  int (*driver)(char*, unsigned) = nullptr;

  Library() {
    object.find(init, "nvmlInit_v2");
    object.find(shutdown, "nvmlShutdown");
    object.find(handle_by_bus_id, "nvmlDeviceGetHandleByPciBusId_v2");
    object.find(clock, "nvmlDeviceGetClockInfo");
    object.find(temperature, "nvmlDeviceGetTemperature");
    object.find(power, "nvmlDeviceGetPowerUsage");
    object.find(power_cap, "nvmlDeviceGetEnforcedPowerLimit");
    object.find(fields, "nvmlDeviceGetFieldValues");
    object.find(reasons, "nvmlDeviceGetCurrentClocksEventReasons");
    if (reasons == nullptr) {  // the name before driver 535
      object.find(reasons, "nvmlDeviceGetCurrentClocksThrottleReasons");
    }
    object.find(processes, "nvmlDeviceGetComputeRunningProcesses_v3");
    object.find(unique_id, "nvmlDeviceGetUUID");
    object.find(nvlink_state, "nvmlDeviceGetNvLinkState");
    object.find(driver, "nvmlSystemGetDriverVersion");
    initialised = init != nullptr && init() == kSuccess;
  }
  ~Library() {
    if (initialised && shutdown != nullptr) {
      shutdown();
    }
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  /// The number that `question` answers about the device.
  [[nodiscard]] std::optional<unsigned> ask(int (*question)(NvmlDevice, unsigned*)) const {
    unsigned value = 0;
    if (device == nullptr || question == nullptr || question(device, &value) != kSuccess) {
      return {};
    }
    return value;
  }
  [[nodiscard]] std::optional<unsigned> ask(int (*question)(NvmlDevice, unsigned, unsigned*),
                                            unsigned which) const {
    unsigned value = 0;
    if (device == nullptr || question == nullptr || question(device, which, &value) != kSuccess) {
      return {};
    }
    return value;
  }
  [[nodiscard]] std::optional<unsigned> power_milliwatts() const {
    FieldValue field{};
    field.field = kFieldPowerInstant;
    if (device != nullptr && fields != nullptr && fields(device, 1, &field) == kSuccess &&
        field.result == kSuccess && field.value.as_unsigned > 0) {
      return field.value.as_unsigned;
    }
    return ask(power);
  }
};

Nvml::Nvml(const std::string& pci_bus_id) : library_(std::make_unique<Library>()) {
  if (library_->initialised && library_->handle_by_bus_id != nullptr &&
      library_->handle_by_bus_id(pci_bus_id.c_str(), &library_->device) != kSuccess) {
    library_->device = nullptr;
  }
}
Nvml::~Nvml() = default;
Nvml::Nvml(Nvml&&) noexcept = default;
Nvml& Nvml::operator=(Nvml&&) noexcept = default;

DeviceState Nvml::look() const {
  DeviceState state;
  if (const auto megahertz = library_->ask(library_->clock, kClockSm)) {
    state.sm_clock_hz = *megahertz * 1e6;
  }
  if (const auto celsius = library_->ask(library_->temperature, kSensorGpu)) {
    state.temperature_c = *celsius;
  }
  if (const auto milliwatts = library_->power_milliwatts()) {
    state.power = units::watts(*milliwatts * 1e-3);
  }
  unsigned long long reasons = 0;
  state.throttled = library_->device != nullptr && library_->reasons != nullptr &&
                    library_->reasons(library_->device, &reasons) == kSuccess &&
                    (reasons & kThrottleReasons) != 0;
  return state;
}

std::optional<int> Nvml::other_processes() const {
  if (library_->device == nullptr || library_->processes == nullptr) {
    return {};
  }
  std::array<ProcessInfo, 64> found{};
  auto count = static_cast<unsigned>(found.size());
  const int result = library_->processes(library_->device, &count, found.data());
  if (result != kSuccess && result != kInsufficientSize) {
    return {};
  }
  // This process is one of them, in a container under a number that it does not know.
  return std::max(0, static_cast<int>(count) - 1);
}

std::optional<units::Watts> Nvml::power_limit() const {
  const auto milliwatts = library_->ask(library_->power_cap);
  return milliwatts ? std::optional(units::watts(*milliwatts * 1e-3)) : std::nullopt;
}

std::string Nvml::uuid() const {
  std::array<char, 96> text{};  // NVML_DEVICE_UUID_V2_BUFFER_SIZE
  if (library_->device == nullptr || library_->unique_id == nullptr ||
      library_->unique_id(library_->device, text.data(), text.size()) != kSuccess) {
    return {};
  }
  return text.data();
}

std::optional<int> Nvml::active_nvlinks() const {
  if (library_->device == nullptr || library_->nvlink_state == nullptr) {
    return {};
  }
  int active = 0;
  for (unsigned link = 0; link < kLinksMost; ++link) {
    active += library_->ask(library_->nvlink_state, link).value_or(0) == 1 ? 1 : 0;
  }
  return active;
}

std::string Nvml::driver_version() const {
  std::array<char, 80> text{};  // NVML_SYSTEM_DRIVER_VERSION_BUFFER_SIZE
  if (!library_->initialised || library_->driver == nullptr ||
      library_->driver(text.data(), text.size()) != kSuccess) {
    return {};
  }
  return text.data();
}

}  // namespace real_runner
