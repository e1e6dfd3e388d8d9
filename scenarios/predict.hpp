#pragma once
// One scenario in, one prediction out; printing is for others.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/catalog.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/run_flow.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/simulate.hpp"
#include "sim/data/loading.hpp"
#include "sim/engine/flow.hpp"
#include "sim/power/timeline_power.hpp"
#include "sim/report/kernels.hpp"
#include "sim/report/step_report.hpp"
#include "sim/rollout/post_training.hpp"

namespace scenarios {

/// What `gpuplan simulate` found.
struct Prediction {
  std::string scenario;
  Fidelity fidelity = Fidelity::ClosedForm;
  int gpus = 0;
  sim::StepReport report{};
  units::Seconds closed_form{};  ///< for comparison when `report` is of a flow simulation
  std::uint64_t events = 0;
  std::vector<sim::LinkLoad> busiest_links{};
  std::vector<std::string> folded{};
  std::vector<std::string> conditions{};  ///< of the network, in sentences
  std::vector<NeighbourTime> neighbours{};
  std::optional<units::UsdPerSecond>
      price{};                              ///< of the cluster, where the scenario has `purchase`
  std::optional<sim::PowerSeries> power{};  ///< along the step, where it was asked for
  std::optional<sim::Timeline> timeline{};  ///< the same
  std::optional<sim::PostTrainingStep> task{};  ///< of which `report` is the training pass
  std::optional<sim::Loading> loading{};  ///< of its input, where the scenario says what it reads
  /// Of the busiest stage, on the cluster's main kind of accelerator, where it was asked for.
  std::optional<sim::Roofline> roofline{};
  double wall_seconds = 0.0;
  /// Of `report`, without waiting for data, which `closed_form` leaves out as well.
  [[nodiscard]] units::Seconds computes() const {
    return report.step.value - (loading ? loading->wait : units::Seconds{});
  }
};

/// Writes the files that `options` ask for.
/// @throws topology::InputError, topology::RuntimeFailure, and sim::CutOff where the step cannot
/// finish.
Prediction predict(const Scenario& scenario, const SimulateOptions& options, ProfileStore& store,
                   const Catalog& catalog);

/// What sharing, slow and lost links cost a step in flow simulation, and where: a sentence.
std::string network_verdict(const Prediction& prediction);

}  // namespace scenarios
