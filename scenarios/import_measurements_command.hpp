#pragma once
// The command line of `gpuplan import nccl-tests|silicon-csv|kineto|dcgm`. Private to this room.
#include <functional>

#include <CLI/App.hpp>

#include "calib/import/description.hpp"

namespace scenarios {

/// Adds the subcommands to `import`.
void add_import_measurements(CLI::App& import, const bool& json, std::function<int()>& command);

/// Adds the options that say what files of measurements leave out.
void add_description_options(CLI::App& app, calib::Description& known);

}  // namespace scenarios
