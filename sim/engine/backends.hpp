#pragma once
// The two implementations of Network. Internal to sim/engine; make_network() chooses.
#include <memory>

#include "sim/engine/network.hpp"

namespace sim {

std::unique_ptr<Network> make_kernel_network();
std::unique_ptr<Network> make_public_network();

}  // namespace sim
