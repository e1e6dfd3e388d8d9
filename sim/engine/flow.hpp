#pragma once
// The step time of a StepGraph by flow simulation: every pipeline stage of every data-parallel
// replica is a worker that runs its schedule; sends and collectives that leave a scale-up domain
// are flows on the cluster's links and share them max-min.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/engine/closed_form.hpp"
#include "sim/engine/network.hpp"
#include "sim/engine/timeline.hpp"
#include "sim/step/graph.hpp"
#include "topology/cluster.hpp"
#include "topology/units.hpp"

namespace sim {

struct FlowOptions {
  NetworkBackend backend = NetworkBackend::Kernel;
  topology::Routing routing = topology::Routing::Static;
  /// Simulate each tensor-parallel rank by itself instead of one that stands for all of its group.
  bool unfold = false;
  bool record_timeline = false;
  /// Called now and then with the simulated time and the share of passes done.
  std::function<void(units::Seconds, double)> progress{};
};

/// A directed link of the cluster and how busy the step kept it.
struct LinkLoad {
  topology::LinkId link = 0;
  units::Bytes carried;
  double utilisation = 0.0;  ///< carried / (bandwidth x step time)
  std::string label{};  ///< "leaf 3 -> spine 1"; empty until somebody who has the cluster fills it
};

struct FlowResult {
  StepTime time;
  std::uint64_t events = 0;
  Timeline timeline;                ///< of replica 0, if asked for
  std::vector<LinkLoad> busiest;    ///< at most 10, busiest first
  std::vector<std::string> folded;  ///< what one worker stands for, in sentences
};

/// @pre graph was built for `cluster.spec()`. One simulation per process at a time (see
/// network.hpp).
/// @throws std::logic_error if the schedule cannot finish (a bug: workers wait for each other for
/// ever).
FlowResult simulate_flow(const StepGraph& graph, const Layout& layout,
                         const topology::Cluster& cluster, const FlowOptions& options);

}  // namespace sim
