#pragma once
// The readers of what users hand in, each as a function of bytes. They may refuse their input with
// an InputError; anything else that is thrown, and any crash, is a bug.
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

struct Target {
  std::string_view name;
  void (*read)(const std::string& bytes);
  std::vector<std::string> seeds;  ///< files of the repository to start from
};

/// Scenario, queue, catalog entry, device profile, collective profile, table, MSCCL schedule, graphs.
std::vector<Target> targets();
/// Those of them that read topologies.
std::vector<Target> topology_targets();

/// Those of them that read execution traces and what comes with them.
std::vector<Target> trace_targets();

/// Those of them that read measurements: records and other tools' output.
std::vector<Target> measurement_targets();

}  // namespace fuzz
