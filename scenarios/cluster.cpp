#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scenarios/cluster_network.hpp"
#include "scenarios/entries.hpp"
#include "scenarios/format.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/values.hpp"
#include "topology/bill_of_materials.hpp"
#include "topology/cluster_spec.hpp"

namespace scenarios {

namespace {
using topology::ClusterSpec;
using topology::FabricKind;
using topology::InputError;

std::string entry_source(const Document& fabric) {
  const Json* source = find(fabric.root, "/source");
  const Json* as_of = find(fabric.root, "/as_of");
  return source == nullptr || as_of == nullptr || !source->is_string() || !as_of->is_string()
             ? std::string()
             : fmt::format("{} ({})", source->get<std::string>(), as_of->get<std::string>());
}

/// As near to a cube (square) as whole numbers allow, as many extents as `like` has.
std::vector<int> balanced_extents(int devices, std::size_t dimensions) {
  std::vector<int> extents;
  for (std::size_t left = dimensions; left > 1; --left) {
    int extent = std::max(
        1, static_cast<int>(std::lround(std::pow(devices, 1.0 / static_cast<double>(left)))));
    while (devices % extent != 0) {
      --extent;
    }
    extents.push_back(extent);
    devices /= extent;
  }
  extents.push_back(devices);
  return extents;
}

/// Whole cubes where the number allows, so that every ring is closed.
std::vector<int> fitting_extents(const ClusterSpec& spec) {
  const std::size_t axes = std::max<std::size_t>(spec.torus.size(), 2);
  int cube = 1;
  for (std::size_t axis = 0; axis < axes && cube <= spec.gpus; ++axis) {
    cube *= std::max(1, spec.optical_cube);
  }
  if (cube <= 1 || spec.gpus % cube != 0) {
    return balanced_extents(spec.gpus, axes);
  }
  std::vector<int> extents = balanced_extents(spec.gpus / cube, axes);
  for (int& extent : extents) {
    extent *= spec.optical_cube;
  }
  return extents;
}

void fit_torus(ClusterSpec& spec) {
  const auto product =
      std::accumulate(spec.torus.begin(), spec.torus.end(), 1L, std::multiplies<>());
  if (spec.fabric != FabricKind::Torus || product == spec.gpus) {
    return;
  }
  spec.torus = fitting_extents(spec);
  spec.assumptions.push_back(fmt::format("a torus of {} assumed for {} accelerators{}",
                                         fmt::join(spec.torus, " x "), spec.gpus,
                                         spec.twisted ? ", not twisted" : ""));
  spec.twisted = false;
}

/// Says where optical switches cannot close a ring.
void note_lines(ClusterSpec& spec) {
  if (spec.fabric != FabricKind::Torus || spec.optical_cube == 0) {
    return;
  }
  for (const int extent : spec.torus) {
    if (extent > 1 && extent % spec.optical_cube != 0) {
      spec.assumptions.push_back(
          fmt::format("an axis of {} in {} is no multiple of the cube's edge of {}: it has no "
                      "wrap-around links",
                      extent, fmt::join(spec.torus, " x "), spec.optical_cube));
      return;
    }
  }
}

/// A part of one node or domain is a smaller node; more must be whole nodes.
void fit_size(ClusterSpec& spec, const ClusterParts& parts) {
  const auto refuse = [&](const std::string& message) {
    throw InputError(parts.gpus_where, "cluster.gpus", message);
  };
  const int joined = std::max(spec.gpus_per_node, spec.scale_up_domain);
  if (spec.fabric == FabricKind::SingleDomain && spec.gpus > joined) {
    refuse(
        fmt::format("{} is one domain of {} accelerators, found {}; use a fabric with a network "
                    "(gpuplan catalog fabrics)",
                    spec.id, joined, spec.gpus));
  }
  if (spec.gpus > spec.gpus_per_node && spec.gpus % spec.gpus_per_node != 0) {
    const int below = spec.gpus / spec.gpus_per_node * spec.gpus_per_node;
    refuse(fmt::format("{} is no whole number of nodes of {}; use {} or {}", spec.gpus,
                       spec.gpus_per_node, below, below + spec.gpus_per_node));
  }
  int others = 0;
  for (const topology::NodeGroup& group : spec.other_nodes) {
    others += std::min(group.gpus, spec.gpus);
    if (others > spec.gpus || group.gpus > spec.gpus) {
      refuse(fmt::format("other_nodes hold more than the cluster's {} accelerators", spec.gpus));
    }
  }
  spec.gpus_per_node = std::min(spec.gpus_per_node, spec.gpus);
  spec.scale_up_domain = std::min(spec.scale_up_domain, spec.gpus);
  if (spec.scale_up_domain % spec.gpus_per_node != 0 &&
      spec.gpus_per_node % spec.scale_up_domain != 0) {
    refuse(
        fmt::format("a scale-up domain of {} is neither a part nor a multiple of a node of {} "
                    "accelerators; set "
                    "cluster.overrides.scale_up_domain",
                    spec.scale_up_domain, spec.gpus_per_node));
  }
}

/// The fabric's node: of the catalog, or its values themselves.
topology::Node node_of(const Document& entry, const Values& fabric, const Catalog& catalog,
                       std::vector<Explained>* explained) {
  const Json* own = find(entry.root, "/node");
  if (own == nullptr || !own->is_object()) {
    return catalog.node(fabric.text("node"), fabric.where("node"), explained);
  }
  const Document node = extract(entry, "/node");
  check_schema(node, "nodes/entry", "cluster.fabric.node");
  return read_node(node, {}, explained);
}

void fill_network_power(ClusterSpec& spec) {
  try {
    spec.network_power = topology::network_power(spec);
  } catch (const InputError& e) {  // a fabric that no flow simulation needs may stay unplanned
    spec.assumptions.push_back(
        fmt::format("power of the network estimated per accelerator: {}", e.what()));
  }
}

}  // namespace

topology::ClusterSpec resolve_cluster(const Catalog& catalog, const ClusterParts& parts,
                                      std::vector<Explained>* explained) {
  const Values fabric(parts.fabric,
                      {"cluster", parts.label, entry_source(parts.fabric), explained, nullptr});
  ClusterSpec spec;
  spec.id = parts.id;
  spec.fabric = fabric.word("kind", spec.fabric, topology::fabric_from_name, "single-domain");
  spec.network = fabric.word("network", spec.network, topology::network_from_name, "none");
  if (parts.gpus) {
    spec.gpus = *parts.gpus;
    fabric.explain("gpus", std::to_string(spec.gpus), parts.gpus_source);
  } else {
    spec.gpus = fabric.integer("gpus");
  }
  const topology::Node node = node_of(parts.fabric, fabric, catalog, explained);
  spec.gpus_per_node = node.accelerators;
  spec.node_overhead_power = node.host_power;
  spec.cpu_cores = node.cpu_cores;
  spec.accelerator =
      parts.accelerator.empty()
          ? catalog.accelerator(node.accelerator, {}, explained)
          : catalog.accelerator(parts.accelerator, parts.accelerator_where, explained);
  if (spec.accelerator.id != node.accelerator &&
      catalog.accelerator_id(node.accelerator) != spec.accelerator.id) {
    spec.assumptions.push_back(
        fmt::format("{} in place of the {} of node {}: its network and host power are kept",
                    spec.accelerator.id, node.accelerator, node.id));
  }
  spec.scale_up_domain = fabric.integer(
      "scale_up_domain", std::min(spec.accelerator.scale_up.domain, node.accelerators),
      "that of the accelerator, at most the node");
  fill_network(spec, fabric, node, catalog, explained);
  fill_other_nodes(spec, parts.fabric, catalog);
  spec.graph = parts.graph;
  if (fabric.has("in_network_reduction")) {
    spec.in_network_reduction = fabric.flag("in_network_reduction");
  }
  read_network_parts(spec, parts.fabric, parts.label, node, catalog, explained);
  apply_overrides(spec, parts.overrides, explained);
  fit_size(spec, parts);
  fit_torus(spec);
  note_lines(spec);
  fill_network_power(spec);
  return spec;
}

}  // namespace scenarios
