#include <memory>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/simulate.hpp"

namespace scenarios {

void add_simulate(const CommandLine& line) {
  const auto options = std::make_shared<SimulateOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand(
      "simulate", "Predict step time, memory, power and what limits one training job");
  sub->add_option("scenario", o.scenario, "Scenario file (YAML), see scenarios/examples")
      ->required()
      ->type_name("SCENARIO");
  add_fidelity(*sub, o.fidelity,
               "closed-form: microseconds, nothing contends; flow: every transfer on every link");
  sub->add_option("--set", o.sets, "Change any value, say layout.tp=4; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--trace", o.trace, "Write the timeline for ui.perfetto.dev (implies flow)")
      ->type_name("FILE.json");
  sub->add_option("--power-trace", o.power_trace,
                  "Write the cluster's power along the step (implies flow)")
      ->type_name("FILE.csv");
  sub->add_option("--chakra", o.chakra,
                  "Write the step as Chakra execution traces, a file per rank")
      ->type_name("PREFIX");
  sub->add_flag("--force", o.force, "Write more than 4,096 traces");
  sub->add_flag("--explain", o.explain, "Print every value with its source instead of simulating");
  sub->add_option("--why", o.why, "Tell where one figure of --json comes from, say mfu")
      ->type_name("FIGURE");
  sub->add_option("--link-loads", o.link_loads,
                  "Write the load of every link, for heat maps (implies flow)")
      ->type_name("FILE.csv");
  add_profile(*sub, o.profile);
  add_stdin(*sub, line, o.text,
            "Read the scenario's text from standard input: SCENARIO is the file it belongs to");
  sub->add_flag("--unfold", o.unfold, "Simulate every rank by itself, also those that are alike");
  sub->add_flag("--public-backend", o.public_backend,
                "Use SimGrid's public interface: slower, for cross-checks");
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return simulate(*options);
    };
  });
}

}  // namespace scenarios
