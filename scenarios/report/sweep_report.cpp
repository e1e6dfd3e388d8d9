#include "scenarios/report/sweep_report.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"
#include "scenarios/json_text.hpp"
#include "scenarios/page/charts.hpp"
#include "scenarios/report/sections.hpp"
#include "scenarios/report/sweep_findings.hpp"
#include "scenarios/report/sweep_moves.hpp"
#include "scenarios/sweep/store.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t kShownPoints = 200;
constexpr std::size_t kShownReasons = 20;
constexpr std::size_t kChartPoints = 2000;

std::string rate_text(double tokens_per_s) {
  return fmt::format("{} tokens/s", format_count(tokens_per_s));
}
std::string per_token(const SweepPoint& p) {
  return fmt::format("{} per token", format_energy(units::joules(p.joules_per_token)));
}

std::vector<Column> point_columns() {
  return {{"point", Align::Text}, {"tokens/s"}, {"step"}, {"MFU"}, {"power"},
          {"energy per token"},   {"memory"}};
}
std::vector<std::string> point_row(const SweepPoint& p) {
  return {p.settings,
          format_count(p.tokens_per_s),
          format_time(p.step),
          format_share(p.mfu),
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
    const SweepPoint& fastest = f.points.front();
    const SweepPoint& frugal = *std::min_element(
        f.points.begin(), f.points.end(), [](const SweepPoint& a, const SweepPoint& b) {
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
  for (const SweepPoint& p : f.points) {
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
  const SweepFindings f = read_findings(store, metric);
  const ordered_json definition = ordered_json::parse(f.identity.definition);
  return {.title = f.identity.name,
          .lead = fmt::format("A sweep of {} points, predicted by gpuplan {}.",
                              format_count(static_cast<double>(f.identity.points)),
                              definition.value("version", std::string("(version unknown)"))),
          .sections = {summary(f), pareto(f), moves(store, f), all_points(f), without_result(f)}};
}

}  // namespace scenarios
