#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/validate.hpp"

namespace scenarios {

void add_validate(const CommandLine& line) {
  static const std::map<std::string, ValidationKind> kinds{
      {"training", ValidationKind::Training},
      {"gemm", ValidationKind::Gemm},
      {"attention", ValidationKind::Attention},
      {"collectives", ValidationKind::Collectives}};
  const auto options = std::make_shared<ValidateOptions>();
  auto& o = *options;
  CLI::App* sub =
      line.app.add_subcommand("validate", "Compare predictions with a table of measurements");
  sub->add_option("table", o.table, "Measurements (CSV)")->required()->type_name("TABLE.csv");
  sub->add_option("--kind", o.kind, "What the rows measure")
      ->required()
      ->transform(CLI::CheckedTransformer(kinds, CLI::ignore_case).description(""))
      ->type_name("training|collectives|gemm|attention");
  sub->add_option("--where", o.where, "Only rows whose column has this value; may be repeated")
      ->type_name("COLUMN=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--out", o.out, "Write the rows with prediction, error and reason")
      ->type_name("ROWS.csv");
  add_profile(*sub, o.profile);
  sub->add_option("--write-band", o.write_band,
                  "Write how far measured steps lie around their predictions (training)")
      ->type_name("FILE.json");
  sub->add_option("--report", o.report, "Write a page of all errors, for training runs")
      ->type_name("FILE.html|FILE.md");
  sub->add_option("--fail-above", o.fail_above,
                  "Exit with 1 if the median error is above this fraction")
      ->type_name("ERROR")
      ->check(CLI::NonNegativeNumber);
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return validate(*options);
    };
  });
}

}  // namespace scenarios
