// The report of a calibration: one HTML file, nothing loaded from anywhere.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "scenarios/calibrate.hpp"
#include "scenarios/html_text.hpp"
#include "scenarios/residual_plot.hpp"
#include "scenarios/version.hpp"

namespace scenarios {

namespace {

using calib::Residual;

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #ffffff;
  --c0: #0550ae; --c1: #b35900; --c2: #1a7f37; --c3: #8250df; --c4: #cf222e; --c5: #4d5560; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b1; --line: #3d444d;
  --paper: #0d1117; --c0: #79c0ff; --c1: #ffa657; --c2: #7ee787; --c3: #d2a8ff; --c4: #ff7b72;
  --c5: #b1bac4; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; } caption { text-align: left; font-weight: 600; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--line); text-align: right;
  font-variant-numeric: tabular-nums; } th:first-child, td:first-child { text-align: left; }
figure { margin: 1.5rem 0; } figcaption { color: var(--soft); } svg { width: 100%; height: auto; }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
.axis { stroke: var(--line); } .zero { stroke: var(--ink); } .band { stroke: var(--soft);
  stroke-dasharray: 4 4; } .scroll { overflow-x: auto; }
)";

std::string residual_rows(const std::map<std::string, Residual>& residuals) {
  std::string rows;
  for (const auto& [kind, r] : residuals) {
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{:.1f}</td><td>{:.1f}</td><td>{:.1f}</td>"
        "<td>{:.1f}</td><td>{:+.1f}</td></tr>\n",
        html_text(kind), r.records, 100 * r.median, 100 * r.mean, 100 * r.p90, 100 * r.max,
        100 * r.bias);
  }
  return rows;
}

std::string residual_table(const std::map<std::string, Residual>& residuals) {
  return fmt::format(
      "<div class=\"scroll\"><table><caption>Errors, predicted over measured less one, in per "
      "cent. Cross-validated: each record predicted by a fit that had not seen its "
      "shape.</caption><thead><tr><th scope=\"col\">kind</th><th scope=\"col\">records</th>"
      "<th scope=\"col\">median</th><th scope=\"col\">mean</th><th scope=\"col\">90 % below</th>"
      "<th scope=\"col\">largest</th><th scope=\"col\">bias</th></tr></thead><tbody>\n{}"
      "</tbody></table></div>\n",
      residual_rows(residuals));
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
  std::string rows;
  for (std::size_t i = 0; i < f.names.size(); ++i) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{:.4g}</td><td>{:.2g}</td></tr>\n",
                        html_text(f.names[i]), f.values[i], f.standard_errors[i]);
  }
  std::string text = fmt::format(
      "<table><caption>{}: {} free parameters, {} records</caption><thead><tr><th "
      "scope=\"col\">parameter</th><th scope=\"col\">value</th><th scope=\"col\">standard "
      "error</th></tr></thead><tbody>\n{}</tbody></table>\n",
      html_text(kind), f.names.size(), f.records, rows);
  const std::string pairs = strong_pairs(f);
  if (!pairs.empty()) {
    text +=
        fmt::format("<p>Hard to tell apart (correlation 0.9 or more): {}.</p>\n", html_text(pairs));
  }
  if (!f.outliers.empty()) {
    text += fmt::format("<p>Outliers of {}:</p>\n<ul>\n", html_text(kind));
    for (const std::string& sentence : f.outliers) {
      text += fmt::format("<li>{}</li>\n", html_text(sentence));
    }
    text += "</ul>\n";
  }
  return text;
}

std::string list_of(const char* title, const std::vector<std::string>& items) {
  if (items.empty()) {
    return {};
  }
  std::string text = fmt::format("<h3>{}</h3>\n<ul>\n", title);
  for (const std::string& item : items) {
    text += fmt::format("<li>{}</li>\n", html_text(item));
  }
  return text + "</ul>\n";
}

std::string gemm_class(const calib::GemmRecord& r) {
  constexpr std::int64_t kSmall = 64, kLarge = 1024;
  return r.shape.m < kSmall   ? "m below 64"
         : r.shape.m < kLarge ? "m 64 to 1023"
                              : "m 1024 and more";
}

std::string kernel_plots(const Calibration& c) {
  const calib::DeviceProfile& p = *c.device;
  std::map<std::string, ResidualPlot> by_work, by_depth;
  for (const calib::GemmRecord& r : c.set.gemm) {
    const std::string format(topology::name(r.precision));
    const double error = gemm_time(p, r.shape, r.precision) / r.time - 1.0;
    const double work = 2.0 * static_cast<double>(r.shape.m) * static_cast<double>(r.shape.n) *
                        static_cast<double>(r.shape.k * r.shape.batch);
    by_work[format].add(gemm_class(r), work, error);
    by_depth[format].add(gemm_class(r), static_cast<double>(r.shape.k), error);
  }
  std::string text;
  for (const auto& [format, plot] : by_work) {
    text += plot.svg(fmt::format("GEMM {}: error by size", format), "FLOP");
    text += by_depth[format].svg(fmt::format("GEMM {}: error by depth", format), "k");
  }
  ResidualPlot attention, by_length;
  for (const calib::AttentionRecord& r : c.set.attention_forward) {
    const double error = attention_forward_time(p, r.shape, r.precision) / r.time - 1.0;
    const std::string shape = fmt::format("head dimension {}", r.shape.head_dim);
    attention.add(shape, attention_flops(r.shape).base(), error);
    by_length.add(shape, static_cast<double>(r.shape.query_length), error);
  }
  text += attention.svg("Attention forward: error by size", "FLOP");
  text += by_length.svg("Attention forward: error by sequence length", "tokens");
  ResidualPlot memory;
  for (const auto& r : c.set.memory_bound) {
    memory.add(r.measurement.op, r.measurement.bytes.base(),
               memory_time(p, r.measurement.bytes) / r.measurement.measured.time - 1.0);
  }
  return text + memory.svg("Memory-bound kernels: error by size", "bytes");
}

std::string collective_plots(const Calibration& c) {
  ResidualPlot inside, across;
  for (std::size_t i = 0; i < c.collective_times.size(); ++i) {
    const calib::CollectiveMeasurement& m = c.set.collectives[i].measurement;
    if (c.collective_times[i]) {
      const double error = *c.collective_times[i] / m.measured.time - 1.0;
      (m.nodes > 1 ? across : inside).add(std::string(calib::name(m.op)), m.bytes.base(), error);
    }
  }
  return inside.svg("Collectives inside a domain: error by size", "bytes") +
         across.svg("Collectives across domains: error by size", "bytes");
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
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
      "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Calibration of "
      "{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>Calibration of {0}</h1>\n"
      "<p>Made by gpuplan {2} of {3} files.</p>\n",
      html_text(c.set.accelerator), kStyle, version(), c.set.files.size());
  if (c.device) {
    page += "<h2>Kernels</h2>\n" + provenance(*c.device) + kernel_plots(c) + certainty(*c.device);
  }
  if (c.collectives) {
    page += "<h2>Collectives</h2>\n" + provenance(*c.collectives) + collective_plots(c) +
            certainty(*c.collectives);
  }
  std::vector<std::string> left_out;
  for (const auto& [reason, count] : c.set.left_out) {
    left_out.push_back(fmt::format("{} records: {}", count, reason));
  }
  return page + list_of("Records that no fit used", left_out) + "</main>\n</body>\n</html>\n";
}

}  // namespace scenarios
