// What a plan was chosen from, and why.
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scenarios/format.hpp"
#include "scenarios/page/charts.hpp"
#include "scenarios/report/sections.hpp"

namespace scenarios {

namespace {

using sim::Resource;

double used(const PlanCandidate& c, Resource r) {
  return c.uses[static_cast<std::size_t>(r)];
}

std::string label(const PlanCandidate& c) {
  return fmt::format("{} {}, {}", format_count(c.run.step.gpus), c.fabric, c.terms);
}

std::string verdict(const ClusterPlans& plans) {
  if (plans.chosen) {
    const PlanCandidate& c = plans.candidates[*plans.chosen];
    return fmt::format(
        "The best plan by {} of {} is {}: {}. It ends after {} in 95 of 100 courses. The rest of "
        "this page is about it.",
        sim::name(plans.goal), plans.candidates.size(), label(c), describe(c.layout),
        use_text(Resource::Time, used(c, Resource::Time)));
  }
  std::string text =
      "No plan meets the limits; the rest of this page is about what the request "
      "itself describes.";
  for (const std::vector<Resource>& set : plans.clash.drop) {
    std::vector<std::string> words;
    for (const Resource r : set) {
      words.push_back(fmt::format("limits.{} ({})", limit_key(r),
                                  use_text(r, *plans.limits[static_cast<std::size_t>(r)])));
    }
    text += fmt::format(" Without {} there would be one.", fmt::join(words, " and "));
  }
  return text;
}

Table plan_table(const ClusterPlans& plans, std::string caption,
                 const std::vector<std::size_t>& which) {
  Table t{.caption = std::move(caption),
          .columns = {{"plan", Align::Text},
                      {"step"},
                      {"MFU"},
                      {"P95 finish"},
                      {"cost"},
                      {"peak power"},
                      {"carbon"}},
          .rows = {}};
  for (const std::size_t i : which) {
    const PlanCandidate& c = plans.candidates[i];
    const sim::StepReport& r = c.run.step.report;
    t.rows.push_back({label(c), format_time(r.step.value), format_share(r.mfu.value),
                      use_text(Resource::Time, used(c, Resource::Time)),
                      use_text(Resource::Money, used(c, Resource::Money)),
                      use_text(Resource::Power, used(c, Resource::Power)),
                      use_text(Resource::Carbon, used(c, Resource::Carbon))});
  }
  return t;
}

Table limit_table(const ClusterPlans& plans) {
  Table t{.caption = "What the limits hold back",
          .columns = {{"limit", Align::Text}, {"is"}, {"used"}, {"a tenth more would save"}},
          .rows = {}};
  for (const sim::Binding& b : plans.bindings) {
    t.rows.push_back({std::string(limit_key(b.limit)),
                      use_text(b.limit, *plans.limits[static_cast<std::size_t>(b.limit)]),
                      fmt::format("{:.0f} %", 100 * b.share),
                      b.relaxed && b.gain > 0.0 ? use_text(plans.goal, b.gain) : "nothing"});
  }
  return t;
}

std::optional<Figure> plan_figure(const ClusterPlans& plans) {
  constexpr double kDay = 86400.0, kMillion = 1e6;
  std::vector<ChartPoint> points;
  const auto add = [&](std::size_t i, int colour, bool named) {
    const PlanCandidate& c = plans.candidates[i];
    if (!std::isnan(used(c, Resource::Time)) && !std::isnan(used(c, Resource::Money))) {
      points.push_back({.x = used(c, Resource::Time) / kDay,
                        .y = used(c, Resource::Money) / kMillion,
                        .colour = colour,
                        .label = named ? label(c) : std::string(),
                        .tip = fmt::format("{}: {}, {}", label(c),
                                           use_text(Resource::Time, used(c, Resource::Time)),
                                           use_text(Resource::Money, used(c, Resource::Money)))});
    }
  };
  for (std::size_t i = 0; i < plans.candidates.size(); ++i) {
    add(i, 6, false);
  }
  for (const std::size_t i : plans.pareto) {
    add(i, 0, true);
  }
  if (plans.chosen) {
    add(*plans.chosen, 1, false);
  }
  if (points.empty()) {
    return std::nullopt;
  }
  return Figure{.title = "All plans: time against money",
                .svg = scatter_chart("All plans: time against money", points, "P95 finish, days",
                                     "million USD"),
                .note = {},
                .legend = {{6, "looked at"},
                           {0, plans.chosen ? "meets the limits and nothing beats it"
                                            : "nothing beats it, limits aside"},
                           {1, "chosen"}},
                .numbers = {}};
}

}  // namespace

Section plans_section(const Findings& f) {
  const ClusterPlans& plans = *f.plans;
  Section s{.id = "plan", .title = "The plan", .blocks = {Paragraph{verdict(plans)}}};
  if (!plans.bindings.empty()) {
    s.blocks.emplace_back(limit_table(plans));
  }
  if (auto figure = plan_figure(plans)) {
    s.blocks.emplace_back(std::move(*figure));
  }
  s.blocks.emplace_back(
      plan_table(plans, "Nothing beats these in time, money and power", plans.pareto));
  if (!plans.close.empty()) {
    s.blocks.emplace_back(plan_table(plans, "Within a tenth of the best", plans.close));
  }
  if (!plans.left_out.empty()) {
    s.blocks.emplace_back(BulletList{.title = "Left out", .items = plans.left_out});
  }
  return s;
}

}  // namespace scenarios
