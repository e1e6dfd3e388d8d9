#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/report/report.hpp"

namespace scenarios {

void add_report(const CommandLine& line) {
  static const std::map<std::string, ReportFormat> formats{{"html", ReportFormat::Html},
                                                           {"markdown", ReportFormat::Markdown}};
  const auto options = std::make_shared<ReportOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand(
      "report", "Write one page with all that gpuplan finds about a scenario, a plan or a sweep");
  sub->add_option("scenario", o.scenario,
                  "Scenario file (YAML), planned first with the key plan; or the store of a sweep")
      ->required()
      ->type_name("SCENARIO|STORE");
  sub->add_option("--metric", o.metric,
                  "Of a sweep: the figure whose sensitivity is shown (default: step_time_s)")
      ->type_name("NAME");
  sub->add_option("--format", o.format,
                  "html: a file that loads nothing; markdown: the same as text (default: html, but "
                  "markdown where --out ends in .md)")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""))
      ->type_name("html|markdown");
  sub->add_option("--out", o.out, "File (default: standard output)")->type_name("FILE");
  add_fidelity(*sub, o.fidelity,
               "Of the step; flow (default): with timeline, power trace and link loads");
  sub->add_option("--set", o.sets, "Change any value, say layout.tp=4; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--threads", o.threads, "Threads (default: all cores); the result is the same")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  add_profile(*sub, o.profile);
  add_stdin(*sub, line, o.text,
            "Read the scenario's text from standard input: SCENARIO is the file it belongs to");
  sub->callback([line, options] {
    line.command = [line, options] {
      options->said = line.format();
      return report(*options);
    };
  });
}

}  // namespace scenarios
