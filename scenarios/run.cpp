#include "scenarios/run.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"
#include "scenarios/print_report.hpp"
#include "scenarios/quantity.hpp"
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

void fill_model(const Scenario& s, RunPlan& plan) {
  const RunConditions& run = s.whole_run;
  const sim::TrainingJob job = s.job();
  plan.checkpoint_size = sim::checkpoint_size(job);
  const units::BytesPerSecond node_network =
      s.cluster.storage_network
          ? s.cluster.storage_network->node_bandwidth
          : static_cast<double>(s.cluster.gpus_per_node) * s.cluster.nic_bandwidth;
  plan.checkpoint = sim::checkpoint_times(job, run.storage, run.mode, node_network, run.ingest);
  plan.failures = sim::job_failures(run.kinds, failure_units(s.cluster, plan.warnings));
  sim::RunModel& m = plan.model;
  m.work = plan.steps * plan.step.report.step.value;
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
    if (plan.drawn.p95 > limit) {
      missed.push_back(
          fmt::format("the run ends after {} with 95 % certainty, limits.deadline is {}",
                      format_time(plan.drawn.p95), deadline));
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
    const sim::CostLine& line = plan.cost.bill();
    if (line.amount() > limit) {
      missed.push_back(fmt::format("{} costs {}, limits.budget is {}",
                                   plan.cost.cluster.cents > 0 ? "the cluster" : "the run",
                                   format_money(line.amount()), format_money(limit)));
    }
  }
  return missed;
}

}  // namespace

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
  SimulateOptions step;
  step.scenario = options.scenario;
  plan.step = predict(s, step, store, catalog);
  const double tokens_per_step =
      static_cast<double>(s.training.global_batch) * s.training.sequence_length;
  plan.steps =
      run.tokens > 0 ? std::ceil(run.tokens / tokens_per_step) : static_cast<double>(run.steps);
  plan.tokens = plan.steps * tokens_per_step;
  plan.nodes = s.cluster.nodes();
  plan.storage = run.storage.id;
  plan.failures_id = run.failures;
  plan.recovery_id = run.recovery;
  plan.warnings = plan.step.report.warnings;
  fill_model(s, plan);
  plan.expected = sim::expected_run(plan.model);
  plan.seed = run.seed;
  plan.drawn = sim::monte_carlo(plan.model, {.seed = run.seed,
                                             .runs = options.runs.value_or(run.runs),
                                             .threads = options.threads.value_or(0)});
  const sim::StepReport& r = plan.step.report;
  plan.energy = sim::run_energy(s.cluster, r.power, r.step.value, plan.drawn.mean, plan.tokens,
                                plan.model.spares, s.buying.pue, s.buying.grid);
  plan.trace = sim::power_trace(s.cluster, r.parts, r.step.value);
  plan.critical = site_power(s, plan.model.spares);
  plan.pue = s.buying.pue;
  plan.region = s.buying.region;
  if (s.buying.given) {
    plan.cost =
        run_cost(s, catalog, r.power, plan.drawn.mean.total(), plan.model.spares, plan.warnings);
  }
  plan.missed = missed_limits(s, plan);
  return plan;
}

int run(const RunOptions& options) {
  const Catalog catalog = Catalog::open();
  const Scenario scenario =
      load_scenario_text(options.text, options.scenario, options.sets, catalog);
  if (options.explain) {
    print_explained(scenario.values, options.format);
    return 0;
  }
  ProfileStore store(catalog.directory());
  const RunPlan plan = plan_run(scenario, catalog, store, options);
  print_run(plan, options.format);
  const bool done =
      plan.step.report.memory.fits() && plan.drawn.unfinished == 0 && plan.missed.empty();
  return done ? 0 : 1;
}

}  // namespace scenarios
