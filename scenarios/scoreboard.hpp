#pragma once
// The public page of errors: predictions of whole training steps against what was published.
#include <cstddef>
#include <string>
#include <vector>

#include "calib/validation.hpp"
#include "scenarios/page/page.hpp"
#include "scenarios/training_table.hpp"

namespace scenarios {

/// How many of the worst rows the page shows.
inline constexpr std::size_t kWorstRows = 20;

/// Summary, predicted over measured and a histogram of errors, error by source, accelerator,
/// framework, scale and tier, the 20 worst rows with the reason each, and the errors that other
/// planners report on rows that we share.
/// @pre validation.rows are those of `cases`, in the same order
Page scoreboard(const std::string& table, const std::vector<TrainingCase>& cases,
                const calib::Validation& validation);

}  // namespace scenarios
