#pragma once
// `gpuplan queue`: a mix of jobs on one shared cluster.
#include <filesystem>

#include "scenarios/simulate.hpp"

namespace scenarios {

struct QueueCommandOptions {
  std::filesystem::path file;
  std::filesystem::path out;  ///< CSV of every job; empty: none
  OutputFormat format = OutputFormat::Table;
};

/// Prints utilisation and waiting times. Returns the exit code.
/// @throws topology::InputError, topology::RuntimeFailure
int queue(const QueueCommandOptions& options);

}  // namespace scenarios
