// What is done with the store of a sweep: gpuplan merge, export and sensitivity.
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/sweep/sweep.hpp"

namespace scenarios {

void add_merge(const CommandLine& line) {
  const auto options = std::make_shared<MergeOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand("merge", "Join the stores of a sweep's shards");
  sub->add_option("stores", o.stores, "Stores of one sweep")->required()->type_name("STORE...");
  sub->add_option("--out", o.out, "The store with all points")
      ->required()
      ->type_name("FILE.sqlite");
  sub->callback([line, options] { line.command = [line, options] { return merge(*options); }; });
}

void add_export(const CommandLine& line) {
  static const std::map<std::string, ExportFormat> formats{
      {"csv", ExportFormat::Csv}, {"json", ExportFormat::Json}, {"xlsx", ExportFormat::Xlsx}};
  const auto options = std::make_shared<ExportOptions>();
  auto& o = *options;
  CLI::App* sub =
      line.app.add_subcommand("export", "Write the points of a sweep's store as a table");
  sub->add_option("store", o.store, "Store of a sweep")->required()->type_name("STORE");
  sub->add_option("--format", o.format, "csv (default), json or xlsx")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""))
      ->type_name("csv|json|xlsx");
  sub->add_option("--out", o.out, "File (default: standard output)")->type_name("FILE");
  sub->callback(
      [line, options] { line.command = [line, options] { return export_store(*options); }; });
}

void add_sensitivity(const CommandLine& line) {
  const auto options = std::make_shared<SensitivityOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand(
      "sensitivity", "Say how much each varied value of a sweep moves a figure");
  sub->add_option("store", o.store, "Store of a sweep with sample: tornado or {sensitivity: N}")
      ->required()
      ->type_name("STORE");
  sub->add_option("--metric", o.metric, "A column of gpuplan export (default step_time_s)")
      ->type_name("NAME");
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return sensitivity(*options);
    };
  });
}

}  // namespace scenarios
