#pragma once
// gpuplan import graphml | edge-list: clusters from files that users already have.
#include <filesystem>
#include <string>

#include "scenarios/simulate.hpp"
#include "topology/device_graph.hpp"

namespace scenarios {

enum class GraphFormat { Graphml, EdgeList };

struct ImportGraphOptions {
  std::filesystem::path file;
  std::filesystem::path out;  ///< by extension .graphml, .edges or .dot; empty: none
  OutputFormat format = OutputFormat::Table;
};
/// Checks a graph, prints what it holds and writes it in another format. Returns the exit code.
/// @throws InputError with file and line.
int import_graph(const ImportGraphOptions& options, GraphFormat as);

/// Writes `graph` as the extension of `out` says: .graphml, .edges or .dot.
/// @throws InputError for another one.
void write_graph(const topology::DeviceGraph& graph, const std::filesystem::path& out);
/// Throws what write_graph() would throw for the name, before work is done. Empty is well.
void check_graph_name(const std::filesystem::path& out);

}  // namespace scenarios
