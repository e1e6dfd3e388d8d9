#pragma once
// The words of gpuplan import chakra. Part of the gpuplan program.
#include "scenarios/command_line.hpp"

namespace scenarios {

/// Adds "chakra" to `import`.
void add_import_chakra(const CommandLine& line);

}  // namespace scenarios
