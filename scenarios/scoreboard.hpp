#pragma once
// The public page of errors: predictions of whole training steps against what was published.
#include <string>
#include <vector>

#include "calib/validation.hpp"
#include "scenarios/training_table.hpp"

namespace scenarios {

/// One HTML page without scripts or external files: summary, predicted over measured and a
/// histogram of errors as inline SVG, error by source, accelerator, framework, scale and tier, the
/// 20 worst rows with what dominates their time and what had to be assumed, and the errors that
/// other planners report on rows that we share. Follows the reader's light or dark theme.
/// @pre validation.rows are those of `cases`, in the same order
std::string scoreboard_html(const std::string& table, const std::vector<TrainingCase>& cases,
                            const calib::Validation& validation);

}  // namespace scenarios
