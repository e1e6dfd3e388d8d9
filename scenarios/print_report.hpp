#pragma once
// A prediction as a table for people or as JSON for programs (keys: DESIGN, `simulate --json`).
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/explained.hpp"
#include "scenarios/run_flow.hpp"
#include "scenarios/simulate.hpp"
#include "sim/engine/flow.hpp"
#include "sim/report/step_report.hpp"

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
  double wall_seconds = 0.0;
};

/// To stdout.
void print_prediction(const Prediction& prediction, OutputFormat format);
void print_explained(const std::vector<Explained>& values, OutputFormat format);

}  // namespace scenarios
