#pragma once
// `gpuplan topology`: what a cluster is made of and what its networks can do.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/simulate.hpp"

namespace scenarios {

enum class Drawing { Folded, Full };

struct ShowTopologyOptions {
  std::string cluster;            ///< catalog name, scenario file or graph file
  std::optional<int> gpus;        ///< instead of the cluster's own number
  std::vector<std::string> sets;  ///< "nic.bandwidth=800 Gbit/s"
  std::filesystem::path dot;      ///< Graphviz file to write; empty: none
  std::filesystem::path graphml;  ///< whole graph to write; empty: none
  Drawing drawing = Drawing::Folded;
  OutputFormat format = OutputFormat::Table;
};

/// Writes the description to stdout, warnings to stderr, the picture to its file. Returns 0.
/// @throws topology::InputError, topology::RuntimeFailure
int show_topology(const ShowTopologyOptions& options);

}  // namespace scenarios
