#include "scenarios/import_topology.hpp"

#include <algorithm>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/atomic_file.hpp"
#include "scenarios/format.hpp"
#include "topology/error.hpp"
#include "topology/graph_summary.hpp"
#include "topology/import/edge_list.hpp"
#include "topology/import/graphml.hpp"

namespace scenarios {

namespace {

using topology::DeviceGraph;
using topology::GraphSummary;
using Json = nlohmann::ordered_json;

/// The writer that the extension of `out` asks for.
using Writer = void (*)(const DeviceGraph&, std::ostream&);
Writer writer_for(const std::filesystem::path& out) {
  const std::string extension = out.extension().string();
  if (extension == ".graphml") {
    return topology::write_graphml;
  }
  if (extension == ".edges") {
    return topology::write_edge_list;
  }
  if (extension == ".dot") {
    return topology::write_dot;
  }
  throw topology::InputError(
      {}, {}, fmt::format("\"{}\" ends on none of .graphml, .edges and .dot", out.string()));
}

/// Different cables that are still listed; files may have as many kinds as cables.
constexpr std::size_t kMostListed = 50;

void print_table(const GraphSummary& summary) {
  for (const auto& [kind, count] : summary.devices) {
    fmt::print("{:<17} {}\n", name(kind), format_count(static_cast<double>(count)));
  }
  fmt::print("\n{:<17}    {:<17} {:>10}  {:<14} {}\n", "cables from", "to", "count", "each",
             "latency");
  for (std::size_t i = 0; i < std::min(summary.cables.size(), kMostListed); ++i) {
    const auto& row = summary.cables[i];
    fmt::print("{:<17} {} {:<17} {:>10}  {:<14} {}\n", name(row.from), row.one_way ? "->" : "--",
               name(row.to), format_count(static_cast<double>(row.count)),
               format_line_rate(row.bandwidth), format_time(row.latency));
  }
  if (summary.cables.size() > kMostListed) {
    fmt::print("... and {} other kinds of cable\n", summary.cables.size() - kMostListed);
  }
  fmt::print("\n");
  if (summary.parts > 1) {
    fmt::print("in {} parts that no cable joins\n", summary.parts);
  }
  if (summary.diameter) {
    fmt::print("GPUs are at {} {} hops apart\n", summary.diameter_is_exact ? "most" : "least",
               *summary.diameter);
  }
  if (summary.bisection) {
    fmt::print("the first half of the GPUs reaches the other with {} (minimum cut)\n",
               format_bandwidth(*summary.bisection));
  }
}

void print_json(const GraphSummary& summary, const std::filesystem::path& file) {
  Json json{{"file", file.string()}, {"devices", Json::object()}, {"cables", Json::array()}};
  for (const auto& [kind, count] : summary.devices) {
    json["devices"][std::string(name(kind))] = count;
  }
  for (std::size_t i = 0; i < std::min(summary.cables.size(), kMostListed); ++i) {
    const auto& row = summary.cables[i];
    json["cables"].push_back({{"from", name(row.from)},
                              {"to", name(row.to)},
                              {"count", row.count},
                              {"bandwidth_bytes_per_s", row.bandwidth.base()},
                              {"latency_s", row.latency.base()},
                              {"one_way", row.one_way}});
  }
  json["kinds_of_cable"] = summary.cables.size();
  json["parts"] = summary.parts;
  json["diameter_hops"] = summary.diameter ? Json(*summary.diameter) : Json();
  json["diameter_is_exact"] = summary.diameter_is_exact;
  json["bisection_bytes_per_s"] = summary.bisection ? Json(summary.bisection->base()) : Json();
  fmt::print("{}\n", json.dump(2));
}

}  // namespace

void check_graph_name(const std::filesystem::path& out) {
  if (!out.empty()) {
    (void)writer_for(out);
  }
}

void write_graph(const DeviceGraph& graph, const std::filesystem::path& out) {
  const Writer write = writer_for(out);
  std::ostringstream text;
  write(graph, text);
  write_file(out, text.view());
}

int import_graph(const ImportGraphOptions& options, GraphFormat as) {
  check_graph_name(options.out);  // before a long file is read
  const DeviceGraph graph = as == GraphFormat::Graphml ? topology::read_graphml(options.file)
                                                       : topology::read_edge_list(options.file);
  const GraphSummary summary = topology::summarise(graph);
  if (options.format == OutputFormat::Json) {
    print_json(summary, options.file);
  } else {
    print_table(summary);
  }
  if (!options.out.empty()) {
    write_graph(graph, options.out);
  }
  return 0;
}

}  // namespace scenarios
