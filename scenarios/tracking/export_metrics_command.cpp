#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/tracking/export_metrics.hpp"

namespace scenarios {

void add_export_metrics(const CommandLine& line) {
  static const std::map<std::string, MetricsFormat> formats{
      {"csv", MetricsFormat::Csv},
      {"prometheus", MetricsFormat::Prometheus},
      {"mlflow", MetricsFormat::Mlflow}};
  const auto options = std::make_shared<ExportMetricsOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand(
      "export-metrics", "Write the figures of a scenario for experiment trackers and monitoring");
  sub->add_option("scenario", o.scenario, "Scenario file (YAML); with run, the whole run too")
      ->required()
      ->type_name("SCENARIO");
  sub->add_option("--format", o.format,
                  "csv (default), prometheus: text format; mlflow: a run in a tracking server")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""))
      ->type_name("csv|prometheus|mlflow");
  sub->add_option("--out", o.out, "File of csv and prometheus (default: standard output)")
      ->type_name("FILE");
  sub->add_option("--uri", o.uri,
                  "Tracking server, say http://localhost:5000 (default: MLFLOW_TRACKING_URI; the "
                  "token, if it wants one, is MLFLOW_TRACKING_TOKEN)")
      ->envname("MLFLOW_TRACKING_URI")
      ->type_name("URI");
  sub->add_option("--experiment", o.experiment, "MLflow experiment (default gpuplan)")
      ->type_name("NAME");
  add_fidelity(*sub, o.fidelity,
               "closed-form: nothing contends; flow: every transfer on every link");
  sub->add_option("--set", o.sets, "Change any value, say layout.tp=4; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->callback(
      [line, options] { line.command = [line, options] { return export_metrics(*options); }; });
}

}  // namespace scenarios
