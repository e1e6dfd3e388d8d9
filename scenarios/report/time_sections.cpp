// The step along time: what each pipeline stage does when, and what the cluster draws.
#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "scenarios/format.hpp"
#include "scenarios/page/charts.hpp"
#include "scenarios/print_run.hpp"
#include "scenarios/report/sections.hpp"

namespace scenarios {

namespace {

constexpr double kMega = 1e6;

enum Colour { kForward = 0, kBackward = 1, kOptimizer = 2, kCollective = 3, kSend = 4 };

int colour_of(sim::SpanKind kind) {
  switch (kind) {
    case sim::SpanKind::Forward:
      return kForward;
    case sim::SpanKind::Backward:
      return kBackward;
    case sim::SpanKind::Optimizer:
      return kOptimizer;
    case sim::SpanKind::Collective:
      return kCollective;
    case sim::SpanKind::Send:
      return kSend;
  }
  return kForward;
}

/// First, last, busiest, and others evenly between them.
std::set<int> shown_stages(int stages, int busiest) {
  constexpr int kMost = 16;
  std::set<int> shown{0, stages - 1, std::clamp(busiest, 0, stages - 1)};
  const int wanted = std::min(kMost, stages);
  for (int i = 0; i < wanted && static_cast<int>(shown.size()) < wanted; ++i) {
    shown.insert(static_cast<int>(static_cast<long>(i) * (stages - 1) / std::max(1, wanted - 1)));
  }
  return shown;
}

/// The time that a stage spends on each kind of activity.
struct Busy {
  units::Seconds forward, backward, optimizer, network;
};

Busy busy_of(const sim::Timeline& timeline, int stage) {
  Busy busy;
  for (const sim::Span& span : timeline.spans) {
    if (span.stage != stage) {
      continue;
    }
    units::Seconds& sum = span.stream == sim::Stream::Network    ? busy.network
                          : span.kind == sim::SpanKind::Forward  ? busy.forward
                          : span.kind == sim::SpanKind::Backward ? busy.backward
                                                                 : busy.optimizer;
    sum += span.end - span.begin;
  }
  return busy;
}

Figure timeline_figure(const Findings& f) {
  const sim::Timeline& timeline = *f.step.timeline;
  const units::Seconds end = f.step.report.step.value;
  const int stages = f.scenario.layout.pp;
  const std::set<int> shown = shown_stages(stages, f.step.report.busiest_stage);
  std::vector<GanttRow> rows;
  Figure figure{.title = "One step on one replica",
                .svg = {},
                .note = {},
                .legend = {{kForward, "forward"},
                           {kBackward, "backward"},
                           {kOptimizer, "optimizer"},
                           {kCollective, "collective on the network"},
                           {kSend, "send to a neighbouring stage"}},
                .numbers = {}};
  figure.numbers.columns = {
      {"stage", Align::Text}, {"forward"}, {"backward"}, {"optimizer"}, {"network busy"}};
  for (const int stage : shown) {
    GanttRow row{.label = fmt::format("stage {}", stage), .stretches = {}};
    for (const sim::Span& span : timeline.spans) {
      if (span.stage == stage) {
        row.stretches.push_back({.begin = span.begin.in(units::seconds(1)),
                                 .end = span.end.in(units::seconds(1)),
                                 .lane = span.stream == sim::Stream::Network ? 1 : 0,
                                 .colour = colour_of(span.kind)});
      }
    }
    const Busy busy = busy_of(timeline, stage);
    figure.numbers.rows.push_back({row.label, format_time(busy.forward), format_time(busy.backward),
                                   format_time(busy.optimizer), format_time(busy.network)});
    rows.push_back(std::move(row));
  }
  figure.svg = gantt_chart(figure.title, rows, end.in(units::seconds(1)), "s");
  figure.note = fmt::format(
      "{} of {} pipeline stages of replica 0; all tensor- and context-parallel ranks of a stage do "
      "the same. Wide lane: compute, with the collectives inside a pass; narrow lane: the network "
      "beside it. A column is {} wide and shows what took most of it; blank is idle. gpuplan "
      "simulate --trace writes every activity.",
      shown.size(), stages, format_time(end / kGanttColumns));
  return figure;
}

Figure power_figure(const sim::PowerSeries& power) {
  // Levels shorter than a pixel of the widest chart cannot be seen; neighbours are then averaged.
  constexpr std::size_t kLevels = 900;
  std::vector<std::pair<double, double>> levels;
  const double width = power.end.in(units::seconds(1)) / kLevels;
  std::size_t next = 0;
  for (std::size_t i = 0; i < kLevels; ++i) {
    const double begin = static_cast<double>(i) * width, end = begin + width;
    double energy = 0.0;
    while (next < power.samples.size()) {
      const double from = power.samples[next].at.in(units::seconds(1));
      const double to = next + 1 < power.samples.size()
                            ? power.samples[next + 1].at.in(units::seconds(1))
                            : power.end.in(units::seconds(1));
      energy += power.samples[next].power.base() *
                std::max(0.0, std::min(to, end) - std::max(from, begin));
      if (to > end) {
        break;
      }
      ++next;
    }
    const double level = energy / width / kMega;
    if (levels.empty() || std::abs(level - levels.back().second) > 1e-3 * level) {
      levels.emplace_back(begin, level);
    }
  }
  Figure f{
      .title = "Power of the cluster along one step",
      .svg = {},
      .note = fmt::format(
          "Nodes and network, without cooling: {} to {}, mean {}; steepest change {} within {}. "
          "Means over {}.",
          format_power(power.trough), format_power(power.peak), format_power(power.mean),
          format_power(power.steepest_change), format_time(sim::kPowerResponse),
          format_time(units::seconds(width))),
      .legend = {},
      .numbers = {}};
  f.svg = step_chart(f.title, levels, power.end.in(units::seconds(1)), "s", "MW");
  return f;
}

Table phases_table(const sim::PowerTrace& trace) {
  Table t{.caption = "Phases of a step, all devices together",
          .columns = {{"phase", Align::Text}, {"lasts"}, {"power"}},
          .rows = {}};
  for (const sim::PowerPhase& phase : trace.phases) {
    t.rows.push_back(
        {std::string(phase.what), format_time(phase.duration), format_power(phase.power)});
  }
  return t;
}

}  // namespace

Section timeline_section(const Findings& f) {
  if (!f.step.timeline) {
    return left_out("timeline", "Timeline", f.no_flow + " Only flow simulation has a timeline.");
  }
  return {.id = "timeline", .title = "Timeline", .blocks = {timeline_figure(f)}};
}

Section power_section(const Findings& f) {
  Section s{.id = "power", .title = "Power and energy", .blocks = {}};
  if (f.step.power) {
    s.blocks.emplace_back(power_figure(*f.step.power));
  } else {
    s.blocks.emplace_back(Paragraph{f.no_flow + " Only flow simulation has a course of power."});
  }
  if (f.run.value) {
    s.blocks.emplace_back(phases_table(f.run.value->trace));
    s.blocks.emplace_back(facts_table(energy_facts(*f.run.value)));
  } else {
    s.blocks.emplace_back(
        facts_table({{"step", fmt::format("{} in the mean, of it {} for the network; {} a step",
                                          format_power(f.step.report.power.cluster),
                                          format_power(f.step.report.power.network),
                                          format_energy(f.step.report.power.energy))}}));
  }
  return s;
}

}  // namespace scenarios
