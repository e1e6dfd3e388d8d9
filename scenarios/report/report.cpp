#include "scenarios/report/report.hpp"

#include <fmt/format.h>

#include "scenarios/atomic_file.hpp"
#include "scenarios/format.hpp"
#include "scenarios/report/findings.hpp"
#include "scenarios/report/sections.hpp"
#include "scenarios/version.hpp"

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
       {summary_section, limits_section, step_section, memory_section, timeline_section,
        topology_section, layouts_section, sensitivity_section, power_section, run_section,
        cost_section, warnings_section, sources_section}) {
    page.sections.push_back(section(f));
  }
  return page;
}

}  // namespace

int report(const ReportOptions& options) {
  try {
    const Findings findings = find_all(options);
    const Page page = page_of(findings);
    const std::string text =
        options.format == ReportFormat::Html ? as_html(page) : as_markdown(page);
    if (options.out.empty()) {
      fmt::print("{}", text);
    } else {
      write_file(options.out, text);
      fmt::print("{}: {} sections, {}\n", options.out.string(), page.sections.size(),
                 format_bytes(units::bytes(static_cast<double>(text.size()))));
    }
    return all_well(findings) ? 0 : 1;
  } catch (const sim::CutOff& e) {
    fmt::print(stderr, "gpuplan: the step does not finish, so there is no report: {}\n", e.what());
    return 1;
  }
}

}  // namespace scenarios
