#pragma once
// The sections of a report. Private to this room.
#include "scenarios/facts.hpp"
#include "scenarios/page/page.hpp"
#include "scenarios/report/findings.hpp"

namespace scenarios {

Section summary_section(const Findings& findings);
Section limits_section(const Findings& findings);
Section step_section(const Findings& findings);  ///< waterfall, parts
Section roofline_section(const Findings& findings);  ///< kernels of the busiest stage
Section memory_section(const Findings& findings);
Section timeline_section(const Findings& findings);
Section topology_section(const Findings& findings);
Section layouts_section(const Findings& findings);  ///< Pareto front
Section sensitivity_section(const Findings& findings);
Section power_section(const Findings& findings);
Section run_section(const Findings& findings);  ///< time, failures
Section data_section(const Findings& findings);
Section cost_section(const Findings& findings);
Section plans_section(const Findings& findings);  ///< @pre findings.plans
Section sources_section(const Findings& findings);
Section warnings_section(const Findings& findings);

/// A section that cannot be filled says why.
Section left_out(std::string id, std::string title, std::string why);
/// Figures with their names, as a table without a heading row's words.
Table facts_table(const Facts& facts);
/// "tensor-parallel communication that nothing hides"
std::string part_words(std::string_view part);

}  // namespace scenarios
