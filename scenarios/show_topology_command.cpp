#include <memory>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/show_topology.hpp"

namespace scenarios {

void add_topology(const CommandLine& line) {
  const auto options = std::make_shared<ShowTopologyOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand(
      "topology", "Say what a cluster is made of: switches, cables, bandwidth, power and price");
  sub->add_option("cluster", o.cluster, "Catalog name (gpuplan catalog fabrics) or a file")
      ->required()
      ->type_name("CLUSTER");
  sub->add_option("--gpus", o.gpus, "Accelerators, instead of the cluster's own number")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  sub->add_option("--set", o.sets,
                  "Change a figure, say nic.bandwidth='800 Gbit/s'; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--graphml", o.graphml, "Write the whole graph as GraphML")
      ->type_name("FILE.graphml");
  CLI::Option* dot =
      sub->add_option("--dot", o.dot, "Draw it for Graphviz; what is alike is drawn once")
          ->type_name("FILE.dot");
  sub->add_flag_callback(
         "--full", [&o] { o.drawing = Drawing::Full; }, "Draw every device and cable")
      ->needs(dot);
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return show_topology(*options);
    };
  });
}

}  // namespace scenarios
