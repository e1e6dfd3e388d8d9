#pragma once
// `gpuplan report`: all that the other commands find about one scenario, or a sweep, on one page.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/simulate.hpp"

namespace scenarios {

enum class ReportFormat { Html, Markdown };

struct ReportOptions {
  std::filesystem::path scenario;           ///< or the store of a sweep
  std::optional<std::string> text{};        ///< of the scenario, instead of what its file holds
  std::vector<std::string> sets{};          ///< "layout.tp=4"
  std::optional<ReportFormat> format{};     ///< nothing: Markdown for a file FILE.md, else HTML
  Fidelity fidelity = Fidelity::Flow;       ///< of the step; closed form has no timeline
  std::filesystem::path out{};              ///< empty: standard output
  OutputFormat said = OutputFormat::Table;  ///< what is printed beside the file
  int threads = 0;                          ///< 0: all cores; the result is the same
  std::filesystem::path
      profile{};         ///< of `gpuplan calibrate`, instead of the catalog's; empty: none
  std::string metric{};  ///< of a sweep: the figure whose sensitivity is shown; empty: step time
};

/// Writes the page. A scenario with the key `plan` is planned first, and the page is of the chosen
/// plan and of what it was chosen from. The store of a sweep gets a page of its points, see
/// sweep_report.hpp. Returns the exit code: 1 where the job does not fit or
/// misses a limit, or no plan meets them.
/// @throws topology::InputError, topology::RuntimeFailure
int report(const ReportOptions& options);

}  // namespace scenarios
