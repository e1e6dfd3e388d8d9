#pragma once
// The words of gpuplan import. A new kind of file is one function in import_commands.cpp. Part of
// the gpuplan program.
#include <functional>

namespace CLI {
class App;
}

namespace scenarios {

/// Adds "import" with a subcommand per kind of file. `json` is the program's own flag; parsing sets
/// `command` to what was asked for. All three must outlive the parsing.
void add_import(CLI::App& app, const bool& json, std::function<int()>& command);

}  // namespace scenarios
