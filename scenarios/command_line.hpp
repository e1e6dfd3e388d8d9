#pragma once
// What the functions that add commands share. Part of the gpuplan program.
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "scenarios/simulate.hpp"

namespace CLI {
class App;
}

namespace scenarios {

/// Where to put a command, and what the whole line says. What it refers to outlives the parsing and
/// the command.
struct CommandLine {
  CLI::App& app;                            ///< gets the command
  const bool& json;                         ///< --json, known after parsing
  std::function<int()>& command;            ///< what was asked for; returns the exit code
  std::optional<std::string>*& from_stdin;  ///< the option that --stdin fills, or null

  [[nodiscard]] OutputFormat format() const {
    return json ? OutputFormat::Json : OutputFormat::Table;
  }
};

void add_fidelity(CLI::App& sub, Fidelity& fidelity, const char* help);

/// --stdin: for editors, whose text is not yet in its file.
void add_stdin(CLI::App& sub, const CommandLine& line, std::optional<std::string>& text,
               const char* help);

void add_profile(CLI::App& sub, std::filesystem::path& profile);

}  // namespace scenarios
