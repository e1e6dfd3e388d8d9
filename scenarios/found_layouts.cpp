#include "scenarios/found_layouts.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;
using sim::LayoutChoice;
using sim::ScoredLayout;

std::string_view goal_name(sim::SearchGoal goal) {
  switch (goal) {
    case sim::SearchGoal::Time:
      return "time";
    case sim::SearchGoal::Memory:
      return "memory";
    case sim::SearchGoal::Energy:
      return "energy";
  }
  return "time";
}

std::string recompute_text(const sim::RecomputeChoice& r) {
  return r.layers > 0 ? fmt::format("{} layer{}", r.layers, r.layers == 1 ? "" : "s")
                      : std::string(sim::name(r.mode));
}

std::string sharding_text(const sim::Layout& l) {
  return l.shard_degree > 0 ? fmt::format("{}/{}", sim::name(l.sharding), l.shard_degree)
                            : std::string(sim::name(l.sharding));
}

constexpr std::size_t kShownOfFront = 15;

constexpr const char* kRow =
    "{:>4}  {:>3} {:>3} {:>3} {:>5} {:>3} {:>3} {:>4} {:>3}  {:>9} {:>9}  {:>10} {:>10} {:>6}  "
    "{:>9} {:>9}  {}\n";

std::string heading() {
  return fmt::format(fmt::runtime(kRow), "", "TP", "PP", "VPP", "DP", "CP", "EP", "mb", "SP",
                     "recompute", "sharding", "step", "flow", "MFU", "memory", "energy",
                     "order of ranks");
}

std::string row(std::size_t rank, const ScoredLayout& s, const std::string& flow) {
  const sim::Layout& l = s.choice.layout;
  return fmt::format(fmt::runtime(kRow), rank, l.tp, l.pp, l.virtual_stages, l.dp, l.cp, l.ep,
                     s.choice.micro_batch, l.sequence_parallel ? "yes" : "no",
                     recompute_text(s.choice.recompute), sharding_text(l), format_time(s.step),
                     flow, format_share(s.mfu), format_bytes(s.memory), format_energy(s.energy),
                     sim::name(l.order));
}

std::string flow_text(const FoundLayout& f) {
  return f.flow_step ? format_time(*f.flow_step) : f.trouble.empty() ? "" : "cut off";
}

std::string counts(const FoundLayouts& f) {
  const sim::SearchResult& r = f.result;
  return fmt::format(
      "{} layouts looked at in {} on {} thread{} ({}/s): {} cannot train the model, {} do not fit "
      "in {}, {} timed\n",
      format_count(static_cast<double>(r.considered)),
      format_time(units::seconds(f.search_seconds)), f.threads, f.threads == 1 ? "" : "s",
      format_count(static_cast<double>(r.considered) / std::max(1e-9, f.search_seconds)),
      format_count(static_cast<double>(r.invalid)), format_count(static_cast<double>(r.too_large)),
      format_bytes(f.capacity), format_count(static_cast<double>(r.timed())));
}

std::string table(const FoundLayouts& f) {
  std::string out =
      fmt::format("{}\n{} accelerators, {} sequences per step; best {} first\n{}\n", f.scenario,
                  format_count(f.gpus), format_count(f.global_batch), goal_name(f.goal), counts(f));
  if (f.best.empty()) {
    const units::Bytes least = f.result.smallest_memory;
    return out + (f.result.too_large == 0
                      ? "No layout: the degrees that divide the model do not make up the cluster; "
                        "change cluster.gpus or training.global_batch, or fix less.\n"
                      : fmt::format("No layout fits. The smallest needs {} of {}: {}.\n"
                                    "Use more or larger accelerators, or a smaller "
                                    "training.global_batch or sequence_length.\n",
                                    format_bytes(least), format_bytes(f.capacity),
                                    describe(f.result.smallest)));
  }
  out += heading();
  for (std::size_t i = 0; i < f.best.size(); ++i) {
    out += row(i + 1, f.best[i].layout, flow_text(f.best[i]));
  }
  const std::vector<ScoredLayout>& front = f.result.pareto;
  const std::size_t shown = std::min(front.size(), kShownOfFront);
  out += fmt::format("\nNothing is better in time, memory and energy at once than these{}\n",
                     shown < front.size()
                         ? fmt::format(" {}; the fastest {} (--json has all)", front.size(), shown)
                         : "");
  out += heading();
  for (std::size_t i = 0; i < shown; ++i) {
    out += row(i + 1, front[i], "");
  }
  return out;
}

ordered_json json(const LayoutChoice& c) {
  const sim::Layout& l = c.layout;
  return {{"tp", l.tp},
          {"pp", l.pp},
          {"virtual_stages", l.virtual_stages},
          {"dp", l.dp},
          {"cp", l.cp},
          {"ep", l.ep},
          {"expert_tp", l.expert_tp > 0 ? l.expert_tp : l.tp},
          {"sequence_parallel", l.sequence_parallel},
          {"sharding", sim::name(l.sharding)},
          {"shard_degree", l.shard_degree > 0 ? l.shard_degree : l.dp * l.cp},
          {"schedule", sim::name(l.schedule)},
          {"order", sim::name(l.order)},
          {"micro_batch", c.micro_batch},
          {"recompute", sim::name(c.recompute.mode)},
          {"recompute_layers",
           c.recompute.layers > 0 ? ordered_json(c.recompute.layers) : ordered_json()}};
}

ordered_json json(const ScoredLayout& s) {
  return {{"layout", json(s.choice)},
          {"step_time_s", s.step.in(units::seconds(1))},
          {"mfu", s.mfu},
          {"memory_bytes", s.memory.in(units::bytes(1))},
          {"energy_j_per_step", s.energy.in(units::joules(1))}};
}

ordered_json json(const FoundLayouts& f) {
  const sim::SearchResult& r = f.result;
  ordered_json j{{"scenario", f.scenario},       {"gpus", f.gpus},
                 {"goal", goal_name(f.goal)},    {"considered", r.considered},
                 {"invalid", r.invalid},         {"do_not_fit", r.too_large},
                 {"timed", r.timed()},           {"threads", f.threads},
                 {"search_s", f.search_seconds}, {"wall_s", f.wall_seconds}};
  j["best"] = ordered_json::array();
  for (const FoundLayout& found : f.best) {
    ordered_json one = json(found.layout);
    one["flow_step_time_s"] =
        found.flow_step ? ordered_json(found.flow_step->in(units::seconds(1))) : ordered_json();
    one["trouble"] = found.trouble;
    j["best"].push_back(std::move(one));
  }
  j["pareto"] = ordered_json::array();
  for (const ScoredLayout& s : r.pareto) {
    j["pareto"].push_back(json(s));
  }
  if (f.best.empty() && r.too_large > 0) {
    j["smallest"] = {{"layout", json(r.smallest)},
                     {"memory_bytes", r.smallest_memory.in(units::bytes(1))},
                     {"capacity_bytes", f.capacity.in(units::bytes(1))}};
  }
  return j;
}

}  // namespace

Scenario with_layout(Scenario scenario, const LayoutChoice& choice) {
  choice.apply_to(scenario.layout, scenario.training);
  return scenario;
}

std::string describe(const LayoutChoice& c) {
  const sim::Layout& l = c.layout;
  std::string text = fmt::format("tp {}, pp {}", l.tp, l.pp);
  text += l.virtual_stages > 1 ? fmt::format(" x {}", l.virtual_stages) : "";
  text += l.schedule == sim::Schedule::ZeroBubble ? ", zb-h1" : "";
  text += fmt::format(", dp {}", l.dp);
  text += l.cp > 1 ? fmt::format(", cp {}", l.cp) : "";
  text += l.ep > 1 ? fmt::format(", ep {}", l.ep) : "";
  text += fmt::format(", micro-batch {}, recompute {}, {}{}", c.micro_batch,
                      recompute_text(c.recompute), sharding_text(l),
                      l.sequence_parallel ? ", sequence parallel" : "");
  return l.order == sim::RankOrder{} ? text : text + ", ranks " + sim::name(l.order);
}

std::string choice_json(const LayoutChoice& choice) {
  return json(choice).dump();
}

std::string scenario_with(const LayoutChoice& c, const std::filesystem::path& base,
                          const std::filesystem::path& file, bool experts) {
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  const sim::Layout& l = c.layout;
  std::string out = fmt::format(
      "# Found by gpuplan search.\nbase: {}\nlayout:\n  tp: {}\n  pp: {}\n  virtual_stages: {}\n"
      "  dp: {}\n  cp: {}\n  ep: {}\n",
      std::filesystem::absolute(base).lexically_relative(folder).string(), l.tp, l.pp,
      l.virtual_stages, l.dp, l.cp, l.ep);
  if (experts) {
    out += fmt::format("  expert_tp: {}\n", l.expert_tp > 0 ? l.expert_tp : l.tp);
  }
  out += fmt::format("  sequence_parallel: {}\n  sharding: {}\n  schedule: {}\n  order: {}\n",
                     l.sequence_parallel, sim::name(l.sharding), sim::name(l.schedule),
                     sim::name(l.order));
  if (l.sharding != sim::Sharding::Ddp) {
    out += fmt::format("  shard_degree: {}\n", l.shard_degree > 0 ? l.shard_degree : l.dp * l.cp);
  }
  return out + fmt::format("training:\n  micro_batch: {}\n  recompute: {}\n", c.micro_batch,
                           c.recompute.layers > 0
                               ? fmt::format("{{layers: {}}}", c.recompute.layers)
                               : std::string(sim::name(c.recompute.mode)));
}

void print_found(const FoundLayouts& found, OutputFormat format) {
  fmt::print("{}", format == OutputFormat::Json ? json(found).dump(2) + "\n" : table(found));
}

}  // namespace scenarios
