#pragma once
// `gpuplan simulate`: one scenario in, one prediction out.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace scenarios {

enum class Fidelity { ClosedForm, Flow };
enum class OutputFormat { Table, Json };

struct SimulateOptions {
  std::filesystem::path scenario;
  std::optional<std::string> text;  ///< of the scenario, instead of what its file holds
  Fidelity fidelity = Fidelity::ClosedForm;
  std::vector<std::string> sets;  ///< "layout.tp=4"
  std::filesystem::path trace;  ///< Perfetto trace to write; empty: none. Implies flow simulation.
  std::filesystem::path
      power_trace{};      ///< CSV of the cluster's power to write; implies flow simulation
  bool timeline = false;  ///< keep timeline and power in the prediction; implies flow simulation
  bool kernels = false;   ///< keep what the busiest stage computes in the prediction (roofline)
  std::filesystem::path link_loads;  ///< CSV of every link's load to write; implies flow simulation
  std::filesystem::path chakra;      ///< prefix of execution traces to write; empty: none
  bool force = false;                ///< write any number of files
  std::filesystem::path
      profile{};  ///< of `gpuplan calibrate`, instead of the catalog's; empty: none
  OutputFormat format = OutputFormat::Table;
  bool explain = false;  ///< print every value with its source instead of simulating
  std::string why{};     ///< the figure whose source to print instead of all; empty: none
  bool unfold = false;   ///< simulate every worker and rank, also those that are alike
  bool public_backend =
      false;  ///< the slower engine on SimGrid's public interface, for cross-checks
};

/// Writes the result to stdout and progress to stderr. Returns the exit code: 0 it fits, 1 it does
/// not fit.
/// @throws topology::InputError, topology::RuntimeFailure
int simulate(const SimulateOptions& options);

}  // namespace scenarios
