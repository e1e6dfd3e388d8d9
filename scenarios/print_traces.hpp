#pragma once
// A run of traces as a table for people or as JSON for programs.
#include <string>
#include <vector>

#include "scenarios/simulate.hpp"
#include "sim/engine/flow.hpp"
#include "sim/trace/execute.hpp"

namespace scenarios {

/// What `gpuplan import chakra` found.
struct TracePrediction {
  std::string machine;  ///< the cluster, or whose model of it
  std::string traces{};
  std::size_t distinct_traces = 0;
  sim::TraceRun run{};
  std::vector<sim::LinkLoad> busiest_links{};
  std::vector<std::string> warnings{};
  double wall_seconds = 0.0;
};

/// To stdout.
void print_traces(const TracePrediction& prediction, OutputFormat format);

}  // namespace scenarios
