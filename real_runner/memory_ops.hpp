#pragma once
// Operators that memory traffic bounds: kernels/memory_kernels.cuh on rotating buffers.
#include "calib/records.hpp"
#include "real_runner/device.hpp"
#include "real_runner/stopwatch.hpp"

namespace real_runner {

/// Fills in `what.measured`.
void measure(const Device& device, const SamplingPolicy& policy,
             calib::MemoryBoundMeasurement& what);

/// Fills in `what.measured`: copies by the copy engines, or on the device.
void measure(const Device& device, const SamplingPolicy& policy, calib::TransferMeasurement& what);

/// Fills in `what.measured`: the time per launch, or per node, of empty kernels.
void measure(const Device& device, const SamplingPolicy& policy, calib::LaunchMeasurement& what);

/// Enqueues a triad over `bytes` of memory: the memory-bound load of the power figures.
class TriadLoad {
 public:
  explicit TriadLoad(const Device& device);
  void run(cudaStream_t stream) const;

 private:
  const Device& device_;
  std::size_t bytes_ = std::size_t{1} << 30;  // of each of three arrays: far beyond any L2
  DeviceMemory memory_;
};

/// A copy that keeps `sms` multiprocessors busy and no other: it stands for a collective on a
/// device alone.
class CopyOnSms {
 public:
  CopyOnSms(const Device& device, int sms, std::size_t bytes);
  void run(cudaStream_t stream) const;

 private:
  int sms_;
  std::size_t bytes_;
  DeviceMemory memory_;
};

}  // namespace real_runner
