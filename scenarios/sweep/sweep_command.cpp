#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/sweep/sweep.hpp"

namespace scenarios {

namespace {

/// What the words of one sweep ask for.
struct SweepRequest {
  SweepOptions sweep;
  std::string shard = "0/1";
  std::optional<ClusterScript> script;  ///< to print, instead of sweeping
  std::uint64_t shards = 16;            ///< of the script
};

}  // namespace

void add_sweep(const CommandLine& line) {
  static const std::map<std::string, ClusterScript> scripts{{"slurm", ClusterScript::Slurm},
                                                            {"k8s", ClusterScript::Kubernetes}};
  const auto options = std::make_shared<SweepRequest>();
  auto& o = options->sweep;
  CLI::App* sub = line.app.add_subcommand(
      "sweep", "Simulate a scenario over lists, ranges or samples of its values, into a store");
  sub->add_option("sweep", o.sweep, "Sweep file (YAML), see scenarios/examples/sweep")
      ->required()
      ->type_name("SWEEP");
  sub->add_option("--store", o.store, "SQLite file for the results")
      ->required()
      ->type_name("FILE.sqlite");
  sub->add_option("--jobs", o.jobs, "Worker processes (default: one for each core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  sub->add_option("--shard", options->shard, "Only part I of N, counted from 0: say 3/8")
      ->type_name("I/N");
  sub->add_flag("--resume", o.resume, "Go on with a store that holds some of the points");
  CLI::Option* emit =
      sub->add_option("--emit", options->script, "Print a script that runs the sweep in shards")
          ->transform(CLI::CheckedTransformer(scripts, CLI::ignore_case).description(""))
          ->type_name("slurm|k8s");
  sub->add_option("--shards", options->shards, "Shards of the script (default 16)")
      ->type_name("N")
      ->check(CLI::Range(1, 100000))
      ->needs(emit);
  add_profile(*sub, o.profile);
  add_stdin(
      *sub, line, o.text,
      "Read the text of the sweep's scenario from standard input; its file need not be there");
  sub->callback([line, options] {
    line.command = [line, options] {
      options->sweep.format = line.format();
      options->sweep.shard = read_shard(options->shard);
      return options->script ? emit_sweep(options->sweep, *options->script, options->shards)
                             : sweep(options->sweep);
    };
  });
}

}  // namespace scenarios
