#include "scenarios/print_data.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"

namespace scenarios {

using nlohmann::ordered_json;
using units::Seconds;

namespace {

const char* counted(const RunData& data) {
  return data.unit == sim::DataUnit::Tokens ? "tokens" : "samples";
}

double in_days(Seconds t) {
  return t.in(units::days(1));
}

std::string use_text(const RunData& data, const sim::DataUse& use, double all) {
  std::string text =
      fmt::format("{:.1f} %, {} {}", 100 * use.units / all, format_count(use.units), counted(data));
  if (use.synthesis) {
    return text + ", written before the run";
  }
  text += fmt::format(" in {} ({})", format_bytes(use.stored), sim::name(use.data.modality));
  constexpr double kRounding = 0.005;  // the last step is a whole one
  return use.passes() > 1 + kRounding ? text + fmt::format(", read {:.1f} times", use.passes())
                                      : text;
}

double total_units(const RunData& data) {
  double all = 0;
  for (const sim::DataUse& u : data.uses) {
    all += u.units;
  }
  return all;
}

std::string written_text(const WrittenText& w, int gpus) {
  return fmt::format(
      "{} tokens of {} by {}: {} tokens/s, {:.0f} per accelerator, {:.2f} days "
      "before the run, {}",
      format_count(w.tokens), w.label, w.generator,
      format_count(std::round(w.rate.tokens_per_second)), w.rate.tokens_per_second / gpus,
      in_days(w.time), format_energy(w.rate.power * w.time));
}

}  // namespace

std::string loading_text(const sim::Loading& l, Seconds step) {
  const auto share = [](Seconds needed, Seconds has) { return 100 * (needed / has); };
  const Seconds computes = step - l.wait;
  std::string text = fmt::format(
      "reads {} a step, {:.3g} % of what storage gives at {}; decodes on {:.3g} % of {} "
      "CPU cores",
      format_bytes(l.bytes), share(l.read, computes), format_bandwidth(l.supply.read),
      share(l.decode, computes), format_count(std::round(l.supply.cores)));
  return text + (l.stalls() ? fmt::format(": THE STEP WAITS {} for {}", format_time(l.wait),
                                          l.read > l.decode ? "storage" : "decoding")
                            : ": keeps up");
}

ordered_json loading_json(const sim::Loading& l, Seconds step) {
  return {{"bytes_per_step", l.bytes.base()},
          {"bandwidth_needed_bytes_per_s", l.bytes.base() / (step - l.wait).base()},
          {"bandwidth_bytes_per_s", l.supply.read.base()},
          {"cores_needed", l.core_time / (step - l.wait)},
          {"cores", l.supply.cores},
          {"wait_s", l.wait.base()}};
}

Facts data_facts(const RunPlan& p) {
  const RunData& data = *p.data;
  Facts facts;
  const double all = total_units(data);
  for (const sim::DataUse& use : data.uses) {
    facts.push_back({use.label, use_text(data, use, all)});
  }
  facts.push_back({"made by people", format_share(data.human_share)});
  facts.push_back({"loading", loading_text(*p.step.loading, p.step.report.step.value)});
  for (const WrittenText& w : data.written) {
    facts.push_back({"synthetic text", written_text(w, p.step.gpus)});
  }
  if (data.transfer > Seconds{}) {
    facts.push_back({"transfer", fmt::format("{} before the run", format_time(data.transfer))});
  }
  if (p.preparation() > Seconds{}) {
    facts.push_back({"finish", fmt::format("{:.2f} days from the start of the preparation (P95)",
                                           in_days(p.finish()))});
  }
  return facts;
}

Facts phase_facts(const RunPlan& p) {
  Facts facts;
  if (p.phases.size() < 2) {
    return facts;
  }
  for (const PhasePlan& phase : p.phases) {
    const sim::StepReport& r = phase.step.report;
    facts.push_back({phase.name, fmt::format("{} steps of {}, {} {}: {:.2f} days, MFU {:.1f} %{}",
                                             format_count(phase.steps), format_time(r.step.value),
                                             format_count(phase.tokens),
                                             r.counts_samples ? "samples" : "tokens",
                                             in_days(phase.work()), 100 * r.mfu.value,
                                             r.memory.fits() ? "" : "; DOES NOT FIT IN MEMORY")});
  }
  return facts;
}

Facts input_facts(const RunPlan& p) {
  Facts facts = phase_facts(p);
  if (p.data) {
    std::ranges::move(data_facts(p), std::back_inserter(facts));
  }
  return facts;
}

std::string input_lines(const RunPlan& p) {
  const Facts phases = phase_facts(p);
  return (phases.empty() ? "" : "\nPhases\n" + fact_lines(phases)) +
         (p.data ? "\nData\n" + fact_lines(data_facts(p)) : "");
}

ordered_json data_json(const RunPlan& p) {
  const RunData& data = *p.data;
  ordered_json j{{"counts", counted(data)},
                 {"human_share", data.human_share},
                 {"stored_bytes", data.stored.base()},
                 {"loading", loading_json(*p.step.loading, p.step.report.step.value)},
                 {"transfer_s", data.transfer.base()},
                 {"synthesis_s", data.synthesis().base()},
                 {"synthesis_energy_j", data.synthesis_energy().base()}};
  for (const sim::DataUse& u : data.uses) {
    j["mixture"].push_back({{"name", u.label},
                            {"dataset", u.data.id},
                            {"modality", sim::name(u.data.modality)},
                            {"read", u.units},
                            {"passes", u.passes()},
                            {"stored_bytes", u.stored.base()},
                            {"human", u.data.human},
                            {"synthetic", u.synthesis.has_value()}});
  }
  for (const WrittenText& w : data.written) {
    j["written"].push_back({{"name", w.label},
                            {"generator", w.generator},
                            {"tokens", w.tokens},
                            {"tokens_per_s", w.rate.tokens_per_second},
                            {"tokens_per_s_per_gpu", w.rate.tokens_per_second / p.step.gpus},
                            {"time_s", w.time.base()},
                            {"power_w", w.rate.power.base()}});
  }
  return j;
}

}  // namespace scenarios
