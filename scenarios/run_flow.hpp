#pragma once
// From a scenario to a flow simulation: the fabric, the jobs on it and their places.
#include <memory>
#include <string>
#include <vector>

#include "scenarios/catalog.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/simulate.hpp"
#include "sim/engine/flow.hpp"
#include "sim/step/graph.hpp"

namespace scenarios {

/// The StepGraph of a scenario, on each kind of accelerator that its cluster has.
struct TimedScenario {
  sim::TrainingJob job;
  sim::StepGraph graph;                        ///< on the main kind
  std::vector<sim::StepGraph> other_graphs{};  ///< on those of ClusterSpec::other_nodes
  /// The graph with the slowest step: in a mixed cluster all wait for it.
  [[nodiscard]] const sim::StepGraph& slowest() const;
};
/// References into `store` and the result must outlive what refers to them.
std::unique_ptr<TimedScenario> time_scenario(const Scenario& scenario, ProfileStore& store);

/// Where a scenario's job runs.
struct Seats {
  topology::ClusterSpec fabric;  ///< with room for the other jobs on it
  std::vector<int> gpus;         ///< by rank
};
/// @throws topology::InputError for jobs that do not fit the fabric.
Seats seats(const Scenario& scenario, const Catalog& catalog);

/// Another job on the fabric, alone and beside the others.
struct NeighbourTime {
  std::string name;
  int gpus = 0;
  units::Seconds alone;     ///< closed form: nothing contends
  units::Seconds together;  ///< mean of its steps beside the others
  int steps = 0;
};

struct FlowRun {
  sim::FlowResult result;
  std::vector<NeighbourTime> neighbours;
  std::vector<std::string> conditions;  ///< routing, efficiency, faults, placement, in sentences
};

/// @throws topology::InputError for neighbours that do not fit the fabric, sim::CutOff.
FlowRun run_flow(const Scenario& scenario, const TimedScenario& timed, ProfileStore& store,
                 const Catalog& catalog, const SimulateOptions& options);

}  // namespace scenarios
