#include "scenarios/report/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/atomic_file.hpp"
#include "scenarios/format.hpp"
#include "scenarios/report/findings.hpp"
#include "scenarios/report/sections.hpp"
#include "scenarios/report/sweep_report.hpp"
#include "scenarios/version.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace {

Page page_of(const Findings& f) {
  Page page{.title = f.scenario.name,
            .lead = fmt::format("{} accelerators ({}), {} parameters. Predicted by gpuplan {}.",
                                format_count(f.step.gpus), f.scenario.cluster.accelerator.id,
                                format_count(f.step.report.parameters), version()),
            .sections = {}};
  if (f.plans) {
    page.title = f.plans->scenario;
    page.sections.push_back(plans_section(f));
  }
  for (const auto& section :
       {summary_section, limits_section, step_section, roofline_section, memory_section,
        timeline_section, topology_section, layouts_section, sensitivity_section, power_section,
        run_section, data_section, cost_section, warnings_section, sources_section}) {
    page.sections.push_back(section(f));
  }
  return page;
}

/// Writes the page to the file or to standard output; `more` joins what --json tells of it.
void write(const ReportOptions& options, const Page& page, const nlohmann::ordered_json& more) {
  const bool markdown =
      options.format ? *options.format == ReportFormat::Markdown : options.out.extension() == ".md";
  const std::string text = markdown ? as_markdown(page) : as_html(page);
  if (options.out.empty()) {
    fmt::print("{}", text);
    return;
  }
  write_file(options.out, text);
  if (options.said == OutputFormat::Table) {
    fmt::print("{}: {} sections, {}\n", options.out.string(), page.sections.size(),
               format_bytes(units::bytes(static_cast<double>(text.size()))));
    return;
  }
  nlohmann::ordered_json sections = nlohmann::ordered_json::array();
  for (const Section& section : page.sections) {
    sections.push_back(section.id);
  }
  nlohmann::ordered_json said{
      {"report", options.out.string()}, {"bytes", text.size()}, {"sections", std::move(sections)}};
  said.update(more);
  fmt::print("{}\n", said.dump(2));
}

int report_sweep(const ReportOptions& options) {
  if (!options.sets.empty()) {
    throw topology::InputError({options.scenario.string()}, "--set",
                               "a store holds points that are done; sweep again with other values");
  }
  write(options,
        sweep_page(options.scenario, options.metric.empty() ? "step_time_s" : options.metric),
        nlohmann::ordered_json::object());
  return 0;
}

}  // namespace

int report(const ReportOptions& options) {
  if (options.said == OutputFormat::Json && options.out.empty()) {
    throw topology::InputError({}, "--json",
                               "tells what was written, so it needs a file: add --out; figures as "
                               "JSON are those of gpuplan simulate and run");
  }
  if (!options.text && is_store(options.scenario)) {
    return report_sweep(options);
  }
  if (!options.metric.empty()) {
    throw topology::InputError({}, "--metric",
                               "is of the store of a sweep; leave it out for a scenario");
  }
  try {
    const Findings findings = find_all(options);
    write(options, page_of(findings),
          {{"fits", findings.step.report.memory.fits()},
           {"missed_limits",
            findings.run.value ? findings.run.value->missed : std::vector<std::string>()}});
    return all_well(findings) ? 0 : 1;
  } catch (const sim::CutOff& e) {
    fmt::print(stderr, "gpuplan: the step does not finish, so there is no report: {}\n", e.what());
    return 1;
  }
}

}  // namespace scenarios
