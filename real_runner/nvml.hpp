#pragma once
// Clocks, temperature, power and other users of a device, from NVIDIA's management library. It
// comes with the driver, so it is opened at run time: the program starts, and plans, where there is
// none.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "topology/units.hpp"

namespace real_runner {

/// One look at a device; nothing where the device does not say.
struct DeviceState {
  std::optional<double> sm_clock_hz;
  std::optional<double> temperature_c;
  std::optional<units::Watts> power;  ///< of this moment, else the driver's average (up to 1 s)
  bool throttled = false;             ///< slowed down by heat or by the board, not by the power cap
};

/// Medians over several looks; throttled if any was.
DeviceState typical(const std::vector<DeviceState>& looks);

/// One device as the management library knows it. Invariant: without library or device, every
/// question is answered with "not known".
class Nvml {
 public:
  /// `pci_bus_id` as the CUDA runtime prints it, "0000:1B:00.0".
  explicit Nvml(const std::string& pci_bus_id);
  ~Nvml();
  Nvml(Nvml&&) noexcept;
  Nvml& operator=(Nvml&&) noexcept;

  [[nodiscard]] DeviceState look() const;
  /// Processes on the device other than this one, which must use it; nothing if not known.
  [[nodiscard]] std::optional<int> other_processes() const;
  [[nodiscard]] std::optional<units::Watts> power_limit() const;
  [[nodiscard]] std::string uuid() const;            ///< empty if not known
  [[nodiscard]] std::string driver_version() const;  ///< empty if not known
  /// Active NVLinks of the device; nothing if not known.
  [[nodiscard]] std::optional<int> active_nvlinks() const;

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace real_runner
