#pragma once
// The figures by which predictions of whole steps are judged.
#include <string>
#include <vector>

#include "scenarios/fit_steps.hpp"

namespace scenarios {

/// A table of median, mean, 90th percentile and bias for the groups that have a target: tier A,
/// tiers A and B, Korthikanti 2022, vTrain's multi-node and single-node runs.
/// `predicted`: [cases], seconds per step; read where a case is scored.
std::string target_table(const FitCases& cases, const std::vector<double>& predicted);

}  // namespace scenarios
