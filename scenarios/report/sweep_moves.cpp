#include "scenarios/report/sweep_moves.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"
#include "scenarios/json_text.hpp"
#include "scenarios/page/charts.hpp"
#include "scenarios/report/sections.hpp"
#include "scenarios/sweep/sensitivity.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;

Figure tornado_figure(const Tornado& t, const std::string& what) {
  Figure figure{.title = fmt::format("{}, one value at a time", what),
                .svg = {},
                .note = "Each value alone at its two ends, all others as in the scenario.",
                .legend = {{1, "first end"}, {0, "second end"}},
                .numbers = {.caption = {},
                            .columns = {{"value", Align::Text},
                                        {"first", Align::Text},
                                        {what},
                                        {"second", Align::Text},
                                        {what}},
                            .rows = {}}};
  const auto number = [](const std::optional<double>& v) {
    return v ? fmt::format("{:.4g}", *v) : std::string("no result");
  };
  std::vector<BarRow> rows;
  for (const TornadoBar& b : t.bars) {
    const auto bar = [&t](const std::optional<double>& v, const std::string& setting, int colour) {
      return Bar{.from = t.base,
                 .to = v.value_or(t.base),
                 .colour = v ? colour : 6,
                 .text = v ? fmt::format("{}: {:+.1f} %", setting, 100 * (*v / t.base - 1.0))
                           : fmt::format("{}: no result", setting)};
    };
    rows.push_back(
        {.label = b.axis, .bars = {bar(b.low, b.low_setting, 1), bar(b.high, b.high_setting, 0)}});
    figure.numbers.rows.push_back(
        {b.axis, b.low_setting, number(b.low), b.high_setting, number(b.high)});
  }
  figure.svg =
      bar_chart(figure.title, rows, what, {{t.base, fmt::format("the scenario: {:.4g}", t.base)}});
  return figure;
}

Figure sobol_figure(const SobolIndices& s, const std::string& what) {
  Figure figure{
      .title = fmt::format("Shares of the variance of {}", what),
      .svg = {},
      .note = fmt::format("Sobol indices by Jansen's estimators over {} samples; mean {:.4g}, "
                          "standard deviation {:.4g}. What a value explains alone, and in all "
                          "together with others.",
                          s.blocks, s.mean, s.standard_deviation),
      .legend = {{1, "alone"}, {0, "in all"}},
      .numbers = {
          .caption = {}, .columns = {{"value", Align::Text}, {"alone"}, {"in all"}}, .rows = {}}};
  std::vector<BarRow> rows;
  for (const SobolIndex& i : s.indices) {
    const auto bar = [](double share, int colour) {
      return Bar{.from = 0.0, .to = 100 * share, .colour = colour, .text = format_share(share)};
    };
    rows.push_back({.label = i.axis, .bars = {bar(i.first, 1), bar(i.total, 0)}});
    figure.numbers.rows.push_back({i.axis, format_share(i.first), format_share(i.total)});
  }
  figure.svg = bar_chart(figure.title, rows, "share of the variance, %");
  return figure;
}

/// For grids and samples: the figure by each value of each axis, over the points that fit.
Table effects_table(const Store& store, const SweepFindings& f) {
  struct Effect {
    std::uint64_t points = 0;
    double sum = 0.0, least = INFINITY, most = -INFINITY;
  };
  std::map<std::uint64_t, double> figures;
  for (const SweepPoint& p : f.points) {
    if (p.fits) {
      figures[p.id] = p.metric;
    }
  }
  std::vector<std::map<std::string, Effect>> by_axis(f.identity.axes.size());
  store.for_each([&](const PointResult& row) {
    const auto figure = figures.find(row.id);
    if (figure == figures.end()) {
      return;
    }
    const ordered_json values = ordered_json::parse(row.settings);
    for (std::size_t a = 0; a < by_axis.size() && a < values.size(); ++a) {
      Effect& e = by_axis[a][printed(values[a])];
      ++e.points;
      e.sum += figure->second;
      e.least = std::min(e.least, figure->second);
      e.most = std::max(e.most, figure->second);
    }
  });
  Table t{.caption = fmt::format("{} by value, over the points that fit", f.metric),
          .columns = {{"value", Align::Text}, {"points"}, {"mean"}, {"least"}, {"most"}},
          .rows = {}};
  constexpr std::size_t kMostValues = 24;  // of an axis: beyond, it is drawn at random
  for (std::size_t a = 0; a < by_axis.size(); ++a) {
    if (by_axis[a].size() > kMostValues) {
      continue;
    }
    for (const auto& [setting, e] : by_axis[a]) {
      t.rows.push_back({fmt::format("{} {}", f.identity.axes[a], setting),
                        format_count(static_cast<double>(e.points)),
                        fmt::format("{:.4g}", e.sum / static_cast<double>(e.points)),
                        fmt::format("{:.4g}", e.least), fmt::format("{:.4g}", e.most)});
    }
  }
  return t;
}

}  // namespace

Section moves(const Store& store, const SweepFindings& f) {
  Section s{.id = "sensitivity", .title = "What moves it", .blocks = {}};
  try {
    switch (sample_of(store)) {
      case SampleKind::Tornado:
        s.blocks.push_back(tornado_figure(tornado(store, f.metric), f.metric));
        return s;
      case SampleKind::Sensitivity:
        s.blocks.push_back(sobol_figure(sobol_indices(store, f.metric), f.metric));
        return s;
      case SampleKind::Other:
        break;
    }
  } catch (const topology::InputError& e) {
    return left_out("sensitivity", "What moves it", e.what());
  }
  Table effects = effects_table(store, f);
  if (effects.rows.empty()) {
    return left_out("sensitivity", "What moves it",
                    "Values were drawn, each point with its own; sample: tornado or {sensitivity: "
                    "256} tells what moves a figure.");
  }
  s.blocks.push_back(std::move(effects));
  return s;
}

}  // namespace scenarios
