#include "sim/engine/network.hpp"

#include <atomic>
#include <stdexcept>

#include "sim/engine/backends.hpp"
#include "sim/engine/lease.hpp"

namespace sim {

namespace {
/// The exception to "no globals": SimGrid's engine is one per process, so its owner is as well.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): as said above
std::atomic<bool> network_is_alive = false;
}  // namespace

Lease::Lease() {
  if (network_is_alive.exchange(true)) {
    throw std::logic_error(
        "A second sim::Network was made while the first is alive; SimGrid keeps one engine per "
        "process, so "
        "destroy the first one or simulate in a child process.");
  }
}

Lease::~Lease() {
  network_is_alive = false;
}

std::unique_ptr<Network> make_network(NetworkBackend backend) {
  if (backend == NetworkBackend::Kernel && kernel_backend_available()) {
    return make_kernel_network();
  }
  return make_public_network();
}

bool kernel_backend_available() {
  return GPUPLAN_SIMGRID_KERNEL != 0;
}

#if !GPUPLAN_SIMGRID_KERNEL
std::unique_ptr<Network> make_kernel_network() {
  return make_public_network();
}
#endif

}  // namespace sim
