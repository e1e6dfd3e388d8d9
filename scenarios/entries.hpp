#pragma once
// Catalog entries as the structs that other rooms use. The documents have passed their schemas.
// Private to this room.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/catalog.hpp"
#include "scenarios/document.hpp"
#include "scenarios/explained.hpp"

namespace scenarios {

topology::Accelerator read_accelerator(const Document& entry, const std::string& id,
                                       std::vector<Explained>* explained);
units::BytesPerSecond read_customary_nic_bandwidth(const Document& accelerator_entry);
topology::Nic read_nic(const Document& entry, const std::string& id,
                       std::vector<Explained>* explained);
topology::Switch read_switch(const Document& entry, const std::string& id,
                             std::vector<Explained>* explained);
topology::Cable read_cable(const Document& entry, const std::string& id,
                           std::vector<Explained>* explained);
/// `id` empty: the values stand in a user's file.
topology::Node read_node(const Document& entry, const std::string& id,
                         std::vector<Explained>* explained);
/// `id` empty: the values stand in a user's file.
sim::ModelSpec read_model(const Document& entry, const std::string& id,
                          std::vector<Explained>* explained);
/// An entry of the kind that has `towers`.
sim::ModelSpec read_tower_model(const Document& entry, const std::string& id,
                                std::vector<Explained>* explained);
bool is_tower_model(const Document& entry);
/// The schema of a model entry: "model", or "towers" of the kind that has them.
std::string_view model_schema(const Document& entry);
sim::Framework read_framework(const Document& entry, const std::string& id,
                              std::vector<Explained>* explained);

/// Everything that decides a cluster.
struct ClusterParts {
  Document fabric;
  std::string id;
  std::string label;  ///< for explanations: "catalog superpod-h100", empty where the user's file
                      ///< holds the fabric
  std::optional<int> gpus;
  topology::Location gpus_where;
  std::string gpus_source;
  std::string accelerator;  ///< instead of the node's
  topology::Location accelerator_where;
  Document overrides;                                  ///< flat, by dotted key
  std::shared_ptr<const topology::DeviceGraph> graph;  ///< of a custom fabric
};
topology::ClusterSpec resolve_cluster(const Catalog& catalog, const ClusterParts& parts,
                                      std::vector<Explained>* explained);
/// The same for what stands under `cluster` in a scenario.
topology::ClusterSpec resolve_cluster(const Catalog& catalog, const Document& scenario,
                                      std::vector<Explained>* explained);

/// The products behind a fabric's networks and its side networks, from a fabric entry; the rest of
/// `spec` is filled already.
void read_network_parts(topology::ClusterSpec& spec, const Document& fabric,
                        const std::string& label, const topology::Node& node,
                        const Catalog& catalog, std::vector<Explained>* explained);

/// Applies one override after another. @throws InputError for a value that cannot be.
void apply_overrides(topology::ClusterSpec& spec, const Document& overrides,
                     std::vector<Explained>* explained);

}  // namespace scenarios
