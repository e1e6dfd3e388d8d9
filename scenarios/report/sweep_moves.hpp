#pragma once
// What moves a figure of a sweep, as a section of its page. Private to this room.
#include "scenarios/page/page.hpp"
#include "scenarios/report/sweep_findings.hpp"

namespace scenarios {

/// A tornado or Sobol indices where the sweep was sampled for them, else the figure by each value
/// of each axis.
Section moves(const Store& store, const SweepFindings& findings);

}  // namespace scenarios
