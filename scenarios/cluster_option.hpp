#pragma once
// The cluster that a command's option --cluster NAME|FILE means.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenarios/catalog.hpp"
#include "scenarios/explained.hpp"
#include "topology/cluster_spec.hpp"

namespace scenarios {

/// `name_or_file` is a fabric of the catalog, a scenario file (its cluster counts), or a YAML file
/// with the values of a fabric, say {base: superpod-h100, leaf_oversubscription: 4}. `gpus`
/// replaces the number of accelerators that it comes with. `sets` change single figures, by the
/// names of cluster.overrides ("nic.bandwidth=400 Gbit/s") or by a scenario's paths
/// ("cluster.fabric.leaf_oversubscription=4").
/// @throws InputError naming what was looked for and what is there.
topology::ClusterSpec load_cluster(const std::string& name_or_file, std::optional<int> gpus,
                                   std::span<const std::string> sets, const Catalog& catalog,
                                   std::vector<Explained>* explained = nullptr);

}  // namespace scenarios
