// Copies between host and device, from pinned and from pageable memory, and on the device.
#include <cstring>
#include <vector>

#include "real_runner/cuda_check.hpp"
#include "real_runner/memory_ops.hpp"

namespace real_runner {

namespace {

using calib::TransferDirection;

/// Host memory, page-locked or not, written so that its pages exist.
class HostMemory {
 public:
  HostMemory(std::size_t bytes, bool pinned) {
    if (pinned) {
      check(cudaMallocHost(&pinned_, bytes), "cudaMallocHost");
      std::memset(pinned_, 0x5A, bytes);
    } else {
      pageable_.assign(bytes, 0x5A);
    }
  }
  ~HostMemory() { cudaFreeHost(pinned_); }
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;
  [[nodiscard]] void* get() { return pinned_ != nullptr ? pinned_ : pageable_.data(); }

 private:
  void* pinned_ = nullptr;
  std::vector<unsigned char> pageable_;
};

}  // namespace

void measure(const Device& device, const SamplingPolicy& policy, calib::TransferMeasurement& what) {
  const auto bytes = static_cast<std::size_t>(what.bytes.base());
  const DeviceMemory to(bytes);
  if (what.direction == TransferDirection::DeviceToDevice) {
    const DeviceMemory from(bytes);
    fill_random_fp32(device, from.as<void>(), bytes / 4, 1);
    what.measured = time_calls(device, policy, [&](cudaStream_t stream, std::int64_t) {
      check(
          cudaMemcpyAsync(to.as<void>(), from.as<void>(), bytes, cudaMemcpyDeviceToDevice, stream),
          "cudaMemcpyAsync");
    });
    return;
  }
  HostMemory host(bytes, what.pinned);
  fill_random_fp32(device, to.as<void>(), bytes / 4, 1);
  const bool up = what.direction == TransferDirection::HostToDevice;
  const auto copy = [&](cudaStream_t stream, std::int64_t) {
    check(up ? cudaMemcpyAsync(to.as<void>(), host.get(), bytes, cudaMemcpyHostToDevice, stream)
             : cudaMemcpyAsync(host.get(), to.as<void>(), bytes, cudaMemcpyDeviceToHost, stream),
          "cudaMemcpyAsync");
  };
  // Pageable copies pass through the driver's staging buffers and cannot be captured in a graph.
  what.measured =
      time_calls(device, policy, copy, what.pinned ? Launching::Graph : Launching::Direct);
}

}  // namespace real_runner
