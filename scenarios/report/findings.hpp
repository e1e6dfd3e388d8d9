#pragma once
// What a report is made of: the values that simulate, run, search, topology and plan compute.
// Private to this room.
#include <optional>
#include <string>
#include <vector>

#include "scenarios/found_layouts.hpp"
#include "scenarios/plan/plan.hpp"
#include "scenarios/predict.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/report/swings.hpp"
#include "scenarios/run.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/topology_report.hpp"

namespace scenarios {

/// A value, or why there is none, in a sentence.
template <class T>
struct Found {
  std::optional<T> value{};
  std::string why_not{};
};

/// Devices of one kind, and their cables to the next kind below.
struct Tier {
  topology::VertexKind kind{};
  std::size_t count = 0;
  std::size_t cables_below = 0;             ///< 0: none, or no kind below
  units::BytesPerSecond bandwidth_below{};  ///< of one cable and direction
  std::size_t cables_inside = 0;            ///< between devices of this kind
  units::BytesPerSecond bandwidth_inside{};
};

struct Fabric {
  TopologyReport facts;
  std::vector<Tier> tiers;  ///< highest first
};

/// Where kernel and collective times come from.
struct Measured {
  std::string device;  ///< profile
  std::string made;    ///< when and by which command
  std::vector<std::string> tables, runs, transferred;
  int step_records = 0;  ///< measured steps behind the band of a whole step
};

struct Findings {
  Scenario scenario;
  Prediction step;
  std::string no_flow{};  ///< why `step` is by closed form, in a sentence; empty: it is by flow
  Found<RunPlan> run;
  Found<Fabric> fabric;
  Found<FoundLayouts> layouts;
  std::vector<Swing> swings;
  Measured measured;
  std::optional<ClusterPlans> plans{};  ///< that this scenario was chosen from
};

/// @throws topology::InputError, topology::RuntimeFailure, and sim::CutOff where the step cannot
/// finish.
Findings find_all(const ReportOptions& options);

/// Whether it fits and keeps its limits.
bool all_well(const Findings& findings);

}  // namespace scenarios
