#pragma once
// `gpuplan report`: all that the other commands find about one scenario, on one page.
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/simulate.hpp"

namespace scenarios {

enum class ReportFormat { Html, Markdown };

struct ReportOptions {
  std::filesystem::path scenario;
  std::vector<std::string> sets{};  ///< "layout.tp=4"
  ReportFormat format = ReportFormat::Html;
  Fidelity fidelity = Fidelity::Flow;       ///< of the step; closed form has no timeline
  std::filesystem::path out{};              ///< empty: standard output
  OutputFormat said = OutputFormat::Table;  ///< what is printed beside the file
  int threads = 0;                          ///< 0: all cores; the result is the same
  std::filesystem::path profile{};  ///< of `gpuplan calibrate`, instead of the catalog's; empty: none
};

/// Writes the page. A scenario with the key `plan` is planned first, and the page is of the chosen
/// plan and of what it was chosen from. Returns the exit code: 1 where the job does not fit or
/// misses a limit, or no plan meets them.
/// @throws topology::InputError, topology::RuntimeFailure
int report(const ReportOptions& options);

}  // namespace scenarios
