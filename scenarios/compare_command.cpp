#include <memory>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/compare.hpp"

namespace scenarios {

void add_compare(const CommandLine& line) {
  const auto options = std::make_shared<CompareOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand("compare", "Predict several scenarios side by side");
  sub->add_option("scenarios", o.scenarios, "Scenario files (YAML); changes are against the first")
      ->required()
      ->type_name("SCENARIO...");
  add_fidelity(*sub, o.each.fidelity,
               "closed-form: nothing contends; flow: every transfer on every link");
  sub->add_option("--set", o.each.sets, "Change any value of all of them; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  add_profile(*sub, o.each.profile);
  sub->callback([line, options] {
    line.command = [line, options] {
      options->each.format = line.format();
      return compare(*options);
    };
  });
}

}  // namespace scenarios
