#include "scenarios/import_commands.hpp"

#include <memory>

#include <CLI/CLI.hpp>

#include "scenarios/import_chakra_command.hpp"
#include "scenarios/import_hf.hpp"
#include "scenarios/import_measurements_command.hpp"
#include "scenarios/import_nccl.hpp"
#include "scenarios/import_topology.hpp"

namespace scenarios {

namespace {

/// What the functions below share: where to put the command, and how to print.
struct Import {
  CLI::App& app;
  const bool& json;
  std::function<int()>& command;

  [[nodiscard]] OutputFormat format() const {
    return json ? OutputFormat::Json : OutputFormat::Table;
  }
};

void add_graph(const Import& import, const char* name, const char* help, GraphFormat as) {
  const auto options = std::make_shared<ImportGraphOptions>();
  CLI::App* sub = import.app.add_subcommand(name, help);
  sub->add_option("file", options->file, "The graph")->required()->type_name("FILE");
  sub->add_option("--out", options->out,
                  "Write it as .graphml, .edges (plain text) or .dot (Graphviz)")
      ->type_name("FILE");
  sub->callback([import, options, as] {
    import.command = [ import, options, as ] { options->format = import.format();
    return import_graph(*options, as);
    };
});
}

void add_nccl_topo(const Import& import) {
  const auto options = std::make_shared<ImportNcclOptions>();
  CLI::App* sub = import.app.add_subcommand(
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
  sub->callback([import, options] {
    import.command = [ import, options ] { options->format = import.format();
    return import_nccl_topo(*options);
    };
});
}

void add_hf_config(const Import& import) {
  const auto options = std::make_shared<ImportHfOptions>();
  CLI::App* sub = import.app.add_subcommand(
      "hf-config", "Make a scenario's model of a Hugging Face config.json");
  sub->add_option("file", options->file, "The configuration")->required()->type_name("FILE");
  sub->add_option("--out", options->out, "Write the block instead of printing it")
      ->type_name("FILE.yaml");
  sub->callback([import, options] {
    import.command = [ import, options ] { options->format = import.format();
    return import_hf_config(*options);
    };
});
}

}  // namespace

void add_import(CLI::App& app, const bool& json, std::function<int()>& command) {
  CLI::App* sub = app.add_subcommand("import", "Read files of other tools");
  sub->require_subcommand(1);
  sub->fallthrough();
  const Import import{*sub, json, command};
  add_nccl_topo(import);
  add_hf_config(import);
  add_graph(import, "graphml", "Check a cluster drawn as GraphML and say what it holds",
            GraphFormat::Graphml);
  add_graph(import, "edge-list",
            "The same for plain text, a cable per line: FROM TO BANDWIDTH LATENCY [CABLES]",
            GraphFormat::EdgeList);
  add_import_chakra(*sub, json, command);
  add_import_measurements(*sub, json, command);
}

}  // namespace scenarios
