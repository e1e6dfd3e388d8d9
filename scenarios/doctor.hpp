#pragma once
// `gpuplan doctor`: what is installed, what is missing, what to do.
#include "scenarios/simulate.hpp"

namespace scenarios {

/// Writes the findings to stdout. Always 0: what is missing is an answer, not a failure.
int doctor(OutputFormat format);

}  // namespace scenarios
