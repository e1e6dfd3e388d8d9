#pragma once
// What a scenario asks of `gpuplan plan`: keys plan and limits. Private to this room.
#include <string>
#include <vector>

#include "scenarios/document.hpp"
#include "sim/search/choose.hpp"
#include "topology/cluster_spec.hpp"

namespace scenarios {

struct PlanRequest {
  std::vector<std::string> fabrics;
  std::vector<int> gpus;  ///< empty: by deadline and peak, see sizes()
  std::vector<std::string> terms;
  sim::Resource goal = sim::Resource::Money;
  sim::Limits limits{};
  std::string residency;  ///< "on-premises", a region, or empty
};

/// @throws InputError, also for terms that the residency rules out.
PlanRequest read_plan_request(const Document& scenario);

}  // namespace scenarios
