#pragma once
// `gpuplan search`: the best layouts of a job on its cluster.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/found_layouts.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/simulate.hpp"
#include "sim/search/search.hpp"

namespace scenarios {

struct SearchCommandOptions {
  std::filesystem::path scenario;
  std::optional<std::string> text{};  ///< of the scenario, instead of what its file holds
  std::vector<std::string> sets;      ///< "training.global_batch=1024"
  std::vector<std::string>
      fixed;  ///< choices that stay as the scenario has them: "tp", "recompute"
  sim::SearchGoal goal = sim::SearchGoal::Time;
  int top = 10;
  Fidelity fidelity = Fidelity::Flow;  ///< of the top layouts; all others are closed form
  int threads = 0;                     ///< 0: all cores
  std::filesystem::path profile{};  ///< of `gpuplan calibrate`, instead of the catalog's; empty: none
  std::filesystem::path out;           ///< scenario with the winner's layout; empty: none
  OutputFormat format = OutputFormat::Table;
};

/// Names of the choices that `fixed` may hold.
std::vector<std::string> search_choices();

/// The best layouts of `space` and the Pareto front, by closed form. `options`: goal, top, threads.
FoundLayouts find_layouts(const Scenario& scenario, ProfileStore& store,
                          const sim::LayoutSpace& space, const SearchCommandOptions& options);

/// Prints the top layouts and the Pareto front. Returns the exit code: 1 where no layout fits.
/// @throws topology::InputError, topology::RuntimeFailure
int search(const SearchCommandOptions& options);

}  // namespace scenarios
