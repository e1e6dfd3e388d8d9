#pragma once
// Whether model, training, layout and cluster can go together. Private to this room.
#include "scenarios/document.hpp"
#include "scenarios/scenario.hpp"

namespace scenarios {

/// Looks at the layout too, unless that is going to be searched.
/// @throws InputError for the first impossible combination: where it stands, why, and what would
/// do.
void check_consistency(const Scenario& scenario, const Document& document, LayoutIs layout);

}  // namespace scenarios
