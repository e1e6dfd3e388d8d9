#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/plan/plan.hpp"

namespace scenarios {

void add_plan(const CommandLine& line) {
  static const std::map<std::string, sim::Resource> goals{
      {"time", sim::Resource::Time},
      {"money", sim::Resource::Money},
      {"power", sim::Resource::Power},
      {"carbon", sim::Resource::Carbon},
      {"accelerators", sim::Resource::Accelerators}};
  const auto options = std::make_shared<PlanOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand(
      "plan", "Find the best cluster, size, layout and purchase for a whole run, under limits");
  sub->add_option("scenario", o.scenario, "Scenario file (YAML) with run, limits and plan")
      ->required()
      ->type_name("SCENARIO");
  sub->add_option("--goal", o.goal, "What to use least of, instead of the scenario's plan.goal")
      ->transform(CLI::CheckedTransformer(goals, CLI::ignore_case).description(""))
      ->type_name("time|money|power|carbon|accelerators");
  sub->add_option("--set", o.sets,
                  "Change any value, say limits.deadline='90 days'; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--threads", o.threads, "Threads (default: all cores); the result is the same")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  sub->add_option("--out", o.out, "Write the scenario of the best plan")->type_name("FILE.yaml");
  add_profile(*sub, o.profile);
  add_stdin(*sub, line, o.text,
            "Read the scenario's text from standard input: SCENARIO is the file it belongs to");
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return plan(*options);
    };
  });
}

}  // namespace scenarios
