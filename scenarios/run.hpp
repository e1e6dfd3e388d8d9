#pragma once
// `gpuplan run`: a whole training run - days, failures, energy, money - from one scenario.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/catalog.hpp"
#include "scenarios/figure_sources.hpp"
#include "scenarios/predict.hpp"
#include "scenarios/run_data.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/simulate.hpp"
#include "sim/power/trace.hpp"
#include "sim/run/cost.hpp"
#include "sim/run/energy.hpp"
#include "sim/run/goodput_closed_form.hpp"
#include "sim/run/goodput_monte_carlo.hpp"
#include "sim/run/run_model.hpp"

namespace scenarios {

/// What a run, or the cluster that it runs on, costs.
struct RunCost {
  sim::CostLine cluster{};                    ///< owning over `years`; empty where nothing is owned
  sim::CostLine run{};                        ///< of the run alone, its data included
  sim::CostLine data{};                       ///< licences, labels, transfer, rented storage
  std::optional<units::UsdPerSecond> rate{};  ///< of the whole cluster while the job runs
  /// What the buyer pays: for the cluster and the data where it is owned, else for the run.
  [[nodiscard]] sim::CostLine bill() const;
};

/// A stretch of a run with its own training, layout and data (run.phases).
struct PhasePlan {
  std::string name{};
  double tokens = 0, steps = 0;
  Prediction step{};
  [[nodiscard]] units::Seconds work() const { return steps * step.report.step.value; }
};

struct RunPlan {
  std::string scenario{};
  Prediction step{};                ///< of the longest phase, where there are several
  std::vector<PhasePlan> phases{};  ///< one after the other; one where the run does not change
  std::optional<RunData> data{};    ///< where the scenario says what is read
  double tokens = 0;
  double steps = 0;
  units::Bytes checkpoint_size{};
  sim::CheckpointTimes checkpoint{};
  int nodes = 1;  ///< of the job, without spares
  std::string storage{};
  std::string failures_id{}, recovery_id{};
  std::vector<sim::JobFailures> failures{};
  sim::RunModel model{};
  units::Seconds optimal{}, young{}, daly{};
  sim::ExpectedRun expected{};
  sim::RunStatistics drawn{};
  std::uint64_t seed = 1;
  sim::RunEnergy energy{};
  sim::PowerTrace trace{};
  units::Watts critical{};  ///< that the site must provide
  double pue = 1;
  std::string region{};
  RunCost cost{};
  std::vector<std::string> missed{};  ///< limits that the run does not keep, in sentences
  [[nodiscard]] bool fits() const;    ///< every phase, in memory
  /// From the start, data not yet there, to the end in 95 % of the courses.
  [[nodiscard]] units::Seconds finish() const { return drawn.p95 + preparation(); }
  [[nodiscard]] units::Seconds preparation() const {
    return data ? data->preparation() : units::Seconds{};
  }
  std::vector<std::string> warnings{};
};

struct RunOptions {
  std::filesystem::path scenario{};
  std::optional<std::string> text{};  ///< of the scenario, instead of what its file holds
  std::vector<std::string> sets{};
  std::optional<int> runs{};     ///< of the Monte Carlo, instead of the scenario's
  std::optional<int> threads{};  ///< default: as many as the machine has
  OutputFormat format = OutputFormat::Table;
  bool explain = false;
  std::string why{};  ///< the figure whose source to print instead; empty: none
  std::filesystem::path
      profile{};  ///< of `gpuplan calibrate`, instead of the catalog's; empty: none
};

/// What the scenario's `purchase` costs, and the run of it, with `data` where it has some.
RunCost run_cost(const Scenario& scenario, const Catalog& catalog, const sim::StepPower& power,
                 units::Seconds duration, int spare_nodes, const std::optional<RunData>& data,
                 std::vector<std::string>& warnings);
/// Of the whole cluster while the job runs; nothing where no price is known.
std::optional<units::UsdPerSecond> hourly_price(const Scenario& scenario, const Catalog& catalog,
                                                const sim::StepPower& power);
/// IT power that the site must provide for the job's nodes and these spares.
units::Watts site_power(const Scenario& scenario, int spare_nodes);

/// What the site draws at its meter at the peak of a step, spares idling beside it.
units::Watts meter_peak(const RunPlan& plan);

/// @throws topology::InputError where `run` gives neither tokens nor steps.
RunPlan plan_run(const Scenario& scenario, const Catalog& catalog, ProfileStore& store,
                 const RunOptions& options);

/// Writes the plan to stdout. Returns the exit code: 0 done, 1 it does not fit, does not end, or
/// misses one of the scenario's limits.
int run(const RunOptions& options);

/// To stdout. `sources`: of its figures, for programs.
void print_run(const RunPlan& plan, OutputFormat format,
               const std::vector<FigureSource>& sources = {});

}  // namespace scenarios
