#pragma once
// ASTRA-sim's two input files for its analytical network, read in its own units.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/astra.hpp"

namespace scenarios {

/// Reads {topology: [ Ring ], npus_count: [ 8 ], bandwidth: [ 50.0 ], latency: [ 500.0 ]}: GB/s of
/// 2^30 bytes, and ns.
/// @throws InputError naming file, line and key; also for networks of several dimensions.
sim::AstraNetwork read_astra_network(const std::filesystem::path& file);
sim::AstraNetwork parse_astra_network(const std::string& text, const std::string& file);

struct AstraSystemFile {
  sim::AstraSystem system;
  std::optional<std::string> custom_all_reduce;  ///< prefix of the algorithm's traces
  std::vector<std::string> warnings;             ///< keys that decide nothing here
};
/// @throws InputError naming file and key.
AstraSystemFile read_astra_system(const std::filesystem::path& file);
AstraSystemFile parse_astra_system(const std::string& text, const std::string& file);

/// Where the traces of a custom collective are: `prefix` from the working folder, or it or its
/// trailing parts beside the system file or one folder up (ASTRA-sim's paths start in its own
/// source tree).
/// @throws InputError if there are none.
std::filesystem::path find_custom_collective(const std::string& prefix,
                                             const std::filesystem::path& system_file);

}  // namespace scenarios
