#pragma once
// What rows do not state in columns but the recipes that their sources publish do. Internal to the
// row readers.
#include <string>

#include "scenarios/row_fields.hpp"
#include "sim/plan/layout.hpp"

namespace scenarios {

/// The catalog's framework of a row: by family, the free text beside it, notes and year.
std::string framework_id(const Fields& f);
/// The same for images and the like.
std::string tower_framework_id(const Fields& f);

/// Rank and targets of the adapters. Does nothing for other jobs.
void add_lora_recipe(const Fields& f, sim::Training& training);

/// Whether the row leaves recomputation open, but its recipe recomputes all layers.
bool recomputes_by_recipe(const Fields& f);

}  // namespace scenarios
