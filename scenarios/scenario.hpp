#pragma once
// The scenario language: a YAML file, the files it is laid over and --set options become plain,
// checked values.
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenarios/catalog.hpp"
#include "scenarios/data_conditions.hpp"
#include "scenarios/explained.hpp"
#include "scenarios/network_conditions.hpp"
#include "scenarios/run_conditions.hpp"
#include "sim/plan/layout.hpp"
#include "sim/rollout/post_training.hpp"
#include "sim/training_job.hpp"
#include "sim/workload/model.hpp"
#include "topology/cluster_spec.hpp"

namespace scenarios {

struct Scenario {
  std::string name;
  sim::ModelSpec model;
  topology::ClusterSpec cluster;
  sim::Training training;
  sim::Layout layout;
  sim::Framework framework;
  std::optional<sim::PostTraining> task;  ///< preference tuning, reinforcement learning
  NetworkConditions network;
  RunConditions whole_run;
  PurchaseConditions buying;
  DataConditions data;
  /// Stretches of the run, each a scenario with its own training, layout and data; empty: the whole
  /// run is as this scenario says.
  std::vector<Scenario> phases;
  double share = 1;               ///< of the run's tokens, where this is a phase of one
  std::string run = "{}";         ///< JSON, as the schema describes it
  std::string purchase = "{}";    ///< JSON
  std::string limits = "{}";      ///< JSON
  std::vector<Explained> values;  ///< every value with its source, in the order of the schema

  [[nodiscard]] sim::TrainingJob job() const {
    return {model, training, layout, framework, cluster};
  }
};

enum class LayoutIs { Given, Searched };  ///< searched: the file's own layout need not work

/// Reads `path` over its `base` files, applies `sets` ("layout.tp=4", typed as in a file), resolves
/// names against the catalog, fills defaults and checks that the whole can be trained.
/// @throws InputError with file, line, column, key path and remedy.
Scenario load_scenario(const std::filesystem::path& path, std::span<const std::string> sets,
                       const Catalog& catalog, LayoutIs layout = LayoutIs::Given);
/// The same for a text, where it is given, that is not yet in its file, an editor's: paths in it
/// are relative to `path`, which messages name.
Scenario load_scenario_text(const std::optional<std::string>& text,
                            const std::filesystem::path& path, std::span<const std::string> sets,
                            const Catalog& catalog, LayoutIs layout = LayoutIs::Given);
/// The same with the catalog that Catalog::open() finds.
Scenario load_scenario(const std::filesystem::path& path, std::span<const std::string> sets = {});

}  // namespace scenarios
