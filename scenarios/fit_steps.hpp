#pragma once
// Fits the free parameters of the step model to measured training runs.
#include <functional>
#include <string>
#include <vector>

#include "scenarios/training_table.hpp"
#include "sim/step/parameters.hpp"

namespace scenarios {

/// Measured runs to fit to. A case weighs as n^(-1/2), n the scored cases of its publisher: a long
/// table says more than a short one, but not in proportion, because its errors are alike.
using FitCases = std::vector<const TrainingCase*>;

/// Minimises the weighted soft-L1 loss of ln(predicted / measured) over all parameters, within
/// their believable ranges. @throws topology::InputError where no case has a measured time.
sim::StepParameters fit_steps(const FitCases& cases, const sim::StepParameters& start);

/// Prediction of every case, in seconds per step, by parameters that were fitted without its
/// publisher. The order is that of `cases`; cases that cannot be predicted give 0. `progress` is
/// told each publisher and the parameters that the others give.
std::vector<double> cross_validated_steps(
    const FitCases& cases, const sim::StepParameters& start,
    const std::function<void(const std::string&, const sim::StepParameters&)>& progress);

}  // namespace scenarios
