#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/doctor.hpp"

namespace scenarios {

void add_doctor(const CommandLine& line) {
  CLI::App* sub =
      line.app.add_subcommand("doctor", "Say what is installed, what is missing and what to do");
  sub->callback([line] { line.command = [line] { return doctor(line.format()); }; });
}

}  // namespace scenarios
