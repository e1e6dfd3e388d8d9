#pragma once
// `gpuplan compare`: several scenarios side by side.
#include <filesystem>
#include <vector>

#include "scenarios/simulate.hpp"

namespace scenarios {

struct CompareOptions {
  std::vector<std::filesystem::path> scenarios;
  SimulateOptions each;  ///< fidelity, sets and format for all of them
};

/// Prints a row per scenario against the first one. Returns the exit code: 1 where one does not fit
/// or does not finish.
/// @throws topology::InputError, topology::RuntimeFailure
int compare(const CompareOptions& options);

}  // namespace scenarios
