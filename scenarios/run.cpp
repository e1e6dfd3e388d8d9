#include "scenarios/run.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"
#include "scenarios/print_report.hpp"
#include "scenarios/quantity.hpp"
#include "scenarios/why.hpp"
#include "topology/bill_of_materials.hpp"

namespace scenarios {

namespace {

using units::Seconds;

/// Waiting for nodes that `spares: auto` allows.
constexpr double kAllowedWaiting = 0.001;
constexpr int kMostSpares = 4096;

/// Cables from NICs to leaves and the leaves themselves, where the fabric can be counted.
sim::FailureUnits failure_units(const topology::ClusterSpec& c,
                                std::vector<std::string>& warnings) {
  sim::FailureUnits u{.accelerators = static_cast<double>(c.gpus),
                      .nodes = static_cast<double>(c.nodes())};
  if (c.fabric == topology::FabricKind::SingleDomain) {
    return u;
  }
  u.nics = c.gpus;
  u.links = static_cast<double>(c.gpus) * std::max(1, c.planes);
  try {
    for (const topology::BillLine& line : topology::bill_of_materials(c).lines) {
      if (line.use == topology::NetworkUse::Compute && line.role == topology::Role::Leaf) {
        u.switches += static_cast<double>(line.count);
      }
    }
  } catch (const topology::InputError&) {
    warnings.emplace_back("the fabric's switches are not counted, so their failures are left out");
  }
  return u;
}

/// A replica stops with any of its nodes; several replicas may share a node.
int nodes_per_replica(const Scenario& s) {
  const int gpus = s.layout.tp * s.layout.pp * s.layout.cp;
  return std::max(1, gpus / std::max(1, s.cluster.gpus_per_node));
}

/// Makes the interval and the number of spares what the scenario says, or the best.
void settle_interval_and_spares(const RunConditions& run, RunPlan& plan) {
  sim::RunModel& m = plan.model;
  m.spares = run.spares.value_or(0);
  const auto interval = [&] {
    plan.optimal = sim::optimal_interval(m);
    // More than one checkpoint a step is never of use.
    plan.optimal = std::max(plan.optimal, plan.step.report.step.value);
    m.interval = run.interval ? std::max(*run.interval, m.checkpoint.durable_after) : plan.optimal;
  };
  interval();
  if (!run.spares && run.on_loss == sim::OnLoss::Wait) {
    while (sim::expected_run(m).waiting_share > kAllowedWaiting && m.spares < kMostSpares) {
      ++m.spares;
    }
    interval();
  }
  if (run.interval && *run.interval < m.checkpoint.durable_after) {
    plan.warnings.push_back(fmt::format(
        "a checkpoint takes {} to become durable, so the interval of {} is raised to that",
        format_time(m.checkpoint.durable_after), format_time(*run.interval)));
  }
}

/// What data loading takes of the storage that checkpoints go to.
units::BytesPerSecond ingest(const Scenario& s, const RunPlan& plan) {
  const RunConditions& run = s.whole_run;
  const auto& loading = plan.step.loading;
  const bool shared = loading && s.data.storage.id == run.storage.id;
  return run.ingest > units::BytesPerSecond{} || !shared
             ? run.ingest
             : loading->bytes / plan.step.report.step.value;
}

void fill_model(const Scenario& s, RunPlan& plan) {
  const RunConditions& run = s.whole_run;
  const sim::TrainingJob job = s.job();
  plan.checkpoint_size = sim::checkpoint_size(job);
  plan.checkpoint = sim::checkpoint_times(job, run.storage, run.mode,
                                          node_storage_bandwidth(s.cluster), ingest(s, plan));
  plan.failures = sim::job_failures(run.kinds, failure_units(s.cluster, plan.warnings));
  sim::RunModel& m = plan.model;
  for (const PhasePlan& phase : plan.phases) {
    m.work += phase.work();
  }
  m.checkpoint = plan.checkpoint;
  m.restart = run.practice.restart + plan.checkpoint.load;
  m.interruptions =
      sim::interruptions(plan.failures, run.practice, run.spare_kind, plan.checkpoint);
  m.on_loss = run.on_loss;
  m.replicas = s.layout.dp;
  m.nodes_per_replica = nodes_per_replica(s);
  settle_interval_and_spares(run, plan);
  const units::PerSecond rate = sim::interruption_rate(plan.failures, sim::Planned::With);
  if (rate > units::PerSecond{}) {
    const Seconds mtti = units::seconds(1.0 / rate.base());
    plan.young = sim::young_interval(plan.checkpoint.stall, mtti);
    plan.daly = sim::daly_interval(plan.checkpoint.stall, mtti);
  }
}

/// Sentences about the limits of the scenario that the run does not keep.
std::vector<std::string> missed_limits(const Scenario& s, const RunPlan& plan) {
  const auto limits = nlohmann::json::parse(s.limits);
  std::vector<std::string> missed;
  const auto text = [&limits](const char* key) {
    return limits.contains(key) ? limits.at(key).get<std::string>() : std::string();
  };
  if (const std::string deadline = text("deadline"); !deadline.empty()) {
    const Seconds limit = parse_quantity<Seconds>(deadline);
    if (plan.finish() > limit) {
      missed.push_back(
          fmt::format("the run ends after {} with 95 % certainty{}, limits.deadline is {}",
                      format_time(plan.finish()),
                      plan.preparation() > Seconds{} ? ", its data prepared first" : "", deadline));
    }
  }
  if (const std::string power = text("power"); !power.empty()) {
    const units::Watts limit = parse_quantity<units::Watts>(power);
    const units::Watts drawn = meter_peak(plan);
    if (drawn > limit) {
      missed.push_back(
          fmt::format("the site draws {} at its meter at the peak of a step, "
                      "limits.power is {}",
                      format_power(drawn), power));
    }
  }
  if (const std::string budget = text("budget"); !budget.empty()) {
    const units::Usd limit = parse_quantity<units::Usd>(budget);
    const sim::CostLine line = plan.cost.bill();
    if (line.amount() > limit) {
      missed.push_back(fmt::format("{} costs {}, limits.budget is {}",
                                   plan.cost.cluster.cents > 0 ? "the cluster" : "the run",
                                   format_money(line.amount()), format_money(limit)));
    }
  }
  if (plan.data) {
    if (std::string human = missed_human_share(s, plan.data->human_share); !human.empty()) {
      missed.push_back(std::move(human));
    }
  }
  std::ranges::move(misplaced_data(s), std::back_inserter(missed));
  return missed;
}

PhasePlan plan_phase(const Scenario& s, double tokens, double steps, const Catalog& catalog,
                     ProfileStore& store, const RunOptions& options) {
  SimulateOptions step;
  step.scenario = options.scenario;
  PhasePlan phase{.name = s.name, .step = predict(s, step, store, catalog)};
  const double tokens_per_step = step_units(s.training);
  phase.steps = tokens > 0 ? std::ceil(tokens / tokens_per_step) : steps;
  phase.tokens = phase.steps * tokens_per_step;
  return phase;
}

/// The phases of the run, and the longest of them as its step.
void plan_phases(const Scenario& s, const Catalog& catalog, ProfileStore& store,
                 const RunOptions& options, RunPlan& plan) {
  const RunConditions& run = s.whole_run;
  for (const Scenario& phase : s.phases) {
    plan.phases.push_back(plan_phase(phase, phase.share * run.tokens,
                                     std::round(phase.share * static_cast<double>(run.steps)),
                                     catalog, store, options));
  }
  if (plan.phases.empty()) {
    plan.phases.push_back(
        plan_phase(s, run.tokens, static_cast<double>(run.steps), catalog, store, options));
  }
  for (const PhasePlan& phase : plan.phases) {
    plan.steps += phase.steps;
    plan.tokens += phase.tokens;
  }
  plan.step = std::ranges::max_element(plan.phases, {}, &PhasePlan::work)->step;
  plan.step.scenario = s.name;
}

/// Of the mean step over all phases.
sim::StepPower mean_power(const RunPlan& plan, Seconds step) {
  sim::StepPower mean;
  for (const PhasePlan& phase : plan.phases) {
    const sim::StepPower& power = phase.step.report.power;
    const double share = phase.work() / plan.model.work;
    mean.accelerator += share * power.accelerator;
    mean.network += share * power.network;
    mean.cluster += share * power.cluster;
  }
  mean.energy = mean.cluster * step;
  return mean;
}

}  // namespace

bool RunPlan::fits() const {
  return std::ranges::all_of(
      phases, [](const PhasePlan& phase) { return phase.step.report.memory.fits(); });
}

units::Watts meter_peak(const RunPlan& plan) {
  const double spares = static_cast<double>(plan.model.spares) / plan.nodes;
  return plan.pue * (plan.trace.peak + spares * plan.energy.idle);
}

RunPlan plan_run(const Scenario& s, const Catalog& catalog, ProfileStore& store,
                 const RunOptions& options) {
  const RunConditions& run = s.whole_run;
  if (run.tokens <= 0 && run.steps <= 0) {
    throw topology::InputError({options.scenario.string()}, "run.tokens",
                               "how long the run is, is missing; add run: {tokens: 15e12}, or "
                               "--set run.tokens=15e12, or steps");
  }
  RunPlan plan;
  plan.scenario = s.name;
  plan_phases(s, catalog, store, options, plan);
  plan.data = run_data(s, plan.tokens, store);
  plan.nodes = s.cluster.nodes();
  plan.storage = run.storage.id;
  plan.failures_id = run.failures;
  plan.recovery_id = run.recovery;
  plan.warnings = plan.step.report.warnings;
  if (plan.data) {
    std::ranges::copy(plan.data->warnings, std::back_inserter(plan.warnings));
  }
  fill_model(s, plan);
  plan.expected = sim::expected_run(plan.model);
  plan.seed = run.seed;
  plan.drawn = sim::monte_carlo(plan.model, {.seed = run.seed,
                                             .runs = options.runs.value_or(run.runs),
                                             .threads = options.threads.value_or(0)});
  const sim::StepReport& r = plan.step.report;
  const Seconds mean_step = plan.model.work / plan.steps;
  plan.energy = sim::run_energy(s.cluster, mean_power(plan, mean_step), mean_step, plan.drawn.mean,
                                plan.tokens, plan.model.spares, s.buying.pue, s.buying.grid,
                                plan.data ? plan.data->synthesis_energy() : units::Joules{});
  plan.trace = sim::power_trace(s.cluster, r.parts, r.step.value);
  plan.critical = site_power(s, plan.model.spares);
  plan.pue = s.buying.pue;
  plan.region = s.buying.region;
  if (s.buying.given) {
    plan.cost = run_cost(s, catalog, r.power, plan.drawn.mean.total(), plan.model.spares, plan.data,
                         plan.warnings);
  }
  plan.missed = missed_limits(s, plan);
  return plan;
}

int run(const RunOptions& options) {
  const Catalog catalog = Catalog::open(options.profile);
  const Scenario scenario =
      load_scenario_text(options.text, options.scenario, options.sets, catalog);
  if (options.explain) {
    print_explained(scenario.values, options.format);
    return 0;
  }
  ProfileStore store(catalog.directory(), options.profile);
  const auto sources = figure_sources(Answering::Run, scenario, store);
  const auto why = asked_source(sources, options.why);
  const RunPlan plan = plan_run(scenario, catalog, store, options);
  if (why) {
    print_why(*why, run_json(plan), options.format);
    return 0;
  }
  print_run(plan, options.format, sources);
  const bool done = plan.fits() && plan.drawn.unfinished == 0 && plan.missed.empty();
  return done ? 0 : 1;
}

}  // namespace scenarios
