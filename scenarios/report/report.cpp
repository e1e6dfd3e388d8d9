#include "scenarios/report/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/atomic_file.hpp"
#include "scenarios/format.hpp"
#include "scenarios/report/findings.hpp"
#include "scenarios/report/sections.hpp"
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

void say_what_was_written(const ReportOptions& options, const Findings& f, const Page& page,
                          std::size_t bytes) {
  if (options.said == OutputFormat::Table) {
    fmt::print("{}: {} sections, {}\n", options.out.string(), page.sections.size(),
               format_bytes(units::bytes(static_cast<double>(bytes))));
    return;
  }
  nlohmann::ordered_json sections = nlohmann::ordered_json::array();
  for (const Section& section : page.sections) {
    sections.push_back(section.id);
  }
  fmt::print("{}\n",
             nlohmann::ordered_json{
                 {"report", options.out.string()},
                 {"bytes", bytes},
                 {"sections", std::move(sections)},
                 {"fits", f.step.report.memory.fits()},
                 {"missed_limits", f.run.value ? f.run.value->missed : std::vector<std::string>()}}
                 .dump(2));
}

}  // namespace

int report(const ReportOptions& options) {
  if (options.said == OutputFormat::Json && options.out.empty()) {
    throw topology::InputError({}, "--json",
                               "tells what was written, so it needs a file: add --out; figures as "
                               "JSON are those of gpuplan simulate and run");
  }
  try {
    const Findings findings = find_all(options);
    const Page page = page_of(findings);
    const std::string text =
        options.format == ReportFormat::Html ? as_html(page) : as_markdown(page);
    if (options.out.empty()) {
      fmt::print("{}", text);
    } else {
      write_file(options.out, text);
      say_what_was_written(options, findings, page, text.size());
    }
    return all_well(findings) ? 0 : 1;
  } catch (const sim::CutOff& e) {
    fmt::print(stderr, "gpuplan: the step does not finish, so there is no report: {}\n", e.what());
    return 1;
  }
}

}  // namespace scenarios
