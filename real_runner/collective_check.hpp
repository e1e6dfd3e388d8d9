#pragma once
// Fills and checks the buffers of a collective on the device, see kernels/collective_kernels.cuh.
#include <cstddef>
#include <cstdint>

#include "calib/records.hpp"
#include "real_runner/device.hpp"

namespace real_runner {

struct CollectiveBuffers {
  void* send = nullptr;
  void* receive = nullptr;
  std::size_t bytes = 0;  ///< nccl-tests' largest buffer
  int rank = 0, ranks = 1;
  bool in_place = false;

  /// Elements of one rank's share.
  [[nodiscard]] std::int64_t chunk() const { return static_cast<std::int64_t>(bytes / 2) / ranks; }
};

void fill_send_buffer(const Device& device, calib::Collective op, const CollectiveBuffers& buffers);
/// Wrong elements of the receive buffer. Waits for the device.
std::int64_t wrong_elements(const Device& device, calib::Collective op,
                            const CollectiveBuffers& buffers);

}  // namespace real_runner
