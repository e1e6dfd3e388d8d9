#pragma once
// What a run reads, as figures with names and as JSON. Private to this room (it shows JSON).
#include <nlohmann/json_fwd.hpp>

#include "scenarios/facts.hpp"
#include "scenarios/predict.hpp"
#include "scenarios/run.hpp"

namespace scenarios {

/// "reads 1.2 GB/s of 100 GB/s, decodes on 12 of 512 cores: keeps up".
std::string loading_text(const sim::Loading& loading, units::Seconds step);
nlohmann::ordered_json loading_json(const sim::Loading& loading, units::Seconds step);

/// Ingredients, who made them, whether they arrive in time, what has to be done first.
/// @pre plan.data
Facts data_facts(const RunPlan& plan);
nlohmann::ordered_json data_json(const RunPlan& plan);

/// A line for each phase of a run that has several.
Facts phase_facts(const RunPlan& plan);

/// Both, where there are any: as one list, and as text with headings.
Facts input_facts(const RunPlan& plan);
std::string input_lines(const RunPlan& plan);

}  // namespace scenarios
