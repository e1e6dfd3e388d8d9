#include "scenarios/print_report.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"
#include "scenarios/print_data.hpp"
#include "scenarios/roofline_json.hpp"
#include "scenarios/why.hpp"

namespace scenarios {

using nlohmann::ordered_json;
using sim::Part;
using sim::StepReport;
using units::Seconds;

namespace {

constexpr int kBarWidth = 40;

std::string_view fidelity_name(Fidelity f) {
  return f == Fidelity::Flow ? "flow" : "closed-form";
}

double in_seconds(Seconds t) {
  return t.in(units::seconds(1));
}

/// "#####.....": `share` of a bar.
std::string bar(double share) {
  const auto filled = static_cast<std::size_t>(
      std::clamp(std::lround(share * kBarWidth), 0L, static_cast<long>(kBarWidth)));
  return std::string(filled, '#');
}

/// Tensors of the heaviest rank by kind, in the order of their first appearance.
std::vector<std::pair<sim::MemoryKind, units::Bytes>> by_kind(const sim::MemoryUse& memory) {
  std::vector<std::pair<sim::MemoryKind, units::Bytes>> kinds;
  for (const sim::Tensor& t : memory.tensors) {
    const auto known =
        std::find_if(kinds.begin(), kinds.end(), [&t](const auto& k) { return k.first == t.kind; });
    if (known == kinds.end()) {
      kinds.emplace_back(t.kind, t.size);
    } else {
      known->second += t.size;
    }
  }
  return kinds;
}

std::string line(std::string_view label, const std::string& value) {
  return fmt::format("  {:<22}{}\n", label, value);
}

std::string headline(const Prediction& p) {
  const StepReport& r = p.report;
  std::string out;
  out += line("step time", fmt::format("{}  ({} to {})", format_time(r.step.value),
                                       format_time(r.step.low), format_time(r.step.high)));
  out +=
      line("MFU",
           fmt::format(
               "{:.1f} %  ({:.1f} to {:.1f}; {:.1f} with attention counted in full)  HFU {:.1f} %",
               100 * r.mfu.value, 100 * r.mfu.low, 100 * r.mfu.high, 100 * r.mfu_full_attention,
               100 * r.hfu));
  out += line("throughput", fmt::format("{0} {3}/s, {1:.0f} {3}/s per accelerator, {2} each",
                                        format_count(std::round(r.tokens_per_second)),
                                        r.tokens_per_second / p.gpus,
                                        format_flop_rate(r.model_flops_rate), counted(r)));
  out += line("memory", fmt::format("{} of {} on the heaviest rank (stage {}): {}",
                                    format_bytes(r.memory.total), format_bytes(r.memory.capacity),
                                    r.memory.stage, r.memory.fits() ? "fits" : "DOES NOT FIT"));
  out +=
      line("power", fmt::format("{} for nodes and network (network {}), {} per accelerator, {} "
                                "per step",
                                format_power(r.power.cluster), format_power(r.power.network),
                                format_power(r.power.accelerator), format_energy(r.power.energy)));
  return out;
}

/// The whole step of preference tuning or reinforcement learning, of which the rest is the training
/// pass.
std::string task_lines(const sim::PostTrainingStep& t) {
  if (!t.runs()) {
    return line("generation",
                "DOES NOT FIT: a replica's memory holds no sequence beside the weights; "
                "raise task.rollout_tp");
  }
  std::string out = line("whole step", format_time(t.step));
  if (t.generation) {
    const sim::Generation& g = *t.generation;
    out += line("generation", fmt::format("{}: prompts {}, answers {}, waiting for the longest {}",
                                          format_time(g.total()), format_time(g.prefill),
                                          format_time(g.decode), format_time(g.tail)));
    out += line("", fmt::format("{} replicas, {} sequences at a time each, {} tokens/s", g.replicas,
                                g.concurrent, format_count(std::round(g.tokens_per_second))));
    out += line("handover", fmt::format("{} for new weights", format_time(t.handover)));
  }
  out += line("training",
              fmt::format("{}, reference {}", format_time(t.training), format_time(t.reference)));
  if (t.generation && t.generator_idle + t.trainer_idle > 0.0) {
    out += line("idle", fmt::format("trainers {:.1f} %, generators {:.1f} %", 100 * t.trainer_idle,
                                    100 * t.generator_idle));
  }
  return out;
}

ordered_json task_json(const sim::PostTrainingStep& t) {
  ordered_json j{{"step_time_s", in_seconds(t.step)},
                 {"training_s", in_seconds(t.training)},
                 {"reference_s", in_seconds(t.reference)},
                 {"handover_s", in_seconds(t.handover)},
                 {"runs", t.runs()},
                 {"trainer_idle", t.trainer_idle},
                 {"generator_idle", t.generator_idle}};
  if (t.generation) {
    const sim::Generation& g = *t.generation;
    j["generation"] = {{"total_s", in_seconds(g.total())},
                       {"prefill_s", in_seconds(g.prefill)},
                       {"decode_s", in_seconds(g.decode)},
                       {"tail_s", in_seconds(g.tail)},
                       {"replicas", g.replicas},
                       {"concurrent_sequences", g.concurrent},
                       {"tokens_per_s", g.tokens_per_second}};
  }
  return j;
}

std::string breakdown(const StepReport& r) {
  std::string out = fmt::format("\nWhere the step goes (stage {}, the busiest; {} micro-batches)\n",
                                r.busiest_stage, r.micro_batches);
  for (std::size_t i = 0; i < sim::kParts; ++i) {
    const double share = r.parts.at[i] / r.step.value;
    if (share > 0.0005 || share < -0.0005) {
      out += fmt::format("  {:<14}{:>11}{:>7.1f} %  {}\n", sim::name(static_cast<Part>(i)),
                         format_time(r.parts.at[i]), 100 * share, bar(share));
    }
  }
  return out;
}

std::string waterfall(const StepReport& r) {
  std::string out =
      fmt::format("\nFrom peak to achieved (model FLOP/s per accelerator)\n  {:<22}{:>14}\n",
                  "dense peak", format_flop_rate(r.peak));
  for (const sim::WaterfallStep& s : r.waterfall) {
    if (s.lost / r.peak > 0.001) {
      out += fmt::format("  {:<22}{:>14}  -{:.1f} %  {}\n", s.what, format_flop_rate(s.left),
                         100 * (s.lost / r.peak), bar(s.left / r.peak));
    }
  }
  return out;
}

std::string memory_table(const StepReport& r) {
  std::string out = "\nMemory of the heaviest rank\n";
  for (const auto& [kind, size] : by_kind(r.memory)) {
    out += fmt::format("  {:<14}{:>11}\n", sim::name(kind), format_bytes(size));
  }
  return out;
}

std::string flow_notes(const Prediction& p) {
  if (p.fidelity != Fidelity::Flow) {
    return {};
  }
  std::string out =
      fmt::format("\nFlow simulation: {} events; the closed form says {} ({:+.2f} %)\n",
                  format_count(static_cast<double>(p.events)), format_time(p.closed_form),
                  100 * (p.closed_form / p.computes() - 1.0));
  for (const std::string& condition : p.conditions) {
    out += fmt::format("  {}\n", condition);
  }
  out += fmt::format("  {}\n", network_verdict(p));
  if (p.power) {
    out += fmt::format("  power from {} to {}, mean {}; steepest change {} within {}\n",
                       format_power(p.power->trough), format_power(p.power->peak),
                       format_power(p.power->mean), format_power(p.power->steepest_change),
                       format_time(sim::kPowerResponse));
  }
  for (const sim::LinkLoad& l : p.busiest_links) {
    out += fmt::format("  {:<40}{:>6.1f} % busy, {}{}\n", l.label, 100 * l.utilisation,
                       format_bytes(l.carried),
                       l.alike > 1 ? fmt::format(" ({} alike)", l.alike) : "");
  }
  for (const NeighbourTime& n : p.neighbours) {
    out += fmt::format("  beside it: {} on {} accelerators, {} a step ({:+.1f} % against alone)\n",
                       n.name, format_count(n.gpus), format_time(n.together),
                       100 * (n.together / n.alone - 1.0));
  }
  for (const std::string& f : p.folded) {
    out += fmt::format("  folded: {}\n", f);
  }
  return out;
}

std::string table(const Prediction& p) {
  std::string out = fmt::format("{}: {} accelerators, {}\n", p.scenario, format_count(p.gpus),
                                fidelity_name(p.fidelity));
  out += headline(p) + (p.task ? task_lines(*p.task) : "");
  if (p.loading) {
    out += line("data", loading_text(*p.loading, p.report.step.value));
  }
  out += breakdown(p.report) + waterfall(p.report) + memory_table(p.report) + flow_notes(p);
  for (const std::string& w : p.report.warnings) {
    out += fmt::format("\nwarning: {}", w);
  }
  if (!p.report.memory.fits()) {
    out += fmt::format(
        "\nIt does not fit: {} more is needed on stage {}. Raise tp, pp or the sharding level, "
        "lower micro_batch, or recompute more.",
        format_bytes(p.report.memory.total - p.report.memory.capacity), p.report.memory.stage);
  }
  return out + (p.report.warnings.empty() && p.report.memory.fits() ? "" : "\n");
}

/// `value`, and that it lies between low and high.
void add_bounded(ordered_json& j, const std::string& key, double value, double low, double high) {
  j[key] = value;
  j["bounds"][key] = {{"low", low}, {"high", high}};
}

ordered_json memory_json(const sim::MemoryUse& memory) {
  ordered_json table;
  for (const auto& [kind, size] : by_kind(memory)) {
    table[std::string(sim::name(kind))] = size.in(units::bytes(1));
  }
  return table;
}

void add_breakdown(ordered_json& j, const StepReport& r) {
  for (std::size_t i = 0; i < sim::kParts; ++i) {
    const std::string part(sim::name(static_cast<Part>(i)));
    const double time = in_seconds(r.parts.at[i]);
    j["breakdown_s"][part] = time;
    if (const auto& band = r.part_bands.at(i)) {
      j["bounds"]["breakdown_s"][part] = {{"low", time * band->low}, {"high", time * band->high}};
    }
  }
}

/// Of the cluster, where its price is known: per hour, and per 10^12 tokens at this speed.
void add_price(ordered_json& j, const Prediction& p, double faster, double slower) {
  j["usd_per_hour"] = nullptr;
  j["usd_per_trillion_tokens"] = nullptr;
  if (p.price) {
    constexpr double kTrillion = 1e12;
    const double one = p.price->base() / p.report.tokens_per_second * kTrillion;
    j["usd_per_hour"] = p.price->base() * units::hours(1).base();
    add_bounded(j, "usd_per_trillion_tokens", one, one / faster, one / slower);
  }
}

}  // namespace

ordered_json prediction_json(const Prediction& p) {
  const StepReport& r = p.report;
  // How many times as fast the step is at the ends of its band.
  const double faster = r.step.value / r.step.low;
  const double slower = r.step.value / r.step.high;
  ordered_json j;
  j["scenario"] = p.scenario;
  j["fidelity"] = fidelity_name(p.fidelity);
  j["gpus"] = p.gpus;
  add_bounded(j, "step_time_s", in_seconds(r.step.value), in_seconds(r.step.low),
              in_seconds(r.step.high));
  const auto add_rate = [&](const char* key, double rate) {
    add_bounded(j, key, rate, rate * slower, rate * faster);
  };
  j["closed_form_step_time_s"] = in_seconds(p.closed_form);
  j["counts"] = counted(r);
  add_rate("tokens_per_s", r.tokens_per_second);
  add_rate("tokens_per_s_per_gpu", r.tokens_per_second / p.gpus);
  add_rate("model_flops_per_gpu_per_s", r.model_flops_rate.in(units::flops_per_second(1)));
  j["peak_flops_per_gpu_per_s"] = r.peak.in(units::flops_per_second(1));
  add_rate("mfu", r.mfu.value);
  add_rate("mfu_full_attention", r.mfu_full_attention);
  add_rate("hfu", r.hfu);
  j["parameters"] = r.parameters;
  j["active_parameters"] = r.active_parameters;
  j["micro_batches"] = r.micro_batches;
  j["fits"] = r.memory.fits();
  j["memory_bytes"] = r.memory.total.in(units::bytes(1));
  j["memory_capacity_bytes"] = r.memory.capacity.in(units::bytes(1));
  j["memory_stage"] = r.memory.stage;
  j["memory"] = memory_json(r.memory);
  j["memory_tensors"] = ordered_json::array();
  for (const sim::Tensor& t : r.memory.tensors) {
    j["memory_tensors"].push_back(
        {{"kind", sim::name(t.kind)}, {"name", t.name}, {"bytes", t.size.in(units::bytes(1))}});
  }
  add_breakdown(j, r);
  j["busiest_stage"] = r.busiest_stage;
  j["waterfall"] = ordered_json::array();
  for (const sim::WaterfallStep& s : r.waterfall) {
    const auto rate = units::flops_per_second(1);
    j["waterfall"].push_back({{"what", s.what},
                              {"lost_flops_per_s", s.lost.in(rate)},
                              {"left_flops_per_s", s.left.in(rate)}});
  }
  j["power_w"] = r.power.cluster.in(units::watts(1));
  j["power_per_gpu_w"] = r.power.accelerator.in(units::watts(1));
  j["network_power_w"] = r.power.network.in(units::watts(1));
  j["energy_j_per_step"] = r.power.energy.in(units::joules(1));
  add_price(j, p, faster, slower);
  if (p.power) {
    const double ramp = p.power->steepest_change.base() / sim::kPowerResponse.base();
    j["power_trace"] = {{"mean_w", p.power->mean.base()},
                        {"peak_w", p.power->peak.base()},
                        {"trough_w", p.power->trough.base()},
                        {"ramp_w_per_s", ramp}};
  }
  j["events"] = p.events;
  j["busiest_links"] = ordered_json::array();
  for (const sim::LinkLoad& l : p.busiest_links) {
    j["busiest_links"].push_back({{"link", l.label},
                                  {"carried_bytes", l.carried.in(units::bytes(1))},
                                  {"utilisation", l.utilisation},
                                  {"alike", l.alike}});
  }
  j["network"] = p.conditions;
  j["network_verdict"] = p.fidelity == Fidelity::Flow ? network_verdict(p) : "";
  j["neighbours"] = ordered_json::array();
  for (const NeighbourTime& n : p.neighbours) {
    j["neighbours"].push_back({{"name", n.name},
                               {"gpus", n.gpus},
                               {"step_time_s", in_seconds(n.together)},
                               {"step_time_alone_s", in_seconds(n.alone)},
                               {"steps", n.steps}});
  }
  if (p.roofline) {
    j["roofline"] = roofline_json(*p.roofline);
  }
  if (p.task) {
    j["task"] = task_json(*p.task);
  }
  if (p.loading) {
    j["data_loading"] = loading_json(*p.loading, r.step.value);
  }
  j["folded"] = p.folded;
  j["wall_s"] = p.wall_seconds;
  j["warnings"] = r.warnings;
  return j;
}

std::string_view counted(const sim::StepReport& report) {
  return report.counts_samples ? "samples" : "tokens";
}

void print_prediction(const Prediction& p, OutputFormat format,
                      const std::vector<FigureSource>& sources) {
  if (format == OutputFormat::Json) {
    ordered_json j = prediction_json(p);
    j["sources"] = sources_json(sources);
    fmt::print("{}\n", j.dump(2));
  } else {
    fmt::print("{}", table(p));
  }
}

void print_explained(const std::vector<Explained>& values, OutputFormat format) {
  if (format == OutputFormat::Json) {
    ordered_json j = ordered_json::array();
    for (const Explained& v : values) {
      j.push_back({{"path", v.path}, {"value", v.value}, {"source", v.source}});
    }
    fmt::print("{}\n", j.dump(2));
    return;
  }
  std::size_t path_width = 0;
  std::size_t value_width = 0;
  for (const Explained& v : values) {
    path_width = std::max(path_width, v.path.size());
    value_width = std::max(value_width, std::min<std::size_t>(v.value.size(), 40));
  }
  for (const Explained& v : values) {
    fmt::print("{:<{}}  {:<{}}  {}\n", v.path, path_width, v.value, value_width, v.source);
  }
}

}  // namespace scenarios
