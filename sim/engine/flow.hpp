#pragma once
// The step time of a StepGraph by flow simulation: every pipeline stage of every data-parallel
// replica is a worker that runs its schedule; sends and collectives that leave a scale-up domain
// are flows on the cluster's links and share them max-min. Several jobs may share the fabric, and
// links may fail while they run.
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/engine/closed_form.hpp"
#include "sim/engine/network.hpp"
#include "sim/engine/timeline.hpp"
#include "sim/step/graph.hpp"
#include "topology/cluster.hpp"
#include "topology/units.hpp"

namespace sim {

/// A job and where its ranks sit. Refers to values that outlive it.
struct PlacedJob {
  const StepGraph* graph = nullptr;
  const Layout* layout = nullptr;
  std::vector<int> gpus{};  ///< by rank; empty: rank i on GPU i
  /// Graphs with the times of ClusterSpec::other_nodes, by their number; empty: all alike.
  std::vector<const StepGraph*> other_graphs{};
};

/// From `begin` to `end`, `left` of a link's bandwidth is there. Both directions of a cable are two
/// faults. Where faults overlap, the least counts.
struct LinkFault {
  topology::LinkId link = 0;
  units::Seconds begin;
  units::Seconds end;  ///< may be infinite
  float left = 0.0F;   ///< 0: lost
};

/// Lost links leave ranks without a way to each other: the job cannot go on.
class CutOff : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct FlowOptions {
  NetworkBackend backend = NetworkBackend::Kernel;
  topology::Routing routing = topology::Routing::Static;
  /// Simulate every worker and rank by itself instead of one of each kind that is provably alike.
  bool unfold = false;
  bool record_timeline = false;
  bool record_link_loads = false;  ///< of all links, for heat maps
  std::vector<LinkFault> faults{};
  /// Flows on a link that is lost stand still this long before they go on over another.
  units::Seconds failover = units::milliseconds(30);
  /// Share of the bandwidth of links between switches that flows together reach
  /// (calib::fabric_efficiency).
  double fabric_efficiency = 1.0;
  /// Called now and then with the simulated time and the share of passes done.
  std::function<void(units::Seconds, double)> progress{};
};

/// A directed link (or trunk) of the cluster and how busy the step kept it.
struct LinkLoad {
  topology::LinkId link = 0;
  units::Bytes carried;
  double utilisation = 0.0;  ///< carried / (bandwidth x time)
  std::uint32_t alike = 1;   ///< links that carry the same, this one included
  std::string label{};       ///< "leaf 3 -> spine 1"
};

/// What the loaded links carried, by what it was for; row i is of the i-th of FlowResult::loads.
struct LoadKinds {
  std::vector<std::string> names;   ///< name_of_role(), and "neighbours" for all of other jobs
  std::vector<units::Bytes> bytes;  ///< [loads x names]; a row adds up to LinkLoad::carried
};

/// What the steps of one job took.
struct JobTime {
  StepTime time;
  units::Seconds mean;  ///< over the steps that ended while other jobs still ran
  int steps = 0;
};

struct FlowResult {
  StepTime time;  ///< of the first step of the first job
  std::vector<JobTime> jobs;
  std::uint64_t events = 0;
  Timeline timeline;                ///< of replica 0 of the first job, if asked for
  std::vector<LinkLoad> busiest;    ///< at most 10 kinds, busiest first
  std::vector<LinkLoad> loads;      ///< of every link that carried something, if asked for
  LoadKinds load_kinds;             ///< of `loads`
  std::vector<std::string> folded;  ///< what was folded, in sentences
};

/// @pre each graph was built for `cluster.spec()`. One simulation per process at a time (see
/// network.hpp).
/// @throws CutOff where faults leave no way.
/// @throws std::logic_error if the schedule cannot finish (a bug: workers wait for each other for
/// ever).
FlowResult simulate_flow(std::span<const PlacedJob> jobs, const topology::Cluster& cluster,
                         const FlowOptions& options);
/// The same for one job on GPUs 0, 1, ...
FlowResult simulate_flow(const StepGraph& graph, const Layout& layout,
                         const topology::Cluster& cluster, const FlowOptions& options);

}  // namespace sim
