#include "scenarios/scoreboard.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "scenarios/html_text.hpp"

namespace scenarios {

using calib::ValidationRow;

namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>gpuplan: predicted against measured</title><style>
:root{color-scheme:light dark;--ink:#1b1b1b;--soft:#666;--line:#ccc;--page:#fff;--mark:#0b62b0}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--soft:#a5a5a5;--line:#444;--page:#141414;--mark:#6bb2ff}}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--page)}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}caption{text-align:left;font-weight:600}
th,td{padding:.15rem .6rem;border-bottom:1px solid var(--line);text-align:right}
th:first-child,td:first-child,td.text{text-align:left}svg{max-width:100%;height:auto}
svg text{fill:var(--ink);font-size:12px}.axis{stroke:var(--soft)}.dot{fill:var(--mark);fill-opacity:.45}.bar{fill:var(--mark)}
</style></head><body>
)";

std::string percent(double x) {
  return fmt::format("{:.1f} %", 100 * x);
}

std::string summary_row(std::string_view name, const calib::ValidationSummary& s) {
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td>{} of {}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
      "<td>{:+.1f} %</td></tr>\n",
      html_text(name), s.predicted, s.rows, s.scored, percent(s.median_abs_error),
      percent(s.mean_abs_error), percent(s.p90_abs_error), 100 * s.bias);
}

std::string summary_table(std::string_view caption,
                          const std::map<std::string, calib::ValidationSummary>& groups) {
  std::string out = fmt::format(
      "<table><caption>{}</caption><thead><tr><th scope=\"col\">group</th><th scope=\"col\">"
      "predicted</th><th scope=\"col\">scored</th><th scope=\"col\">median</th><th scope=\"col\">"
      "mean</th><th scope=\"col\">p90</th><th scope=\"col\">bias</th></tr></thead><tbody>\n",
      html_text(caption));
  for (const auto& [name, s] : groups) {
    out += summary_row(name.empty() ? "(none)" : name, s);
  }
  return out + "</tbody></table>\n";
}

/// Predicted over measured, both in seconds on logarithmic axes.
std::string scatter(const calib::Validation& v) {
  constexpr double kSize = 480.0, kEdge = 46.0, kLow = -2.0, kHigh = 3.0;  // 10 ms to 1000 s
  const auto at = [&](double seconds) {
    const double x = std::clamp(std::log10(seconds), kLow, kHigh);
    return kEdge + (x - kLow) / (kHigh - kLow) * (kSize - kEdge);
  };
  std::string out = fmt::format(
      "<svg role=\"img\" aria-labelledby=\"scatter\" viewBox=\"0 0 {0} {1}\" width=\"{0}\"><title "
      "id=\"scatter\">Predicted over measured step time; points on the diagonal are exact</title>\n"
      "<line class=\"axis\" x1=\"{2}\" y1=\"{3}\" x2=\"{0}\" y2=\"0\"/>\n",
      kSize, kSize + 10, kEdge, kSize - kEdge);
  for (int decade = static_cast<int>(kLow); decade <= static_cast<int>(kHigh); ++decade) {
    const double t = std::pow(10.0, decade);
    out += fmt::format(
        "<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"end\">{:g} s</text>"
        "<text x=\"0\" y=\"{:.0f}\">{:g} s</text>\n",
        at(t), kSize - kEdge + 18, t, kSize - at(t) + 12, t);
  }
  for (const ValidationRow& r : v.rows) {
    if (r.error()) {
      out += fmt::format("<circle class=\"dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\"/>\n",
                         at(*r.measured), kSize - at(*r.predicted));
    }
  }
  return out + "<text x=\"200\" y=\"478\">measured</text></svg>\n";
}

/// Rows by error, in steps of five per cent; the outermost bars hold all beyond.
std::string histogram(const calib::Validation& v) {
  constexpr int kBars = 24;
  constexpr double kStep = 0.05, kWidth = 20.0, kHeight = 160.0;
  std::array<int, kBars> count{};
  for (const ValidationRow& r : v.rows) {
    if (const auto e = r.error()) {
      const int bar = static_cast<int>(std::floor(*e / kStep)) + kBars / 2;
      ++count[static_cast<std::size_t>(std::clamp(bar, 0, kBars - 1))];
    }
  }
  const double most = std::max(1, *std::max_element(count.begin(), count.end()));
  std::string out = fmt::format(
      "<svg role=\"img\" aria-labelledby=\"histogram\" viewBox=\"0 0 {0} {1}\" width=\"{0}\">"
      "<title id=\"histogram\">Number of runs by signed error in steps of 5 %</title>\n",
      kBars * kWidth, kHeight + 24);
  for (int i = 0; i < kBars; ++i) {
    const int n = count[static_cast<std::size_t>(i)];
    const double height = kHeight * n / most;
    out += fmt::format(
        "<rect class=\"bar\" x=\"{:.0f}\" y=\"{:.1f}\" width=\"{:.0f}\" "
        "height=\"{:.1f}\"><title>{} "
        "runs</title></rect>\n",
        i * kWidth, kHeight - height, kWidth - 2, height, n);
    if (i % 4 == 0) {
      out += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">{:+.0f} %</text>\n", i * kWidth,
                         kHeight + 16, 100 * kStep * (i - kBars / 2));
    }
  }
  return out + "</svg>\n";
}

/// What the time of a prediction is made of, largest parts first, and what had to be assumed.
std::string reason(const TrainingCase& c, const ValidationRow& row) {
  const sim::StepTime t = predict_step(c, {});
  std::vector<std::pair<double, std::string_view>> parts;
  for (std::size_t i = 0; i < sim::kParts; ++i) {
    parts.emplace_back(t.parts.at[i] / t.step, sim::name(static_cast<sim::Part>(i)));
  }
  std::sort(parts.rbegin(), parts.rend());
  std::string out = fmt::format("{} {:.0f} %, {} {:.0f} %", parts[0].second, 100 * parts[0].first,
                                parts[1].second, 100 * parts[1].first);
  for (const std::string& note : row.notes) {
    out += "; " + note;
  }
  for (const std::string& warning : c.models->device.warnings) {
    out += "; " + warning;
  }
  return out;
}

std::string worst_rows(const std::vector<TrainingCase>& cases, const calib::Validation& v) {
  constexpr std::size_t kShown = 20;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < v.rows.size(); ++i) {
    if (v.rows[i].error()) {
      order.push_back(i);
    }
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(*v.rows[a].error()) > std::abs(*v.rows[b].error());
  });
  order.resize(std::min(order.size(), kShown));
  std::string out =
      "<table><caption>The worst rows</caption><thead><tr><th scope=\"col\">row</th><th "
      "scope=\"col\">measured</th><th scope=\"col\">predicted</th><th scope=\"col\">error</th><th "
      "scope=\"col\">what dominates, what was assumed</th></tr></thead><tbody>\n";
  for (const std::size_t i : order) {
    const ValidationRow& r = v.rows[i];
    out += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{:.4g} s</td><td>{:.4g} s</td><td>{:+.0f} "
        "%</td><td class=\"text\">{}</td></tr>\n",
        html_text(r.id), *r.measured, *r.predicted, 100 * *r.error(),
        html_text(reason(cases[i], r)));
  }
  return out + "</tbody></table>\n";
}

/// Mean absolute errors that others publish, or that were measured by running them, on rows of
/// these tables. Ours come from the validation at hand.
struct Peer {
  const char* rows;
  const char* source;  ///< of our figure; null: not on these rows
  const char* figures;
};
constexpr std::array kPeers{
    Peer{"Korthikanti et al. 2022", "kor22", "Calculon 3.7 % (its efficiencies set by hand)"},
    Peer{"vTrain, 64 to 512 GPUs", "vtrainm",
         "Calculon 11.1 %, vTrain 14.7 % (profiled kernels), llm-analysis 17.7 %"},
    Peer{"vTrain, one node", "vtrain_single", "vTrain 8.4 % (profiled kernels), Calculon 38.9 %"},
    Peer{"collectives on 8 to 16 H100", nullptr,
         "ASTRA-sim 9.7 to 20.6 %, SimAI 19 to 46 % as shipped; neither predicts these steps"}};

std::string peers(const calib::Validation& v) {
  std::string out =
      "<table><caption>Other planners, mean absolute error</caption><thead><tr><th "
      "scope=\"col\">rows</th><th scope=\"col\">gpuplan</th><th scope=\"col\">others</th></tr>"
      "</thead><tbody>\n";
  const auto by = v.by.find("source");
  for (const Peer& p : kPeers) {
    std::string ours = "-";
    if (p.source != nullptr && by != v.by.end() && by->second.contains(p.source)) {
      ours = percent(by->second.at(p.source).mean_abs_error);
    }
    out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"text\">{}</td></tr>\n",
                       p.rows, ours, p.figures);
  }
  return out + "</tbody></table>\n";
}

}  // namespace

std::string scoreboard_html(const std::string& table, const std::vector<TrainingCase>& cases,
                            const calib::Validation& v) {
  std::string out(kHead);
  out += fmt::format(
      "<h1>Predicted against measured</h1><p>{}: {} of {} published training runs predicted. Error "
      "= predicted / measured - 1. {} of the scored runs lie between the low and high bound of "
      "their prediction (aim: 90 %).</p>\n",
      html_text(table), v.summary.predicted, v.summary.rows,
      percent(v.summary.with_band == 0
                  ? 0.0
                  : static_cast<double>(v.summary.in_band) / v.summary.with_band));
  out += summary_table("All", {{"all", v.summary}});
  out += scatter(v) + histogram(v);
  for (const auto& [label, groups] : v.by) {
    out += summary_table("By " + label, groups);
  }
  out += worst_rows(cases, v) + peers(v);
  return out + "</body></html>\n";
}

}  // namespace scenarios
