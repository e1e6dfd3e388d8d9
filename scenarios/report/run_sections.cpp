// The whole run: how long, what goes wrong, what it costs.
#include <fmt/format.h>

#include "scenarios/cost_lines.hpp"
#include "scenarios/format.hpp"
#include "scenarios/page/charts.hpp"
#include "scenarios/print_data.hpp"
#include "scenarios/print_run.hpp"
#include "scenarios/report/sections.hpp"

namespace scenarios {

namespace {

using units::Seconds;

Figure time_figure(const sim::RunTime& t) {
  const std::pair<const char*, Seconds> parts[] = {{"work", t.work},
                                                   {"checkpoints", t.checkpoint},
                                                   {"rework", t.rework},
                                                   {"downtime", t.downtime},
                                                   {"restart", t.restart},
                                                   {"waiting for nodes", t.waiting},
                                                   {"behind slow nodes", t.slow}};
  Figure f{.title = "What the run is lengthened by",
           .svg = {},
           .note = fmt::format("Beside {} of work ({:.2f} % of the run).", format_time(t.work),
                               100 * (t.work / t.total())),
           .legend = {},
           .numbers = {}};
  f.numbers.columns = {{"part", Align::Text}, {"days"}, {"share"}};
  std::vector<BarRow> rows;
  for (const auto& [what, time] : parts) {
    const double days = time.in(units::days(1));
    const std::string share = fmt::format("{:.2f} %", 100 * (time / t.total()));
    f.numbers.rows.push_back({what, fmt::format("{:.3f}", days), share});
    const bool checkpoints = what == std::string_view("checkpoints");  // shown even if free
    if (checkpoints || (what != std::string_view("work") && time > Seconds{})) {
      rows.push_back({what, {{0, days, 0, fmt::format("{} ({})", format_time(time), share)}}});
    }
  }
  f.svg = bar_chart(f.title, rows, "days");
  return f;
}

Table failure_table(const RunPlan& p) {
  Table t{.caption = fmt::format("What goes wrong (failures {}, recovery {})", p.failures_id,
                                 p.recovery_id),
          .columns = {{"component", Align::Text},
                      {"events in the run"},
                      {"a year each"},
                      {"units", Align::Text},
                      {"source", Align::Text}},
          .rows = {},
          .folded = true};
  const double up = (p.drawn.mean.work + p.drawn.mean.rework + p.drawn.mean.restart).base();
  for (const sim::JobFailures& f : p.failures) {
    t.rows.push_back({f.kind.component, fmt::format("{:.2f}", f.rate.base() * up),
                      fmt::format("{:.4g}", f.kind.rate * units::years(1)),
                      fmt::format("{} x {}", format_count(f.units), sim::name(f.kind.per)),
                      fmt::format("{} ({})", f.kind.from.source, f.kind.from.as_of)});
  }
  return t;
}

Table money_table(std::string caption, const sim::CostLine& bill) {
  Table t{.caption = std::move(caption),
          .columns = {{"line", Align::Text},
                      {"USD"},
                      {"quantity and price", Align::Text},
                      {"source", Align::Text}},
          .rows = {}};
  for (const BillRow& row : bill_rows(bill)) {
    std::string indent;
    for (int i = 0; i < row.depth; ++i) {
      indent += "\u2003";
    }
    t.rows.push_back({indent + row.what, row.amount, row.basis, row.source});
  }
  return t;
}

}  // namespace

Section run_section(const Findings& f) {
  if (!f.run.value) {
    return left_out("run", "The whole run", f.run.why_not);
  }
  const RunPlan& run = *f.run.value;
  Section s{.id = "run", .title = "The whole run", .blocks = {}};
  if (run.drawn.unfinished > 0) {
    s.blocks.emplace_back(Paragraph{fmt::format(
        "It does not end: {} of {} simulated runs took more than {:g} times their work. "
        "Restart faster, save more often, or use fewer accelerators.",
        run.drawn.unfinished, run.drawn.runs, sim::MonteCarlo::kGiveUp)});
  }
  s.blocks.emplace_back(facts_table(run_facts(run)));
  if (const Facts phases = phase_facts(run); !phases.empty()) {
    s.blocks.emplace_back(facts_table(phases));
  }
  s.blocks.emplace_back(time_figure(run.drawn.mean));
  if (run.failures.empty()) {
    s.blocks.emplace_back(Paragraph{"The scenario lets nothing go wrong (run.failures: none)."});
  } else {
    s.blocks.emplace_back(failure_table(run));
  }
  return s;
}

Section data_section(const Findings& f) {
  if (!f.run.value || !f.run.value->data) {
    return left_out("data", "Data",
                    f.run.value ? "The scenario does not say what is read: add data: {mixture: "
                                  "{fineweb: {}}} (gpuplan catalog datasets)."
                                : f.run.why_not);
  }
  return {.id = "data", .title = "Data", .blocks = {facts_table(data_facts(*f.run.value))}};
}

Section cost_section(const Findings& f) {
  if (!f.run.value) {
    return left_out("cost", "Cost", f.run.why_not);
  }
  const RunCost& cost = f.run.value->cost;
  if (cost.run.parts.empty() && cost.cluster.parts.empty()) {
    return left_out("cost", "Cost",
                    f.scenario.buying.given
                        ? "No price is known for these terms; see the warnings."
                        : "The scenario does not say how the cluster is paid for: add purchase: "
                          "{terms: on-premises}.");
  }
  Section s{.id = "cost", .title = "Cost", .blocks = {}};
  if (cost.rate) {
    s.blocks.emplace_back(facts_table(
        {{"rate", fmt::format("{}, {:.3f} USD per accelerator-hour", format_money_rate(*cost.rate),
                              cost.rate->base() * 3600 / f.step.gpus)}}));
  }
  s.blocks.emplace_back(money_table("This run", cost.run));
  if (!cost.cluster.parts.empty()) {
    s.blocks.emplace_back(money_table(
        fmt::format("The cluster, over {:g} years", f.scenario.buying.years), cost.cluster));
  }
  return s;
}

}  // namespace scenarios
