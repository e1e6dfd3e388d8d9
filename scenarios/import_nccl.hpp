#pragma once
// gpuplan import nccl-topo: a catalog node, a graph and a table from NCCL's description of a
// machine.
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/simulate.hpp"

namespace scenarios {

struct ImportNcclOptions {
  std::filesystem::path file;
  std::filesystem::path out;    ///< the catalog entry (YAML); empty: printed below the table
  std::filesystem::path graph;  ///< the machine as .graphml, .edges or .dot; empty: none
  std::string accelerator;      ///< catalog names instead of the guessed ones
  std::string nic;
  OutputFormat format = OutputFormat::Table;
};

/// A node for a scenario's fabric, as YAML in one line: {accelerator: ..., accelerators: ...}; and
/// what was assumed, in sentences.
struct NcclNode {
  std::string value;
  std::vector<std::string> assumed;
};
/// @throws InputError with file and line.
NcclNode read_nccl_node(const std::filesystem::path& file);

/// Returns the exit code. @throws InputError with file and line.
int import_nccl_topo(const ImportNcclOptions& options);

}  // namespace scenarios
