#include "scenarios/show_topology.hpp"

#include <sstream>

#include <fmt/format.h>

#include "scenarios/atomic_file.hpp"
#include "scenarios/catalog.hpp"
#include "scenarios/cluster_option.hpp"
#include "scenarios/topology_report.hpp"
#include "topology/cluster.hpp"
#include "topology/error.hpp"
#include "topology/folded_graph.hpp"

namespace scenarios {

namespace {

/// Graphviz needs minutes and a wall-sized page beyond this.
constexpr std::size_t kMostReadableVertices = 5000;
/// A torus of a million takes 430 MB and 10 s.
constexpr int kMostAccelerators = 1 << 22;

topology::Cluster build(const ShowTopologyOptions& options) {
  const topology::ClusterSpec spec =
      load_cluster(options.cluster, options.gpus, options.sets, Catalog::open());
  if (spec.gpus > kMostAccelerators) {
    throw topology::InputError({}, "cluster.gpus",
                               fmt::format("found {}, but no more than {} are drawn as a graph",
                                           spec.gpus, kMostAccelerators));
  }
  return topology::Cluster::build(spec);
}

void draw(const topology::Cluster& cluster, const ShowTopologyOptions& options) {
  std::ostringstream dot;
  if (options.drawing == Drawing::Full) {
    if (cluster.vertex_count() > kMostReadableVertices) {
      fmt::print(stderr,
                 "gpuplan: warning: {} holds {} vertices and {} links, more than Graphviz lays out "
                 "in reasonable time; leave --full out for a folded picture\n",
                 options.dot.string(), cluster.vertex_count(), cluster.link_count());
    }
    cluster.write_dot(dot);
  } else {
    topology::write_dot(topology::fold_graph(cluster), cluster, dot);
  }
  write_file(options.dot, dot.str());
}

}  // namespace

int show_topology(const ShowTopologyOptions& options) {
  const topology::Cluster cluster = build(options);
  if (!options.graphml.empty()) {
    std::ostringstream graphml;
    cluster.write_graphml(graphml);
    write_file(options.graphml, graphml.str());
  }
  if (!options.dot.empty()) {
    draw(cluster, options);
  }
  print_topology(describe_topology(cluster), options.format);
  return 0;
}

}  // namespace scenarios
