#pragma once
// What a run reads: whether it arrives in time, where it may be, what it takes to get and to make.
#include <optional>
#include <string>
#include <vector>

#include "scenarios/profiles.hpp"
#include "scenarios/scenario.hpp"
#include "sim/data/loading.hpp"
#include "sim/data/supply.hpp"
#include "sim/data/synthesis.hpp"

namespace scenarios {

/// Bandwidth to storage of one node: its storage network's, else its NICs'.
units::BytesPerSecond node_storage_bandwidth(const topology::ClusterSpec& cluster);

/// Tokens or samples of a step.
double step_units(const sim::Training& training);

/// Input of a step that computes for `step`. @pre scenario.data.given
sim::Loading step_loading(const Scenario& scenario, units::Seconds step);

/// What the run takes from each dataset. @param units  tokens or samples of the whole run.
std::vector<sim::DataUse> data_uses(const Scenario& scenario, double units);

/// A part of the mixture that is written before the run.
struct WrittenText {
  std::string label{}, generator{};
  double tokens = 0;
  sim::SynthesisRate rate{};
  units::Seconds time{};
};

/// The data of a whole run.
struct RunData {
  sim::DataUnit unit = sim::DataUnit::Tokens;
  std::vector<sim::DataUse> uses{};
  units::Bytes stored{};
  double human_share = 1;
  units::Seconds transfer{};  ///< of what does not stand there yet
  std::vector<WrittenText> written{};
  std::vector<sim::CostLine> prices{};  ///< licences, labels, transfer
  sim::DataPrice storage_tb_month{};
  std::vector<std::string> warnings{};
  [[nodiscard]] units::Seconds synthesis() const;
  [[nodiscard]] units::Joules synthesis_energy() const;  ///< of the IT equipment
  /// Before the first step: the data arrives, then the synthetic part is written.
  [[nodiscard]] units::Seconds preparation() const { return transfer + synthesis(); }
};

/// @param units  tokens or samples of the whole run. Nothing where the scenario says nothing of
/// data.
/// @throws topology::InputError where a generator does not fit the memory.
std::optional<RunData> run_data(const Scenario& scenario, double units, ProfileStore& store);

/// Why the data may not be where the scenario's accelerators stand (data.stays,
/// limits.residency), in sentences.
std::vector<std::string> misplaced_data(const Scenario& scenario);

/// The sentence for a limits.human_share that the mixture does not reach; empty where it does.
std::string missed_human_share(const Scenario& scenario, double human_share);

}  // namespace scenarios
