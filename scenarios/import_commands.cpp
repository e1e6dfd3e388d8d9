// gpuplan import: a new kind of file is one function here.
#include <memory>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/import_chakra_command.hpp"
#include "scenarios/import_hf.hpp"
#include "scenarios/import_measurements_command.hpp"
#include "scenarios/import_nccl.hpp"
#include "scenarios/import_topology.hpp"

namespace scenarios {

namespace {

void add_graph(const CommandLine& line, const char* name, const char* help, GraphFormat as) {
  const auto options = std::make_shared<ImportGraphOptions>();
  CLI::App* sub = line.app.add_subcommand(name, help);
  sub->add_option("file", options->file, "The graph")->required()->type_name("FILE");
  sub->add_option("--out", options->out,
                  "Write it as .graphml, .edges (plain text) or .dot (Graphviz)")
      ->type_name("FILE");
  sub->callback([line, options, as] {
    line.command = [line, options, as] {
      options->format = line.format();
      return import_graph(*options, as);
    };
  });
}

void add_nccl_topo(const CommandLine& line) {
  const auto options = std::make_shared<ImportNcclOptions>();
  CLI::App* sub = line.app.add_subcommand(
      "nccl-topo", "Make a catalog node of NCCL's description of a machine (NCCL_TOPO_DUMP_FILE)");
  sub->add_option("file", options->file, "The topology (XML)")->required()->type_name("FILE");
  sub->add_option("--out", options->out, "Write the catalog entry instead of printing it")
      ->type_name("FILE.yaml");
  sub->add_option("--graph", options->graph, "Write the machine as .graphml, .edges or .dot")
      ->type_name("FILE");
  sub->add_option("--accelerator", options->accelerator,
                  "What the GPUs are, instead of what their PCI ids say")
      ->type_name("NAME");
  sub->add_option("--nic", options->nic, "What the NICs are")->type_name("NAME");
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return import_nccl_topo(*options);
    };
  });
}

void add_hf_config(const CommandLine& line) {
  const auto options = std::make_shared<ImportHfOptions>();
  CLI::App* sub =
      line.app.add_subcommand("hf-config", "Make a scenario's model of a Hugging Face config.json");
  sub->add_option("file", options->file, "The configuration")->required()->type_name("FILE");
  sub->add_option("--out", options->out, "Write the block instead of printing it")
      ->type_name("FILE.yaml");
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return import_hf_config(*options);
    };
  });
}

}  // namespace

void add_import(const CommandLine& line) {
  CLI::App* sub = line.app.add_subcommand("import", "Read files of other tools");
  sub->require_subcommand(1);
  sub->fallthrough();
  const CommandLine below{*sub, line.json, line.command, line.from_stdin};
  add_nccl_topo(below);
  add_hf_config(below);
  add_graph(below, "graphml", "Check a cluster drawn as GraphML and say what it holds",
            GraphFormat::Graphml);
  add_graph(below, "edge-list",
            "The same for plain text, a cable per line: FROM TO BANDWIDTH LATENCY [CABLES]",
            GraphFormat::EdgeList);
  add_import_chakra(below);
  add_import_measurements(below);
}

}  // namespace scenarios
