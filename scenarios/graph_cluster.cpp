#include "scenarios/graph_cluster.hpp"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "topology/cluster.hpp"
#include "topology/device_graph.hpp"
#include "topology/import/edge_list.hpp"
#include "topology/import/graphml.hpp"

namespace scenarios {

namespace {

topology::DeviceGraph read_graph(const Values& in, const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) {
    in.refuse("graph", fmt::format("there is no file \"{}\"; the path is relative to the file that "
                                   "names it",
                                   path.string()));
  }
  if (path.extension() == ".graphml") {
    return topology::read_graphml(path);
  }
  if (path.extension() == ".edges") {
    return topology::read_edge_list(path);
  }
  in.refuse("graph", fmt::format("\"{}\" ends neither in .graphml nor in .edges", path.string()));
}

void check_keys(const Values& in) {
  if (in.has("fabric")) {
    in.refuse("fabric", "a cluster has a fabric or a graph, not both; take one away");
  }
  if (!in.has("graph")) {
    in.refuse("node", "a node goes with a graph; a fabric has its own");
  }
  if (!in.has("node")) {
    in.refuse("graph",
              "a graph needs a node beside it, for the properties of its accelerators, say node: "
              "dgx-h100 (gpuplan catalog nodes)");
  }
}

}  // namespace

ClusterParts graph_cluster_parts(const Document& document, const Values& in) {
  check_keys(in);
  const topology::Location where = in.where("graph");
  const auto path = std::filesystem::path(where.file).parent_path() / in.text("graph");
  auto graph = std::make_shared<const topology::DeviceGraph>(read_graph(in, path));
  const std::size_t gpus = graph->count(topology::VertexKind::Gpu);
  if (gpus == 0) {
    in.refuse("graph", fmt::format("{} has no device of kind gpu", path.string()));
  }
  if (in.has("gpus") && static_cast<std::size_t>(in.integer("gpus")) != gpus) {
    in.refuse("gpus", fmt::format("found {}, but {} has {} GPUs; leave it out", in.integer("gpus"),
                                  path.string(), gpus));
  }
  ClusterParts parts;
  parts.id = path.stem().string();
  parts.gpus = static_cast<int>(gpus);
  parts.gpus_where = where;
  parts.gpus_source = fmt::format("counted in {}", path.string());
  parts.graph = std::move(graph);
  if (in.has("accelerator")) {
    parts.accelerator = in.text("accelerator");
    parts.accelerator_where = in.where("accelerator");
  }
  parts.overrides = extract(document, "/cluster/overrides");
  // What a fabric's entry would say; the technology is a default that an override may change.
  parts.fabric.root = {{"kind", "custom"}, {"network", "infiniband"}, {"node", in.text("node")}};
  parts.fabric.places[""] = document.place("/cluster");
  parts.fabric.places["/node"] = document.place("/cluster/node");
  parts.fabric.places["/kind"] = document.place("/cluster/graph");
  return parts;
}

}  // namespace scenarios
