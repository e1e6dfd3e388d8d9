#include "scenarios/import_chakra_command.hpp"

#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "scenarios/import_chakra.hpp"

namespace scenarios {

namespace {

void add_options(CLI::App& sub, ImportChakraOptions& o) {
  static const std::map<std::string, sim::TraceCompute> computes{
      {"recorded", sim::TraceCompute::Recorded}, {"roofline", sim::TraceCompute::Roofline}};
  static const std::map<std::string, topology::Routing> routings{
      {"static", topology::Routing::Static},
      {"ecmp", topology::Routing::Ecmp},
      {"adaptive", topology::Routing::Adaptive},
      {"spray", topology::Routing::Spray}};
  sub.add_option("prefix", o.prefix, "Traces PREFIX.0.et, PREFIX.1.et, ... one per rank")
      ->required()
      ->type_name("PREFIX");
  sub.add_option("--cluster", o.cluster, "What to run them on: catalog name or YAML file")
      ->type_name("NAME|FILE");
  sub.add_option("--set", o.sets, "Change a figure of the cluster; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub.add_option("--groups", o.groups, "Process groups that the traces do not list (JSON)")
      ->type_name("FILE.json");
  sub.add_option("--routing", o.routing,
                 "How the network picks among equal paths (default: as its "
                 "technology does)")
      ->transform(CLI::CheckedTransformer(routings, CLI::ignore_case).description(""))
      ->type_name("static|ecmp|adaptive|spray");
  sub.add_option("--communications", o.communications,
                 "Sends and collectives that a rank runs at a time (1, as in ASTRA-sim)")
      ->type_name("N");
  sub.add_option("--compute", o.compute,
                 "Times of kernels: as recorded, or from their operations and bytes")
      ->transform(CLI::CheckedTransformer(computes, CLI::ignore_case).description(""))
      ->type_name("recorded|roofline");
  sub.add_option("--astra", o.astra_network,
                 "Instead of --cluster: follow ASTRA-sim's model of this network")
      ->type_name("NETWORK.yml");
  sub.add_option("--system", o.astra_system, "ASTRA-sim's system configuration, with --astra")
      ->type_name("SYSTEM.json");
  sub.add_flag("--congestion-aware", o.congestion_aware,
               "ASTRA-sim's congestion-aware variant, with --astra");
}

}  // namespace

void add_import_chakra(const CommandLine& line) {
  const auto options = std::make_shared<ImportChakraOptions>();
  CLI::App* sub =
      line.app.add_subcommand("chakra", "Simulate execution traces of another tool on a cluster");
  add_options(*sub, *options);
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return import_chakra(*options);
    };
  });
}

}  // namespace scenarios
