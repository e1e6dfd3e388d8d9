// What else could be: other layouts on this cluster, and other values of the main inputs.
#include <cmath>

#include <fmt/format.h>

#include "scenarios/format.hpp"
#include "scenarios/page/charts.hpp"
#include "scenarios/print_report.hpp"
#include "scenarios/report/sections.hpp"

namespace scenarios {

namespace {

constexpr double kGib = 0x1p30;

Table front_table(const FoundLayouts& found) {
  Table t{.caption = {},
          .columns = {{"layout", Align::Text}, {"step"}, {"MFU"}, {"memory"}, {"energy of a step"}},
          .rows = {}};
  for (const sim::ScoredLayout& s : found.result.pareto) {
    t.rows.push_back({describe(s.choice), format_time(s.step), format_share(s.mfu),
                      format_bytes(s.memory), format_energy(s.energy)});
  }
  return t;
}

std::string short_layout(const sim::LayoutChoice& c) {
  const sim::Layout& l = c.layout;
  std::string text = fmt::format("tp {} pp {}", l.tp, l.pp);
  text += l.virtual_stages > 1 ? fmt::format("x{}", l.virtual_stages) : "";
  text += l.cp > 1 ? fmt::format(" cp {}", l.cp) : "";
  return text + (l.ep > 1 ? fmt::format(" ep {}", l.ep) : "");
}

ChartPoint own_point(const Findings& f) {
  const sim::StepReport& r = f.step.report;
  return {.x = f.step.closed_form.in(units::seconds(1)),
          .y = r.memory.total.base() / kGib,
          .colour = 1,
          .label = "this layout",
          .tip = fmt::format("this layout: {}, {}", format_time(f.step.closed_form),
                             format_bytes(r.memory.total))};
}

Figure front_figure(const Findings& f) {
  const FoundLayouts& found = *f.layouts.value;
  Figure figure{
      .title = "Layouts that nothing beats",
      .svg = {},
      .note = fmt::format(
          "Pareto front in step time, memory and energy, by closed form, of {} layouts on "
          "this cluster ({} fit); partial recomputation and sharding, ZeRO-2 and context "
          "parallelism above 4 are left to gpuplan search.",
          format_count(static_cast<double>(found.result.considered)),
          format_count(static_cast<double>(found.result.timed()))),
      .legend = {{0, "on the front"}, {1, "this scenario's layout"}},
      .numbers = front_table(found)};
  std::vector<ChartPoint> points{own_point(f)};
  for (const sim::ScoredLayout& s : found.result.pareto) {
    points.push_back(
        {.x = s.step.in(units::seconds(1)),
         .y = s.memory.base() / kGib,
         .colour = 0,
         .label = short_layout(s.choice),
         .tip = fmt::format("{}: {}, {}, MFU {:.1f} %", describe(s.choice), format_time(s.step),
                            format_bytes(s.memory), 100 * s.mfu)});
  }
  figure.svg =
      scatter_chart(figure.title, points, "step time, s", "memory of the heaviest rank, GiB");
  return figure;
}

std::string gain_text(const Findings& f) {
  const sim::ScoredLayout& best = f.layouts.value->result.best.front();
  const double gain = f.step.closed_form / best.step - 1.0;
  constexpr double kCounts = 0.005;
  return gain > kCounts
             ? fmt::format(
                   "The fastest ({}) would make steps {:.1f} % faster than this scenario's.",
                   describe(best.choice), 100 * gain)
             : std::string("No layout of the search is noticeably faster than this scenario's.");
}

std::string change_text(double change) {
  constexpr double kShown = 0.0005;
  return std::abs(change) < kShown ? "no change" : fmt::format("{:+.1f} %", 100 * change);
}

BarRow swing_row(const Swing& swing, double base) {
  const auto bar = [base](const SwingEnd& end, int colour) {
    return end.value ? Bar{.from = base,
                           .to = *end.value,
                           .colour = colour,
                           .text = fmt::format("{}: {}", end.setting,
                                               change_text(*end.value / base - 1.0))}
                     : Bar{.from = base,
                           .to = base,
                           .colour = 6,
                           .text = fmt::format("{}: {}", end.setting, end.trouble)};
  };
  return {.label = swing.what, .bars = {bar(swing.low, 1), bar(swing.high, 0)}};
}

}  // namespace

Section layouts_section(const Findings& f) {
  if (!f.layouts.value) {
    return left_out("layouts", "Other layouts", f.layouts.why_not);
  }
  return {.id = "layouts",
          .title = "Other layouts",
          .blocks = {Paragraph{gain_text(f)}, front_figure(f)}};
}

Section sensitivity_section(const Findings& f) {
  const double own = f.step.report.tokens_per_second / f.step.gpus *
                     (f.step.report.step.value / f.step.closed_form);
  const std::string rate = fmt::format("{}/s", counted(f.step.report));
  Figure figure{.title = fmt::format("{} per accelerator, one input at a time", rate),
                .svg = {},
                .note =
                    "Each input halved and doubled, everything else as in the scenario, by closed "
                    "form. The last row is how far the prediction itself may be off.",
                .legend = {{1, "halved"}, {0, "doubled"}},
                .numbers = {}};
  figure.numbers.columns = {{"input", Align::Text},
                            {"halved", Align::Text},
                            {rate + " each"},
                            {"doubled", Align::Text},
                            {rate + " each"}};
  std::vector<BarRow> rows;
  const auto number = [](const SwingEnd& end) {
    return end.value ? fmt::format("{:.4g}", *end.value) : end.trouble;
  };
  for (const Swing& swing : f.swings) {
    rows.push_back(swing_row(swing, own));
    figure.numbers.rows.push_back(
        {swing.what, swing.low.setting, number(swing.low), swing.high.setting, number(swing.high)});
  }
  figure.svg = bar_chart(figure.title, rows, rate + " per accelerator",
                         {{own, fmt::format("as it is: {:.4g}", own)}});
  return {.id = "sensitivity", .title = "What moves it", .blocks = {std::move(figure)}};
}

}  // namespace scenarios
