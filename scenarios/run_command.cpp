#include <memory>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/run.hpp"

namespace scenarios {

void add_run(const CommandLine& line) {
  const auto options = std::make_shared<RunOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand(
      "run", "Predict a whole training run: days, failures, checkpoints, energy, carbon and money");
  sub->add_option("scenario", o.scenario, "Scenario file (YAML) with run: {tokens: ...}")
      ->required()
      ->type_name("SCENARIO");
  sub->add_option("--runs", o.runs, "Simulated runs, instead of the scenario's run.runs")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000'000));
  sub->add_option("--threads", o.threads, "Default: all of the machine; the result is the same")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  sub->add_option("--set", o.sets, "Change any value, say run.spares=4; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->add_flag("--explain", o.explain, "Print every value with its source instead of simulating");
  sub->add_option("--why", o.why, "Tell where one figure of --json comes from, say days")
      ->type_name("FIGURE");
  add_profile(*sub, o.profile);
  add_stdin(*sub, line, o.text,
            "Read the scenario's text from standard input: SCENARIO is the file it belongs to");
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return run(*options);
    };
  });
}

}  // namespace scenarios
