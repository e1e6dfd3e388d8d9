#include "scenarios/command_line.hpp"

#include <map>
#include <string>

#include <CLI/CLI.hpp>

namespace scenarios {

void add_fidelity(CLI::App& sub, Fidelity& fidelity, const char* help) {
  static const std::map<std::string, Fidelity> fidelities{{"closed-form", Fidelity::ClosedForm},
                                                          {"flow", Fidelity::Flow}};
  sub.add_option("--fidelity", fidelity, help)
      ->transform(CLI::CheckedTransformer(fidelities, CLI::ignore_case).description(""))
      ->type_name("closed-form|flow");
}

void add_stdin(CLI::App& sub, const CommandLine& line, std::optional<std::string>& text,
               const char* help) {
  sub.add_flag_callback(
      "--stdin", [line, &text] { line.from_stdin = &text; }, help);
}

void add_profile(CLI::App& sub, std::filesystem::path& profile) {
  sub.add_option("--profile", profile, "Use this profile of gpuplan calibrate")
      ->type_name("PROFILE.json");
}

}  // namespace scenarios
