// The report of `gpuplan run`, for people and for programs.
#include "scenarios/print_run.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/cost_lines.hpp"
#include "scenarios/format.hpp"
#include "scenarios/print_data.hpp"
#include "scenarios/print_report.hpp"
#include "scenarios/run.hpp"
#include "scenarios/why.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;
using sim::CostLine;
using units::days;
using units::Seconds;

double in_days(Seconds t) {
  return t.in(days(1));
}

std::string where_time_goes(const sim::RunTime& t) {
  std::string out = "\nWhere the time goes\n";
  const auto row = [&](const char* what, Seconds time) {
    out += fmt::format("  {:<14}{:>10.2f} days{:>8.2f} %\n", what, in_days(time),
                       100 * (time / t.total()));
  };
  row("work", t.work);
  row("checkpoints", t.checkpoint);
  row("rework", t.rework);
  row("downtime", t.downtime);
  row("restart", t.restart);
  row("waiting", t.waiting);
  row("slowed", t.slow);
  return out;
}

std::string failure_table(const RunPlan& p) {
  std::string out =
      fmt::format("\nWhat goes wrong (failures {}, recovery {})\n", p.failures_id, p.recovery_id);
  const double up = (p.drawn.mean.work + p.drawn.mean.rework + p.drawn.mean.restart).base();
  for (const sim::JobFailures& f : p.failures) {
    out += fmt::format("  {:<20}{:>9.2f}  {:.4g} a year per {} x {}; {}{}\n", f.kind.component,
                       f.rate.base() * up, f.kind.rate * units::years(1), sim::name(f.kind.per),
                       format_count(f.units), f.kind.from.source,
                       f.kind.from.as_of.empty() ? "" : " (" + f.kind.from.as_of + ")");
  }
  return p.failures.empty() ? std::string() : out;
}

std::string money_lines(const RunPlan& p) {
  if (p.cost.run.parts.empty()) {
    return {};
  }
  std::string out = "\nMoney (USD)\n";
  if (p.cost.rate) {
    const double gpu_hour = p.cost.rate->base() * 3600 / p.step.gpus;
    out += fact_lines({{"rate", fmt::format("{}, {:.3f} USD per accelerator-hour, {:.2f} USD per "
                                            "billion {}",
                                            format_money_rate(*p.cost.rate), gpu_hour,
                                            p.cost.run.amount().base() / p.tokens * 1e9,
                                            counted(p.step.report))}});
  }
  out += cost_lines(p.cost.run);
  if (!p.cost.cluster.parts.empty()) {
    out += cost_lines(p.cost.cluster);
  }
  return out;
}

std::string table(const RunPlan& p) {
  std::string out =
      fmt::format("{}: {} accelerators, the whole run\n", p.scenario, format_count(p.step.gpus));
  out += fact_lines(run_facts(p));
  out += input_lines(p);
  out += where_time_goes(p.drawn.mean) + failure_table(p) + "\nPower and energy\n" +
         fact_lines(energy_facts(p)) + money_lines(p);
  for (const std::string& w : p.warnings) {
    out += fmt::format("\nwarning: {}", w);
  }
  if (!p.fits()) {
    out += "\nIt does not fit in memory; see gpuplan simulate.";
  }
  if (p.drawn.unfinished > 0) {
    out += fmt::format(
        "\nIt does not end: {} of {} simulated runs took more than {:g} times their "
        "work. Restart faster, save more often, or use fewer accelerators.",
        p.drawn.unfinished, p.drawn.runs, sim::MonteCarlo::kGiveUp);
  }
  for (const std::string& m : p.missed) {
    out += fmt::format("\nLimit missed: {}.", m);
  }
  return out.ends_with('\n') ? out : out + "\n";
}

ordered_json time_json(const sim::RunTime& t) {
  return {{"work", t.work.base()},       {"checkpoint", t.checkpoint.base()},
          {"rework", t.rework.base()},   {"downtime", t.downtime.base()},
          {"restart", t.restart.base()}, {"waiting", t.waiting.base()},
          {"slow", t.slow.base()}};
}

}  // namespace

ordered_json run_json(const RunPlan& p) {
  const sim::RunStatistics& d = p.drawn;
  ordered_json j;
  j["scenario"] = p.scenario;
  j["gpus"] = p.step.gpus;
  j["steps"] = p.steps;
  j["tokens"] = p.tokens;
  j["step_time_s"] = p.step.report.step.value.base();
  j["work_days"] = in_days(p.model.work);
  for (const PhasePlan& phase : p.phases) {
    j["phases"].push_back({{"name", phase.name},
                           {"tokens", phase.tokens},
                           {"steps", phase.steps},
                           {"step_time_s", phase.step.report.step.value.base()},
                           {"mfu", phase.step.report.mfu.value},
                           {"work_days", in_days(phase.work())},
                           {"fits", phase.step.report.memory.fits()}});
  }
  j["days"] = in_days(d.mean.total());
  j["days_p5"] = in_days(d.p5);
  j["days_p50"] = in_days(d.p50);
  j["days_p95"] = in_days(d.p95);
  j["bounds"]["days"] = {{"low", in_days(d.p5)}, {"high", in_days(d.p95)}};
  j["bounds"]["ettr"] = {{"low", d.ettr_p5}, {"high", d.ettr_p95}};
  j["runs"] = d.runs;
  j["unfinished"] = d.unfinished;
  j["seed"] = p.seed;
  j["ettr"] = d.ettr;
  j["ettr_closed_form"] = p.expected.time.ettr();
  j["goodput_tokens_per_s"] = p.tokens / d.mean.total().base();
  j["interruptions"] = d.interruptions;
  j["interruptions_unplanned"] = d.unplanned;
  j["spare_nodes"] = p.model.spares;
  j["time_s"] = time_json(d.mean);
  j["time_closed_form_s"] = time_json(p.expected.time);
  j["checkpoint"] = {{"bytes", p.checkpoint_size.base()},
                     {"storage", p.storage},
                     {"stall_s", p.checkpoint.stall.base()},
                     {"durable_after_s", p.checkpoint.durable_after.base()},
                     {"load_s", p.checkpoint.load.base()},
                     {"interval_s", p.model.interval.base()},
                     {"optimal_interval_s", p.optimal.base()},
                     {"young_interval_s", p.young.base()},
                     {"daly_interval_s", p.daly.base()}};
  j["failures"] = ordered_json::array();
  for (const sim::JobFailures& f : p.failures) {
    j["failures"].push_back({{"component", f.kind.component},
                             {"effect", sim::name(f.kind.effect)},
                             {"per", sim::name(f.kind.per)},
                             {"units", f.units},
                             {"per_unit_year", f.kind.rate * units::years(1)},
                             {"per_day", f.rate * days(1)},
                             {"source", f.kind.from.source},
                             {"as_of", f.kind.from.as_of}});
  }
  j["power_w"] = p.energy.mean.base();
  j["step_power_w"] = p.trace.mean.base();
  j["site_power_w"] = p.critical.base();
  j["pue"] = p.pue;
  j["power_trace"] = ordered_json::array();
  for (const sim::PowerPhase& phase : p.trace.phases) {
    j["power_trace"].push_back({{"what", phase.what},
                                {"duration_s", phase.duration.base()},
                                {"power_w", phase.power.base()}});
  }
  j["power_swing_w"] = p.trace.swing().base();
  j["power_ramp_w_per_s"] =
      p.trace.within > Seconds{} ? p.trace.steepest_change.base() / p.trace.within.base() : 0.0;
  j["energy_j"] = {{"devices", p.energy.run.devices.base()},
                   {"it", p.energy.run.it.base()},
                   {"meter", p.energy.run.meter.base()},
                   {"meter_per_step", p.energy.step.meter.base()},
                   {"meter_per_token", p.energy.per_token.base()}};
  j["carbon_kg"] = p.energy.carbon_kg;
  j["electricity_usd"] = p.energy.price.base();
  j["region"] = p.region;
  j["usd_per_hour"] =
      p.cost.rate ? ordered_json(p.cost.rate->base() * 3600) : ordered_json(nullptr);
  j["cost_run"] = p.cost.run.parts.empty() ? ordered_json(nullptr) : cost_json(p.cost.run);
  j["cost_cluster"] =
      p.cost.cluster.parts.empty() ? ordered_json(nullptr) : cost_json(p.cost.cluster);
  j["fits"] = p.fits();
  if (p.data) {
    j["data"] = data_json(p);
    j["finish_p95_days"] = in_days(p.finish());
  }
  for (const auto& [label, value] : input_facts(p)) {
    j["input"].push_back({{"what", label}, {"is", value}});
  }
  j["missed_limits"] = p.missed;
  j["warnings"] = p.warnings;
  return j;
}

Facts run_facts(const RunPlan& p) {
  const sim::RunStatistics& d = p.drawn;
  Facts facts;
  facts.push_back(
      {"duration", fmt::format("{:.2f} days in the mean; {:.2f} to {:.2f} (P5 to P95, median "
                               "{:.2f}; {} simulated runs, seed {})",
                               in_days(d.mean.total()), in_days(d.p5), in_days(d.p95),
                               in_days(d.p50), format_count(d.runs), p.seed)});
  facts.push_back(
      {"work", fmt::format("{} steps of {}, {} {}: {:.2f} days if nothing went wrong",
                           format_count(p.steps), format_time(p.model.work / p.steps),
                           format_count(p.tokens), counted(p.step.report), in_days(p.model.work))});
  facts.push_back({"effective time (ETTR)",
                   fmt::format("{:.1f} %  ({:.1f} to {:.1f}; closed form {:.1f})", 100 * d.ettr,
                               100 * d.ettr_p5, 100 * d.ettr_p95, 100 * p.expected.time.ettr())});
  const double with_spares = d.ettr * p.nodes / (p.nodes + p.model.spares);
  facts.push_back(
      {"goodput", fmt::format("{} {}/s, {:.1f} % of what all accelerators with {} spare "
                              "nodes could do",
                              format_count(std::round(p.tokens / d.mean.total().base())),
                              counted(p.step.report), 100 * with_spares, p.model.spares)});
  facts.push_back(
      {"interruptions",
       fmt::format("{:.1f}, of them {:.1f} unplanned; one in {}", d.interruptions, d.unplanned,
                   d.interruptions > 0 ? format_time(d.mean.total() / d.interruptions)
                                       : std::string("never"))});
  facts.push_back(
      {"checkpoint",
       fmt::format("{} to {}: stalls {}, durable after {} more, loads in {}",
                   format_bytes(p.checkpoint_size), p.storage, format_time(p.checkpoint.stall),
                   format_time(p.checkpoint.durable_after), format_time(p.checkpoint.load))});
  facts.push_back(
      {"interval", fmt::format("{} (optimal {}; Young {}, Daly {})", format_time(p.model.interval),
                               format_time(p.optimal), format_time(p.young), format_time(p.daly))});
  return facts;
}

Facts energy_facts(const RunPlan& p) {
  const sim::RunEnergy& e = p.energy;
  Facts facts;
  facts.push_back(
      {"power", fmt::format("{} of IT in the mean of the run, {} in a step; site {} (name "
                            "plates), PUE {:g}",
                            format_power(e.mean), format_power(p.trace.mean),
                            format_power(p.critical), p.pue)});
  facts.push_back({"swing in a step",
                   fmt::format("{} to {}; steepest {} within {}", format_power(p.trace.trough),
                               format_power(p.trace.peak), format_power(p.trace.steepest_change),
                               format_time(p.trace.within))});
  facts.push_back(
      {"energy",
       fmt::format("{} at the meter ({} IT, {} accelerators); {} a step, {:.3g} J "
                   "a token",
                   format_energy(e.run.meter), format_energy(e.run.it),
                   format_energy(e.run.devices), format_energy(e.step.meter), e.per_token.base())});
  facts.push_back(
      {"carbon", fmt::format("{} t CO2e on the grid of {}",
                             format_count(std::round(e.carbon_kg / 100) / 10), p.region)});
  facts.push_back({"electricity", fmt::format("{} (part of what owning costs, or of the rent)",
                                              format_money(e.price))});
  return facts;
}

void print_run(const RunPlan& plan, OutputFormat format, const std::vector<FigureSource>& sources) {
  if (format == OutputFormat::Json) {
    ordered_json j = run_json(plan);
    j["sources"] = sources_json(sources);
    fmt::print("{}\n", j.dump(2));
  } else {
    fmt::print("{}", table(plan));
  }
}

}  // namespace scenarios
