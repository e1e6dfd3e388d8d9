#pragma once
// Readers of single parts of a scenario. Private to this room.
#include <optional>
#include <string_view>
#include <vector>

#include "scenarios/catalog.hpp"
#include "scenarios/data_conditions.hpp"
#include "scenarios/network_conditions.hpp"
#include "scenarios/run_conditions.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/values.hpp"

namespace scenarios {

/// The scenario of a document that with_sets() has made; `file_name` is its name where it gives
/// none. See load_scenario().
Scenario scenario_of(const Document& document, const std::string& file_name, const Catalog& catalog,
                     LayoutIs layout);

/// `network`, `placement`, `neighbours` and cluster.fabric_gpus; defaults by the technology.
NetworkConditions read_network(const Values& scenario, topology::NetworkKind kind);

/// `task`: what a step does besides its training pass; nothing where the scenario has none.
std::optional<sim::PostTraining> read_task(const Values& scenario, const sim::ModelSpec& model,
                                           const sim::Training& training);

/// `run`; failures default to those of `accelerator`'s kind.
RunConditions read_run(const Values& scenario, const Catalog& catalog, std::string_view accelerator,
                       std::vector<Explained>* log);
/// `data`; storage defaults to that of the checkpoints, cores to those of the nodes.
DataConditions read_data(const Values& scenario, const Catalog& catalog,
                         const sim::ModelSpec& model, const topology::ClusterSpec& cluster,
                         const RunConditions& run, std::vector<Explained>* log);
/// run.phases: the scenario as it is while each of them runs.
std::vector<Scenario> read_phases(const Document& document, const std::string& file_name,
                                  const Catalog& catalog, LayoutIs layout,
                                  std::vector<Explained>* log);
/// Spot nodes are taken away: adds the events of the provider's market.
void add_reclaims(const PurchaseConditions& buying, const Catalog& catalog,
                  std::vector<Explained>* log, RunConditions& run);
/// `purchase`, or its defaults, which energy and carbon need.
PurchaseConditions read_purchase(const Values& scenario, const Document& document,
                                 const Catalog& catalog, std::vector<Explained>* log);

}  // namespace scenarios
