// The report of a calibration: one HTML file, nothing loaded from anywhere.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "scenarios/calibrate.hpp"
#include "scenarios/html_text.hpp"
#include "scenarios/page/page.hpp"
#include "scenarios/residual_plot.hpp"
#include "scenarios/residual_points.hpp"
#include "scenarios/version.hpp"

namespace scenarios {

namespace {

using calib::Residual;

std::string residual_table(const std::map<std::string, Residual>& residuals) {
  Table table{.caption =
                  "Errors, predicted over measured less one, in per cent. Cross-validated: "
                  "each record predicted by a fit that had not seen its shape.",
              .columns = {{"kind", Align::Text},
                          {"records"},
                          {"median"},
                          {"mean"},
                          {"90 % below"},
                          {"largest"},
                          {"bias"}},
              .rows = {}};
  for (const auto& [kind, r] : residuals) {
    table.rows.push_back({kind, fmt::format("{}", r.records), fmt::format("{:.1f}", 100 * r.median),
                          fmt::format("{:.1f}", 100 * r.mean), fmt::format("{:.1f}", 100 * r.p90),
                          fmt::format("{:.1f}", 100 * r.max),
                          fmt::format("{:+.1f}", 100 * r.bias)});
  }
  return html_of(table);
}

/// Pairs of parameters that the records can hardly tell apart.
std::string strong_pairs(const calib::FittedParameters& f) {
  constexpr double kStrong = 0.9;
  const std::size_t p = f.names.size();
  std::string text;
  for (std::size_t i = 0; i < p; ++i) {
    for (std::size_t k = i + 1; k < p; ++k) {
      const double r = f.correlation[i * p + k];
      if (std::abs(r) >= kStrong) {
        text += fmt::format("{}{} and {} ({:+.2f})", text.empty() ? "" : "; ", f.names[i],
                            f.names[k], r);
      }
    }
  }
  return text;
}

std::string parameter_table(const std::string& kind, const calib::FittedParameters& f) {
  Table table{
      .caption = fmt::format("{}: {} free parameters, {} records", kind, f.names.size(), f.records),
      .columns = {{"parameter", Align::Text}, {"value"}, {"standard error"}},
      .rows = {}};
  for (std::size_t i = 0; i < f.names.size(); ++i) {
    table.rows.push_back({f.names[i], fmt::format("{:.4g}", f.values[i]),
                          fmt::format("{:.2g}", f.standard_errors[i])});
  }
  std::string text = html_of(table);
  const std::string pairs = strong_pairs(f);
  if (!pairs.empty()) {
    text +=
        html_of(Paragraph{fmt::format("Hard to tell apart (correlation 0.9 or more): {}.", pairs)});
  }
  if (!f.outliers.empty()) {
    text += html_of(BulletList{.title = fmt::format("Outliers of {}:", kind), .items = f.outliers});
  }
  return text;
}

std::string list_of(const char* title, const std::vector<std::string>& items) {
  return items.empty() ? std::string() : html_of(BulletList{.title = title, .items = items});
}

enum class Of { Kernels, Collectives };

/// The plots of one kind, in the order in which their first point comes.
std::string plots(const std::vector<ResidualPoint>& points, Of of) {
  std::vector<std::string> order;
  std::map<std::string, std::pair<ResidualPlot, std::string>> by_title;
  for (const ResidualPoint& p : points) {
    if (p.plot.starts_with("Collectives") != (of == Of::Collectives)) {
      continue;
    }
    const auto [at, added] = by_title.try_emplace(p.plot);
    if (added) {
      order.push_back(p.plot);
      at->second.second = p.x_name;
    }
    at->second.first.add(p.series, p.x, p.error());
  }
  std::string text;
  for (const std::string& title : order) {
    const auto& [plot, x_name] = by_title.at(title);
    text += plot.svg(title, x_name);
  }
  return text;
}

template <class Profile>
std::string provenance(const Profile& p) {
  std::string text =
      fmt::format("<p>Made with <code>{}</code>{}.</p>\n", html_text(p.source.command),
                  p.source.parent.empty()
                      ? std::string()
                      : fmt::format(" on the parent profile {}", html_text(p.source.parent)));
  return text + list_of("Runs", p.source.runs) +
         list_of("Not measured: from the parent, from papers or from documented defaults",
                 p.source.transferred) +
         list_of("Warnings", p.warnings);
}

template <class Profile>
std::string certainty(const Profile& p) {
  std::string text = residual_table(p.residuals);
  for (const auto& [kind, f] : p.fitted) {
    text += parameter_table(kind, f);
  }
  return text;
}

}  // namespace

std::string calibration_page(const Calibration& c) {
  const std::vector<ResidualPoint> points = residual_points(c);
  std::string page = html_begin("Calibration of " + c.set.accelerator);
  page += fmt::format("<h1>Calibration of {}</h1>\n<p>Made by gpuplan {} of {} files.</p>\n",
                      html_text(c.set.accelerator), version(), c.set.files.size());
  if (c.device) {
    page += "<h2>Kernels</h2>\n" + provenance(*c.device) + plots(points, Of::Kernels) +
            certainty(*c.device);
  }
  if (c.collectives) {
    page += "<h2>Collectives</h2>\n" + provenance(*c.collectives) + plots(points, Of::Collectives) +
            certainty(*c.collectives);
  }
  std::vector<std::string> left_out;
  for (const auto& [reason, count] : c.set.left_out) {
    left_out.push_back(fmt::format("{} records: {}", count, reason));
  }
  return page + list_of("Records that no fit used", left_out) + html_end();
}

}  // namespace scenarios
