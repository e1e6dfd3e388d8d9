// The readers of topologies. They stand on the topology room alone, so that their libFuzzer
// programs are quick to build.
#include <sstream>

#include "topology/import/edge_list.hpp"
#include "topology/import/graphml.hpp"
#include "topology/import/nccl_xml.hpp"

#include "tests/fuzz/accepts.hpp"
#include "tests/fuzz/targets.hpp"

namespace fuzz {

namespace {

/// What is written of a graph that was accepted must be accepted again.
void read_graphml(const std::string& bytes) {
  std::ostringstream again;
  topology::write_graphml(topology::parse_graphml(bytes, "net.graphml"), again);
  topology::expects(accepted([&] { (void)topology::parse_graphml(again.str(), "again"); }),
                    "GraphML that we wrote can be read");
}

void read_edge_list(const std::string& bytes) {
  std::ostringstream again;
  topology::write_edge_list(topology::parse_edge_list(bytes, "net.edges"), again);
  topology::expects(accepted([&] { (void)topology::parse_edge_list(again.str(), "again"); }),
                    "an edge list that we wrote can be read");
}

/// The machine must make a graph that can be written and read.
void read_nccl_xml(const std::string& bytes) {
  const topology::DeviceGraph graph =
      topology::device_graph(topology::parse_nccl_xml(bytes, "topo.xml"));
  std::ostringstream again;
  topology::write_graphml(graph, again);
  topology::expects(accepted([&] { (void)topology::parse_graphml(again.str(), "again"); }),
                    "the graph of a machine can be read");
}

}  // namespace

std::vector<Target> topology_targets() {
  const std::string data = std::string(GPUPLAN_SOURCE_DIR) + "/tests/topology/data/";
  return {{"graphml", read_graphml, {data + "networkx.graphml", data + "yed.graphml"}},
          {"edge_list", read_edge_list, {data + "two_nodes.edges"}},
          {"nccl_xml", read_nccl_xml, {data + "nvswitch_dump.xml"}}};
}

}  // namespace fuzz
