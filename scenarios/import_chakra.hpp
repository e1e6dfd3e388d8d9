#pragma once
// `gpuplan import chakra`: the traces of a job in, its time on a cluster out.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/simulate.hpp"
#include "sim/trace/cluster_machine.hpp"
#include "topology/cluster.hpp"

namespace scenarios {

/// Either `cluster` or both `astra_` files are given.
struct ImportChakraOptions {
  std::filesystem::path prefix;  ///< PREFIX of PREFIX.<rank>.et
  std::string cluster;           ///< catalog name or file
  std::vector<std::string> sets;
  std::filesystem::path groups;         ///< {"GROUP": [RANK, ...]}; empty: none
  std::filesystem::path astra_network;  ///< ASTRA-sim's network YAML
  std::filesystem::path astra_system;   ///< ... and its system JSON
  bool congestion_aware = false;        ///< ASTRA-sim's congestion-aware variant
  int communications = 1;               ///< side by side on a rank
  sim::TraceCompute compute = sim::TraceCompute::Recorded;
  std::optional<topology::Routing> routing{};  ///< none: what the technology does
  OutputFormat format = OutputFormat::Table;
};

/// Prints total time, time per rank and kind, and the busiest links. Returns 0.
/// @throws topology::InputError for traces that cannot run, deadlocks included.
int import_chakra(const ImportChakraOptions& options);

}  // namespace scenarios
