#pragma once
// `gpuplan plan`: which cluster, how many accelerators, which layout and which way to pay, under
// limits.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/run.hpp"
#include "scenarios/simulate.hpp"
#include "sim/search/choose.hpp"
#include "sim/search/search.hpp"

namespace scenarios {

struct PlanOptions {
  std::filesystem::path scenario;
  std::optional<std::string> text{};  ///< of the scenario, instead of what its file holds
  std::vector<std::string> sets;
  std::optional<sim::Resource> goal;  ///< instead of the scenario's plan.goal
  int threads = 0;                    ///< 0: all cores; the result is the same
  std::filesystem::path
      profile{};              ///< of `gpuplan calibrate`, instead of the catalog's; empty: none
  std::filesystem::path out;  ///< scenario of the chosen plan; empty: none
  OutputFormat format = OutputFormat::Table;
};

/// One cluster with its best layout, paid in one way.
struct PlanCandidate {
  std::string fabric;  ///< catalog name
  std::string terms;   ///< "on-premises"
  sim::LayoutChoice layout;
  std::vector<sim::LayoutChoice> of_phases{};  ///< one for each phase of the run
  RunPlan run;
  sim::Uses uses{};  ///< finish in 95 % of courses, money, power at the meter, carbon, accelerators
};

struct ClusterPlans {
  std::string scenario;
  sim::Resource goal = sim::Resource::Money;
  sim::Limits limits{};
  std::string residency;
  std::vector<PlanCandidate> candidates{};
  std::optional<std::size_t> chosen{};
  std::vector<std::size_t> pareto{};  ///< of those that meet the limits, or of all where none does
  std::vector<std::size_t> close{};   ///< that meet the limits and miss the best by up to a tenth
  std::vector<sim::Binding> bindings{};
  sim::Clash clash{};
  std::vector<std::string> hopeless{};  ///< why no cluster would do; none was looked at then
  std::vector<std::string> left_out{};  ///< clusters that could not be, and why
  std::uint64_t layouts = 0;            ///< looked at
  double wall_seconds = 0.0;
};

/// @throws topology::InputError, topology::RuntimeFailure
ClusterPlans plan_clusters(const PlanOptions& options);

/// Its key under `limits`: "deadline".
std::string_view limit_key(sim::Resource resource);
/// "54.96 days", "unknown" for NaN.
std::string use_text(sim::Resource resource, double value);
/// The scenario of the chosen plan as YAML text, for a file that is going to stand at `file`.
/// @pre plans.chosen
std::string chosen_scenario(const ClusterPlans& plans, const PlanOptions& options,
                            const std::filesystem::path& file);

void print_plans(const ClusterPlans& plans, OutputFormat format);

/// Prints the best plan, what limits it and what was close. Returns the exit code: 1 where no plan
/// meets the limits.
int plan(const PlanOptions& options);

}  // namespace scenarios
