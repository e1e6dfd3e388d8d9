#pragma once
// What `gpuplan topology` says about a cluster, as values and as text.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/simulate.hpp"
#include "topology/bill_of_materials.hpp"
#include "topology/cluster.hpp"
#include "topology/fabric_facts.hpp"

namespace scenarios {

struct TopologyReport {
  topology::ClusterSpec spec;
  std::vector<double> oversubscription;  ///< leaf, spine
  std::optional<topology::Bisection> bisection;
  std::vector<topology::Reach> reach;  ///< from accelerator 0
  topology::Bill bill;
};

TopologyReport describe_topology(const topology::Cluster& cluster);
/// What lies between two accelerators, by the highest tier passed: "over a spine".
std::string_view way(topology::VertexKind highest);
/// Whether a line is of a switch of a network (and not of one inside a node).
bool is_switch(topology::Role role);
/// One JSON object; every key names its unit.
std::string topology_json(const TopologyReport& report);
/// Prints to stdout.
void print_topology(const TopologyReport& report, OutputFormat format);

}  // namespace scenarios
