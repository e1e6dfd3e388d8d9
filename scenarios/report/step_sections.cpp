// One step: the figures that count, what limits it, where the time goes, what fills the memory.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"
#include "scenarios/page/charts.hpp"
#include "scenarios/print_report.hpp"
#include "scenarios/report/sections.hpp"

namespace scenarios {

namespace {

using sim::Part;
using sim::StepReport;

constexpr double kTera = 1e12, kGib = 0x1p30;

Card step_card(const Prediction& p) {
  const StepReport& r = p.report;
  return {"step time", format_time(r.step.value),
          fmt::format("{} to {} (90 % band); {}", format_time(r.step.low), format_time(r.step.high),
                      p.fidelity == Fidelity::Flow ? "flow simulation" : "closed form")};
}

void add_run_cards(const RunPlan& run, std::vector<Card>& cards) {
  const sim::RunStatistics& d = run.drawn;
  cards.push_back({"finish", format_time(d.p50),
                   fmt::format("{} to {} (P5 to P95); effective time {}", format_time(d.p5),
                               format_time(d.p95), format_share(d.ettr))});
  cards.push_back({"energy of the run", format_energy(run.energy.run.meter),
                   fmt::format("at the meter; {} t CO2e in {}",
                               format_count(run.energy.carbon_kg / 1000.0), run.region)});
  if (run.cost.bill().parts.empty()) {
    return;
  }
  const bool owned = run.cost.cluster.cents > 0;
  cards.push_back({owned ? "owning the cluster" : "renting for the run",
                   format_money(run.cost.bill().amount()),
                   owned ? fmt::format("this run's share {}", format_money(run.cost.run.amount()))
                   : run.cost.rate ? format_money_rate(*run.cost.rate)
                                   : std::string()});
}

}  // namespace

Section left_out(std::string id, std::string title, std::string why) {
  return {.id = std::move(id), .title = std::move(title), .blocks = {Paragraph{std::move(why)}}};
}

Table facts_table(const Facts& facts) {
  Table table{.caption = {}, .columns = {{"", Align::Text}, {"", Align::Text}}, .rows = {}};
  for (const Fact& f : facts) {
    table.rows.push_back({f.label, f.value});
  }
  return table;
}

std::string part_words(std::string_view part) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, sim::kParts> kWords{
      {{"gemm", "matrix products"},
       {"attention", "attention"},
       {"memory_bound", "memory-bound kernels"},
       {"embedding", "embedding"},
       {"loss", "loss over the vocabulary"},
       {"recompute", "recomputation"},
       {"tp_comm", "tensor-parallel communication"},
       {"cp_comm", "context-parallel communication"},
       {"ep_comm", "expert-parallel communication"},
       {"pp_comm", "pipeline communication"},
       {"dp_comm", "data-parallel communication"},
       {"optimizer", "optimizer"},
       {"offload", "copies to host memory"},
       {"host", "waiting for the host"},
       {"bubble", "pipeline bubble"},
       {"straggler", "waiting for slower devices"},
       {"data_loading", "waiting for data"}}};
  const auto known = std::find_if(kWords.begin(), kWords.end(),
                                  [part](const auto& word) { return word.first == part; });
  return std::string(known == kWords.end() ? part : known->second);
}

Section summary_section(const Findings& f) {
  const StepReport& r = f.step.report;
  std::vector<Card> cards{step_card(f.step)};
  cards.push_back({"MFU", format_share(r.mfu.value),
                   fmt::format("{} to {}; HFU {}", format_share(r.mfu.low),
                               format_share(r.mfu.high), format_share(r.hfu))});
  cards.push_back(
      {"throughput",
       fmt::format("{} {}/s", format_count(std::round(r.tokens_per_second)), counted(r)),
       fmt::format("{:.0f} {}/s and {} per accelerator", r.tokens_per_second / f.step.gpus,
                   counted(r), format_flop_rate(r.model_flops_rate))});
  cards.push_back(
      {"memory of the heaviest rank",
       fmt::format("{} of {}", format_bytes(r.memory.total), format_bytes(r.memory.capacity)),
       fmt::format("stage {}: {}", r.memory.stage, r.memory.fits() ? "fits" : "DOES NOT FIT")});
  cards.push_back({"power", format_power(r.power.cluster),
                   fmt::format("nodes and network, mean of a step; {} an accelerator",
                               format_power(r.power.accelerator))});
  if (f.run.value) {
    add_run_cards(*f.run.value, cards);
  }
  Section s{.id = "summary", .title = "Summary", .blocks = {}};
  s.blocks.emplace_back(Cards{std::move(cards)});
  if (!f.run.value) {
    s.blocks.emplace_back(Paragraph{f.run.why_not});
  }
  return s;
}

namespace {

/// What lowers the throughput most, in the order of the loss.
std::vector<std::string> largest_losses(const StepReport& r) {
  constexpr std::size_t kShown = 4;
  std::vector<sim::WaterfallStep> steps = r.waterfall;
  std::stable_sort(steps.begin(), steps.end(),
                   [](const auto& a, const auto& b) { return a.lost > b.lost; });
  steps.resize(std::min(steps.size(), kShown));
  std::vector<std::string> items;
  for (const sim::WaterfallStep& step : steps) {
    if (step.lost / r.peak > 0.005) {
      items.push_back(fmt::format("{}: {} of the peak ({} per accelerator)", part_words(step.what),
                                  format_share(step.lost / r.peak), format_flop_rate(step.lost)));
    }
  }
  return items;
}

std::vector<std::string> kept_limits(const Findings& f) {
  const auto limits = nlohmann::ordered_json::parse(f.scenario.limits);
  std::vector<std::string> items;
  for (const auto& [key, value] : limits.items()) {
    const std::string path = "limits." + key;
    const bool missed = std::any_of(
        f.run.value->missed.begin(), f.run.value->missed.end(),
        [&path](const std::string& sentence) { return sentence.find(path) != std::string::npos; });
    const bool checked = key == "deadline" || key == "power" || key == "budget";
    if (!missed && checked) {
      items.push_back(fmt::format("{} of {} is kept", path,
                                  value.is_string() ? value.get<std::string>() : value.dump()));
    }
  }
  return items;
}

}  // namespace

Section limits_section(const Findings& f) {
  const StepReport& r = f.step.report;
  Section s{.id = "limits", .title = "What limits it", .blocks = {}};
  s.blocks.emplace_back(BulletList{.title = "Lost between the dense peak and the model's work",
                                   .items = largest_losses(r)});
  std::vector<std::string> others;
  others.push_back(
      r.memory.fits()
          ? fmt::format("memory: {} of the heaviest rank is used",
                        format_share(r.memory.total / r.memory.capacity))
          : fmt::format("memory: it does not fit, {} more is needed on stage {}; raise "
                        "tp, pp or the sharding level, lower micro_batch, or "
                        "recompute more",
                        format_bytes(r.memory.total - r.memory.capacity), r.memory.stage));
  if (f.step.fidelity == Fidelity::Flow) {
    others.push_back("network: " + network_verdict(f.step));
  }
  s.blocks.emplace_back(BulletList{.title = "Room that is left", .items = std::move(others)});
  if (!f.run.value) {
    return s;
  }
  if (!f.run.value->missed.empty()) {
    s.blocks.emplace_back(BulletList{.title = "Limits missed", .items = f.run.value->missed});
  }
  if (std::vector<std::string> kept = kept_limits(f); !kept.empty()) {
    s.blocks.emplace_back(BulletList{.title = "Limits kept", .items = std::move(kept)});
  }
  return s;
}

namespace {

Figure waterfall_figure(const StepReport& r) {
  Figure f{.title = "From peak to achieved",
           .svg = {},
           .note =
               "Model FLOP/s per accelerator. Each bar is what one cause takes away from what "
               "is left above it.",
           .legend = {},
           .numbers = {}};
  f.numbers.columns = {
      {"cause", Align::Text}, {"lost, TFLOP/s"}, {"of the peak"}, {"left, TFLOP/s"}};
  const double peak = r.peak.base() / kTera;
  std::vector<BarRow> rows{{"dense peak", {{0, peak, 6, format_flop_rate(r.peak)}}}};
  for (const sim::WaterfallStep& step : r.waterfall) {
    const double left = step.left.base() / kTera, lost = step.lost.base() / kTera;
    f.numbers.rows.push_back({part_words(step.what), fmt::format("{:.1f}", lost),
                              format_share(step.lost / r.peak), fmt::format("{:.1f}", left)});
    if (step.lost / r.peak > 0.001) {
      rows.push_back(
          {part_words(step.what),
           {{left, left + lost, 1, fmt::format("-{}", format_share(step.lost / r.peak))}}});
    }
  }
  const double achieved = r.model_flops_rate.base() / kTera;
  rows.push_back({"achieved",
                  {{0, achieved, 0,
                    fmt::format("{}, MFU {}", format_flop_rate(r.model_flops_rate),
                                format_share(r.mfu.value))}}});
  f.svg = bar_chart(f.title, rows, "TFLOP/s per accelerator");
  return f;
}

Figure parts_figure(const StepReport& r) {
  Figure f{
      .title = "Where the step goes",
      .svg = {},
      .note = fmt::format("Exclusive times on stage {}, the busiest; together they are the step. "
                          "{} micro-batches.",
                          r.busiest_stage, r.micro_batches),
      .legend = {},
      .numbers = {}};
  f.numbers.columns = {{"part", Align::Text}, {"time"}, {"share"}};
  std::vector<BarRow> rows;
  for (std::size_t i = 0; i < sim::kParts; ++i) {
    const double share = r.parts.at[i] / r.step.value;
    if (share < 0.0005) {
      continue;
    }
    const std::string words = part_words(sim::name(static_cast<Part>(i)));
    f.numbers.rows.push_back({words, format_time(r.parts.at[i]), format_share(share)});
    rows.push_back({words,
                    {{0, r.parts.at[i].in(units::seconds(1)), 0,
                      fmt::format("{} ({})", format_time(r.parts.at[i]), format_share(share))}}});
  }
  f.svg = bar_chart(f.title, rows, "s");
  return f;
}

}  // namespace

Section step_section(const Findings& f) {
  return {.id = "step",
          .title = "Where the time goes",
          .blocks = {waterfall_figure(f.step.report), parts_figure(f.step.report)}};
}

Section memory_section(const Findings& f) {
  const sim::MemoryUse& memory = f.step.report.memory;
  Figure figure{.title = fmt::format("Memory of the heaviest rank (stage {})", memory.stage),
                .svg = {},
                .note = {},
                .legend = {},
                .numbers = {}};
  figure.numbers.columns = {{"tensors", Align::Text}, {"kind", Align::Text}, {"size"}};
  std::vector<BarRow> rows;
  double from = 0.0;
  using sim::MemoryKind;
  for (const MemoryKind kind :
       {MemoryKind::Parameters, MemoryKind::Gradients, MemoryKind::OptimizerStates,
        MemoryKind::Activations, MemoryKind::WorkingSet, MemoryKind::Logits, MemoryKind::Reserved,
        MemoryKind::Fragmentation}) {
    const units::Bytes size = memory.of(kind);
    if (size > units::Bytes{}) {
      const double gib = size.base() / kGib;
      rows.push_back({std::string(sim::name(kind)), {{from, from + gib, 0, format_bytes(size)}}});
      from += gib;
    }
  }
  for (const sim::Tensor& t : memory.tensors) {
    figure.numbers.rows.push_back(
        {std::string(t.name), std::string(sim::name(t.kind)), format_bytes(t.size)});
  }
  figure.svg =
      bar_chart(figure.title, rows, "GiB, one kind after the other",
                {{memory.capacity.base() / kGib, "capacity " + format_bytes(memory.capacity)}});
  return {.id = "memory", .title = "Memory", .blocks = {std::move(figure)}};
}

}  // namespace scenarios
