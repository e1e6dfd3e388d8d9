#include <memory>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/show_catalog.hpp"

namespace scenarios {

void add_catalog(const CommandLine& line) {
  const auto options = std::make_shared<ShowCatalogOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand(
      "catalog", "List accelerators, models, fabrics ..., or show one with its sources");
  sub->add_option(
         "kind", o.kind,
         "accelerators, models, fabrics, nodes, nics, switches, cables, frameworks, failures, "
         "recoveries, storage, grids, cooling, prices or ownerships")
      ->type_name("KIND");
  sub->add_option("name", o.name, "An entry of that kind")->type_name("NAME");
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return show_catalog(*options);
    };
  });
}

}  // namespace scenarios
