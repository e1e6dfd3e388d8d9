#pragma once
// The command line of `gpuplan import nccl-tests|silicon-csv|kineto|dcgm`. Private to this room.
#include "calib/import/description.hpp"
#include "scenarios/command_line.hpp"

namespace scenarios {

/// Adds the subcommands to `import`.
void add_import_measurements(const CommandLine& line);

/// Adds the options that say what files of measurements leave out.
void add_description_options(CLI::App& app, calib::Description& known);

}  // namespace scenarios
