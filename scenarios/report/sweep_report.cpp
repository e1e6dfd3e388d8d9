#include "scenarios/report/sweep_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"
#include "scenarios/json_text.hpp"
#include "scenarios/page/charts.hpp"
#include "scenarios/report/sections.hpp"
#include "scenarios/sweep/metrics.hpp"
#include "scenarios/sweep/sensitivity.hpp"
#include "scenarios/sweep/store.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t kShownPoints = 200;
constexpr std::size_t kShownReasons = 20;
constexpr std::size_t kChartPoints = 2000;

/// A point that has a prediction.
struct Point {
  std::uint64_t id = 0;
  std::string settings;  ///< "tp 8, pp 16": what varied, by the last words of the paths
  bool fits = true;
  double tokens_per_s = 0.0, joules_per_token = 0.0;
  units::Seconds step;
  units::Bytes memory;
  units::Watts power;
  double mfu = 0.0;
  double metric = 0.0;  ///< the figure whose sensitivity is asked for
  bool best = false;    ///< nothing is better in throughput, energy per token and memory
};

/// What a store holds, as far as a page shows it.
struct SweepFindings {
  SweepIdentity identity;
  std::string metric;
  std::vector<Point> points;  ///< those that fit first, by throughput
  std::array<std::uint64_t, 4> by_status{};
  std::map<std::string, std::uint64_t> reasons;  ///< of points without a result
};

std::string last_word(const std::string& path) {
  return path.substr(path.rfind('.') + 1);
}

/// "tp 8, bandwidth 400 Gbit/s"; what a point leaves as the scenario has it is left out.
std::string settings_text(const SweepIdentity& identity, const std::string& settings) {
  std::string text;
  const ordered_json values = ordered_json::parse(settings);
  for (std::size_t a = 0; a < identity.axes.size() && a < values.size(); ++a) {
    if (!values[a].is_null()) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", last_word(identity.axes[a]),
                          printed(values[a]));
    }
  }
  return text.empty() ? "the scenario itself" : text;
}

std::size_t column(std::string_view name) {
  return static_cast<std::size_t>(&metric(name) - metrics().data());
}

/// Whether `a` makes `b` needless: as good in everything, and better in something or earlier.
bool beats(const Point& a, const Point& b) {
  if (a.tokens_per_s < b.tokens_per_s || a.joules_per_token > b.joules_per_token ||
      a.memory > b.memory) {
    return false;
  }
  return a.tokens_per_s > b.tokens_per_s || a.joules_per_token < b.joules_per_token ||
         a.memory < b.memory || a.id < b.id;
}

/// @pre sorted: whoever is beaten is beaten by one before it that is on the front itself
void mark_front(std::vector<Point>& points) {
  std::vector<const Point*> front;
  for (Point& p : points) {
    const bool beaten = std::any_of(front.begin(), front.end(),
                                    [&p](const Point* other) { return beats(*other, p); });
    p.best = p.fits && !beaten;
    if (p.best) {
      front.push_back(&p);
    }
  }
}

SweepFindings read_store(const Store& store, const std::string& metric_name) {
  SweepFindings f{.identity = store.identity(),
                  .metric = metric_name,
                  .points = {},
                  .by_status = {},
                  .reasons = {}};
  const std::size_t tokens = column("tokens_per_s");
  const std::size_t power = column("power_w");
  const std::size_t step = column("step_time_s");
  const std::size_t memory = column("memory_bytes");
  const std::size_t mfu = column("mfu");
  const std::size_t asked = column(metric_name);
  store.for_each([&](const PointResult& row) {
    ++f.by_status[static_cast<std::size_t>(row.status)];
    if (!row.message.empty()) {
      ++f.reasons[fmt::format("{}: {}", name(row.status), row.message)];
    }
    if (row.values.empty() || std::isnan(row.values[step])) {
      return;
    }
    const std::vector<double>& v = row.values;
    f.points.push_back({.id = row.id,
                        .settings = settings_text(f.identity, row.settings),
                        .fits = row.status == PointStatus::Ok,
                        .tokens_per_s = v[tokens],
                        .joules_per_token = v[power] / v[tokens],
                        .step = units::seconds(v[step]),
                        .memory = units::bytes(v[memory]),
                        .power = units::watts(v[power]),
                        .mfu = v[mfu],
                        .metric = v[asked]});
  });
  std::sort(f.points.begin(), f.points.end(), [](const Point& a, const Point& b) {
    return std::tuple(!a.fits, -a.tokens_per_s, a.joules_per_token, a.memory, a.id) <
           std::tuple(!b.fits, -b.tokens_per_s, b.joules_per_token, b.memory, b.id);
  });
  mark_front(f.points);
  return f;
}

std::string rate_text(double tokens_per_s) {
  return fmt::format("{} tokens/s", format_count(tokens_per_s));
}
std::string per_token(const Point& p) {
  return fmt::format("{} per token", format_energy(units::joules(p.joules_per_token)));
}

std::vector<Column> point_columns() {
  return {{"point", Align::Text}, {"tokens/s"}, {"step"}, {"MFU"}, {"power"},
          {"energy per token"},   {"memory"}};
}
std::vector<std::string> point_row(const Point& p) {
  return {p.settings,
          format_count(p.tokens_per_s),
          format_time(p.step),
          fmt::format("{:.1f} %", 100 * p.mfu),
          format_power(p.power),
          format_energy(units::joules(p.joules_per_token)),
          format_bytes(p.memory)};
}

Section summary(const SweepFindings& f) {
  Section s{.id = "summary", .title = "Summary", .blocks = {}};
  std::uint64_t stored = 0;
  for (const std::uint64_t count : f.by_status) {
    stored += count;
  }
  Cards cards{{{.label = "Points",
                .value = format_count(static_cast<double>(f.identity.points)),
                .detail = stored == f.identity.points
                              ? "all of them done"
                              : fmt::format("{} done; go on with --resume",
                                            format_count(static_cast<double>(stored)))}}};
  if (!f.points.empty() && f.points.front().fits) {
    const Point& fastest = f.points.front();
    const Point& frugal =
        *std::min_element(f.points.begin(), f.points.end(), [](const Point& a, const Point& b) {
          return std::tuple(!a.fits, a.joules_per_token, a.id) <
                 std::tuple(!b.fits, b.joules_per_token, b.id);
        });
    cards.cards.push_back({.label = "Highest throughput",
                           .value = rate_text(fastest.tokens_per_s),
                           .detail = fmt::format("{}; {}", fastest.settings, per_token(fastest))});
    cards.cards.push_back(
        {.label = "Least energy",
         .value = per_token(frugal),
         .detail = fmt::format("{}; {}", frugal.settings, rate_text(frugal.tokens_per_s))});
  }
  s.blocks.push_back(std::move(cards));
  const ordered_json definition = ordered_json::parse(f.identity.definition);
  Table varied{.caption = "What varied",
               .columns = {{"value", Align::Text}, {"over", Align::Text}},
               .rows = {}};
  const ordered_json sweep = definition.value("sweep", ordered_json::object());
  const ordered_json vary = sweep.value("vary", ordered_json::object());
  for (const auto& [path, range] : vary.items()) {
    varied.rows.push_back({path, range.dump()});
  }
  varied.rows.push_back({"sample", printed(sweep.value("sample", ordered_json("grid")))});
  s.blocks.push_back(std::move(varied));
  constexpr std::array<const char*, 4> kWords{"fit", "do not fit", "cannot be", "failed"};
  BulletList how{.title = "Points", .items = {}};
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (f.by_status[i] > 0) {
      how.items.push_back(
          fmt::format("{} {}", format_count(static_cast<double>(f.by_status[i])), kWords[i]));
    }
  }
  s.blocks.push_back(std::move(how));
  return s;
}

Section pareto(const SweepFindings& f) {
  Figure figure{.title = "Points that nothing beats",
                .svg = {},
                .note =
                    "Pareto front in throughput, energy per token (nodes and network, without "
                    "cooling) and memory of the heaviest rank. Points that do not fit are not "
                    "shown.",
                .legend = {{0, "on the front"}, {6, "beaten by another in all three"}},
                .numbers = {.caption = {}, .columns = point_columns(), .rows = {}}};
  std::vector<ChartPoint> chart;
  std::vector<ChartPoint> front;
  constexpr double kMillion = 1e6;
  const bool millions = !f.points.empty() && f.points.front().tokens_per_s >= kMillion;
  const double unit = millions ? kMillion : 1.0;
  std::size_t fitting = 0;
  for (const Point& p : f.points) {
    if (!p.fits) {
      continue;
    }
    ++fitting;
    const std::string tip =
        fmt::format("{}: {}, {}", p.settings, rate_text(p.tokens_per_s), per_token(p));
    if (p.best) {
      figure.numbers.rows.push_back(point_row(p));
      front.push_back({.x = p.joules_per_token,
                       .y = p.tokens_per_s / unit,
                       .colour = 0,
                       .label = {},
                       .tip = tip});
    } else if (chart.size() < kChartPoints) {
      chart.push_back({.x = p.joules_per_token,
                       .y = p.tokens_per_s / unit,
                       .colour = 6,
                       .label = {},
                       .tip = tip});
    }
  }
  if (fitting == 0) {
    return left_out("pareto", "Best points", "No point fits.");
  }
  if (front.size() + chart.size() < fitting) {
    figure.note += fmt::format(" Of the others the {} fastest.", format_count(kChartPoints));
  }
  chart.insert(chart.end(), front.begin(), front.end());
  figure.svg = scatter_chart(figure.title, chart, "energy per token, J",
                             millions ? "million tokens/s" : "tokens/s");
  return {.id = "pareto", .title = "Best points", .blocks = {std::move(figure)}};
}

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
      return Bar{.from = 0.0,
                 .to = 100 * share,
                 .colour = colour,
                 .text = fmt::format("{:.1f} %", 100 * share)};
    };
    rows.push_back({.label = i.axis, .bars = {bar(i.first, 1), bar(i.total, 0)}});
    figure.numbers.rows.push_back(
        {i.axis, fmt::format("{:.1f} %", 100 * i.first), fmt::format("{:.1f} %", 100 * i.total)});
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
  for (const Point& p : f.points) {
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

Section all_points(const SweepFindings& f) {
  if (f.points.empty()) {
    return left_out("points", "Points", "None has a result.");
  }
  Table t{.caption = "Fastest first; those that do not fit at the end",
          .columns = point_columns(),
          .rows = {},
          .folded = true};
  t.columns.push_back({"", Align::Text});
  for (std::size_t i = 0; i < std::min(f.points.size(), kShownPoints); ++i) {
    t.rows.push_back(point_row(f.points[i]));
    t.rows.back().push_back(f.points[i].best ? "front" : f.points[i].fits ? "" : "does not fit");
  }
  Section s{.id = "points", .title = "Points", .blocks = {}};
  if (f.points.size() > kShownPoints) {
    s.blocks.push_back(
        Paragraph{fmt::format("The first {} of {} with a prediction; gpuplan export "
                              "writes all of them.",
                              kShownPoints, format_count(static_cast<double>(f.points.size())))});
  }
  s.blocks.push_back(std::move(t));
  return s;
}

Section without_result(const SweepFindings& f) {
  std::vector<std::pair<std::string, std::uint64_t>> reasons(f.reasons.begin(), f.reasons.end());
  if (reasons.empty()) {
    return left_out("reasons", "Points without a result", "None.");
  }
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  Table t{.caption = reasons.size() > kShownReasons
                         ? fmt::format("The {} most frequent of {} reasons", kShownReasons,
                                       format_count(static_cast<double>(reasons.size())))
                         : std::string("Reasons, the most frequent first"),
          .columns = {{"reason", Align::Text}, {"points"}},
          .rows = {},
          .folded = true};
  for (std::size_t i = 0; i < std::min(reasons.size(), kShownReasons); ++i) {
    t.rows.push_back({reasons[i].first, format_count(static_cast<double>(reasons[i].second))});
  }
  return {.id = "reasons", .title = "Points without a result", .blocks = {std::move(t)}};
}

}  // namespace

bool is_store(const std::filesystem::path& file) {
  constexpr std::string_view kMagic = "SQLite format 3";  // sqlite.org/fileformat.html, 1.3
  std::string head(kMagic.size(), '\0');
  std::ifstream in(file, std::ios::binary);
  return in.read(head.data(), static_cast<std::streamsize>(head.size())) && head == kMagic;
}

Page sweep_page(const std::filesystem::path& file, const std::string& metric) {
  const Store store = Store::open(file);
  const SweepFindings f = read_store(store, metric);
  const ordered_json definition = ordered_json::parse(f.identity.definition);
  return {.title = f.identity.name,
          .lead = fmt::format("A sweep of {} points, predicted by gpuplan {}.",
                              format_count(static_cast<double>(f.identity.points)),
                              definition.value("version", std::string("(version unknown)"))),
          .sections = {summary(f), pareto(f), moves(store, f), all_points(f), without_result(f)}};
}

}  // namespace scenarios
