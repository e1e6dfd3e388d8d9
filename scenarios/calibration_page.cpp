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
  std::string page = html_begin("Calibration of " + c.set.accelerator);
  page += fmt::format("<h1>Calibration of {}</h1>\n<p>Made by gpuplan {} of {} files.</p>\n",
                      html_text(c.set.accelerator), version(), c.set.files.size());
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
  return page + list_of("Records that no fit used", left_out) + html_end();
}

}  // namespace scenarios
