#include <memory>

#include <CLI/CLI.hpp>

#include "scenarios/calibrate.hpp"
#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/import_measurements_command.hpp"

namespace scenarios {

void add_calibrate(const CommandLine& line) {
  const auto options = std::make_shared<CalibrateOptions>();
  CLI::App* sub = line.app.add_subcommand(
      "calibrate", "Fit a profile to measurements: records, nccl-tests output, tables");
  sub->add_option("files", options->files,
                  "Records (JSON lines), nccl-tests or rccl-tests output, tables (CSV)")
      ->required()
      ->type_name("FILE...");
  sub->add_option("--out", options->out, "The profile to write")
      ->required()
      ->type_name("PROFILE.json");
  sub->add_option("--report", options->report, "Write a page with residuals and parameters")
      ->type_name("FILE.html");
  sub->add_option("--residuals", options->residuals,
                  "Write every measurement beside what the profile says of it")
      ->type_name("ROWS.csv");
  sub->add_option("--also", options->also,
                  "Measurements of this accelerator count as well; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  sub->add_option("--parent", options->parent,
                  "Gives what was not measured: a catalog accelerator, a profile, or none "
                  "(default: the accelerator's own)")
      ->type_name("NAME|FILE|none");
  sub->add_flag("--inside-only", options->inside_only,
                "Do not fit networks between nodes; only say how well they are predicted");
  add_description_options(*sub, options->known);
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return calibrate(*options);
    };
  });
}

}  // namespace scenarios
