#include "scenarios/scoreboard.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "scenarios/format.hpp"
#include "scenarios/known_errors.hpp"
#include "scenarios/page/svg_frame.hpp"

namespace scenarios {

using calib::ValidationRow;

namespace {

Table summary_table(std::string_view caption,
                    const std::map<std::string, calib::ValidationSummary>& groups) {
  Table table{.caption = std::string(caption),
              .columns = {{"group", Align::Text},
                          {"predicted"},
                          {"scored"},
                          {"median"},
                          {"mean"},
                          {"p90"},
                          {"bias"}},
              .rows = {}};
  for (const auto& [name, s] : groups) {
    table.rows.push_back({name.empty() ? "(none)" : name,
                          fmt::format("{} of {}", s.predicted, s.rows), std::to_string(s.scored),
                          format_share(s.median_abs_error), format_share(s.mean_abs_error),
                          format_share(s.p90_abs_error), fmt::format("{:+.1f} %", 100 * s.bias)});
  }
  return table;
}

/// Predicted over measured, both in seconds on logarithmic axes.
Figure scatter(const calib::Validation& v) {
  constexpr int kLow = -2, kHigh = 3;  // 10 ms to 1000 s
  Frame f{.width = 620, .height = 600};
  f.x = f.y = {kLow, kHigh};
  std::vector<Tick> decades;
  for (int decade = kLow; decade <= kHigh; ++decade) {
    decades.push_back(
        {.at = static_cast<double>(decade), .text = fmt::format("{:g} s", std::pow(10.0, decade))});
  }
  std::string out = x_grid(f, decades, "measured") + y_grid(f, decades, "predicted");
  out += fmt::format(
      "<line class=\"zero\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
      f.x_of(kLow), f.y_of(kLow), f.x_of(kHigh), f.y_of(kHigh));
  const auto at = [](double seconds) {
    return std::clamp<double>(std::log10(seconds), kLow, kHigh);
  };
  for (const ValidationRow& r : v.rows) {
    if (r.error()) {
      out += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\" fill=\"var(--c0)\" "
          "fill-opacity=\".45\"/>\n",
          f.x_of(at(*r.measured)), f.y_of(at(*r.predicted)));
    }
  }
  constexpr const char* kTitle = "Predicted over measured step time; points on the line are exact";
  return {.title = kTitle, .svg = svg(f, kTitle, out), .note = {}, .legend = {}, .numbers = {}};
}

/// Rows by error, in steps of five per cent; the outermost bars hold all beyond.
Figure histogram(const calib::Validation& v) {
  constexpr int kBars = 24;
  constexpr double kStep = 0.05;
  std::array<int, kBars> count{};
  for (const ValidationRow& r : v.rows) {
    if (const auto e = r.error()) {
      const int bar = static_cast<int>(std::floor(*e / kStep)) + kBars / 2;
      ++count[static_cast<std::size_t>(std::clamp(bar, 0, kBars - 1))];
    }
  }
  Frame f{.height = 240};
  f.x = {-kBars / 2 * kStep, kBars / 2 * kStep};
  f.y = rounded(
      {0.0, static_cast<double>(std::max(1, *std::max_element(count.begin(), count.end())))}, 5);
  std::vector<Tick> errors;
  for (int i = -kBars / 2; i <= kBars / 2; i += 4) {
    errors.push_back(
        {.at = i * kStep, .text = fmt::format("{:+.0f} %", 100 * kStep * i), .strong = i == 0});
  }
  std::string out = y_grid(f, ticked(f.y, 5), "runs") + x_grid(f, errors, "error");
  for (int i = 0; i < kBars; ++i) {
    const int n = count[static_cast<std::size_t>(i)];
    const double left = f.x_of((i - kBars / 2) * kStep),
                 right = f.x_of((i + 1 - kBars / 2) * kStep);
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
        "fill=\"var(--c0)\"><title>{} runs</title></rect>\n",
        left + 1, f.y_of(n), right - left - 2, f.y_of(0) - f.y_of(n), n);
  }
  Table numbers{.caption = {}, .columns = {{"error from", Align::Number}, {"runs"}}, .rows = {}};
  for (int i = 0; i < kBars; ++i) {
    numbers.rows.push_back({fmt::format("{:+.0f} %", 100 * kStep * (i - kBars / 2)),
                            std::to_string(count[static_cast<std::size_t>(i)])});
  }
  constexpr const char* kTitle = "Number of runs by signed error in steps of 5 %";
  return {.title = kTitle,
          .svg = svg(f, kTitle, out),
          .note = {},
          .legend = {},
          .numbers = std::move(numbers)};
}

/// What is known about the row, what the time of its prediction is made of, largest parts first,
/// and what had to be assumed.
std::string reason(const TrainingCase& c, const ValidationRow& row) {
  const sim::StepTime t = predict_step(c, {});
  std::vector<std::pair<double, std::string_view>> parts;
  for (std::size_t i = 0; i < sim::kParts; ++i) {
    parts.emplace_back(t.parts.at[i] / t.step, sim::name(static_cast<sim::Part>(i)));
  }
  std::sort(parts.rbegin(), parts.rend());
  std::string out(known_error(row.id));
  out += fmt::format("{}predicted: {} {:.0f} %, {} {:.0f} %", out.empty() ? "" : "; ",
                     parts[0].second, 100 * parts[0].first, parts[1].second, 100 * parts[1].first);
  for (const std::string& note : row.notes) {
    out += "; " + note;
  }
  for (const std::string& warning : c.models->device.warnings) {
    out += "; " + warning;
  }
  return out;
}

Table worst_rows(const std::vector<TrainingCase>& cases, const calib::Validation& v) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < v.rows.size(); ++i) {
    if (v.rows[i].error()) {
      order.push_back(i);
    }
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(*v.rows[a].error()) > std::abs(*v.rows[b].error());
  });
  order.resize(std::min(order.size(), kWorstRows));
  Table table{.caption = "The worst rows",
              .columns = {{"row", Align::Text},
                          {"measured"},
                          {"predicted"},
                          {"error"},
                          {"why", Align::Text}},
              .rows = {}};
  for (const std::size_t i : order) {
    const ValidationRow& r = v.rows[i];
    table.rows.push_back({r.id, fmt::format("{:.4g} s", *r.measured),
                          fmt::format("{:.4g} s", *r.predicted),
                          fmt::format("{:+.0f} %", 100 * *r.error()), reason(cases[i], r)});
  }
  return table;
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

Table peers(const calib::Validation& v) {
  Table table{.caption = "Other planners, mean absolute error",
              .columns = {{"rows", Align::Text}, {"gpuplan"}, {"others", Align::Text}},
              .rows = {}};
  const auto by = v.by.find("source");
  for (const Peer& p : kPeers) {
    std::string ours = "-";
    if (p.source != nullptr && by != v.by.end() && by->second.contains(p.source)) {
      ours = format_share(by->second.at(p.source).mean_abs_error);
    }
    table.rows.push_back({p.rows, ours, p.figures});
  }
  return table;
}

}  // namespace

Page scoreboard(const std::string& table, const std::vector<TrainingCase>& cases,
                const calib::Validation& v) {
  Page page{.title = "Predicted against measured",
            .lead = fmt::format(
                "{}: {} of {} published training runs predicted. Error = predicted / measured - 1. "
                "{} of the scored runs lie between the low and high bound of their prediction "
                "(aim: 90 %).",
                table, v.summary.predicted, v.summary.rows,
                format_share(v.summary.with_band == 0
                                 ? 0.0
                                 : static_cast<double>(v.summary.in_band) / v.summary.with_band)),
            .sections = {}};
  page.sections.push_back(
      {"all", "All runs", {summary_table("", {{"all", v.summary}}), scatter(v), histogram(v)}});
  Section groups{"groups", "By group", {}};
  for (const auto& [label, summaries] : v.by) {
    groups.blocks.emplace_back(summary_table("By " + label, summaries));
  }
  page.sections.push_back(std::move(groups));
  page.sections.push_back({"worst", "Where it is wrong", {worst_rows(cases, v)}});
  page.sections.push_back({"others", "Beside others", {peers(v)}});
  return page;
}

}  // namespace scenarios
