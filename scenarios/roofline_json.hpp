#pragma once
// The key `roofline` of `gpuplan simulate --json`. Private to this room.
#include <nlohmann/json_fwd.hpp>

#include "sim/report/kernels.hpp"

namespace scenarios {

nlohmann::ordered_json roofline_json(const sim::Roofline& roofline);

}  // namespace scenarios
