#pragma once
// Times calls on a device: warm-up, samples of repeated calls between device events until the
// stopping rule is content, clock, temperature and power read while they run.
#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include <cuda_runtime.h>

#include "calib/records.hpp"
#include "real_runner/device.hpp"
#include "real_runner/stopping_rule.hpp"

namespace real_runner {

/// Enqueues one call on the stream. `turn` counts up: it picks the set of rotating buffers.
using Call = std::function<void(cudaStream_t stream, std::int64_t turn)>;

enum class Launching {
  Graph,  ///< the calls of a sample are one CUDA graph: the host's launches cost nothing
  Direct  ///< launched one by one, for what cannot be captured
};

/// Median, percentiles, noise, state of the device and flags of calls on `device`. Stops early,
/// with what it has, once interrupted(); throws NotHere if that is nothing.
calib::Measured time_calls(const Device& device, const SamplingPolicy& policy, const Call& call,
                           Launching launching = Launching::Graph);

/// A rough time of one call, after one to warm up.
units::Seconds rough_time(const Device& device, const Call& call, int calls = 3);

/// The same without the host's share in short calls, to choose among candidates.
units::Seconds trial_time(const Device& device, const Call& call);

/// Looks at a device now and then, while it works.
class Watch {
 public:
  explicit Watch(const Device& device) : device_(device) {}
  void look_if_due();
  [[nodiscard]] const std::vector<DeviceState>& looks() const { return looks_; }

 private:
  const Device& device_;
  std::vector<DeviceState> looks_;
  std::chrono::steady_clock::time_point last_;
};

/// From what was counted and seen; `rule` must not be empty.
calib::Measured measured(const StoppingRule& rule, const std::vector<DeviceState>& looks,
                         const Device& device);

}  // namespace real_runner
