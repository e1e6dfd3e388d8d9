// What the kernels of a step achieve against what the accelerator could do.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "scenarios/format.hpp"
#include "scenarios/page/charts.hpp"
#include "scenarios/report/sections.hpp"

namespace scenarios {

namespace {

using sim::KernelRow;
using sim::Roofline;

constexpr double kTera = 1e12;

int colour_of(const KernelRow& k) {
  return k.part == sim::Part::Attention ? 1 : k.part == sim::Part::Gemm ? 0 : 2;
}

std::string tip(const KernelRow& k) {
  return fmt::format("{}, {} ({}): {} at {:.3g} FLOP/byte; {:.0f} calls, {} a step", k.name,
                     sim::name(k.phase), k.shape, format_flop_rate(k.rate()), k.intensity(),
                     k.calls, format_time(k.time));
}

/// The kernels that compute, labelled where they take a good part of the time.
std::vector<ChartPoint> points_of(const Roofline& r) {
  constexpr std::size_t kLabelled = 8;
  std::vector<ChartPoint> points;
  for (const KernelRow& k : r.kernels) {
    if (k.intensity() > 0.0 && k.time > units::Seconds{}) {
      points.push_back({.x = k.intensity(),
                        .y = k.rate().base() / kTera,
                        .colour = colour_of(k),
                        .label = points.size() < kLabelled
                                     ? fmt::format("{}, {}", k.name, sim::name(k.phase))
                                     : "",
                        .tip = tip(k)});
    }
  }
  return points;
}

std::vector<ChartLine> roofs_of(const Roofline& r, const std::vector<ChartPoint>& points) {
  const auto [left, right] = std::minmax_element(
      points.begin(), points.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
  const double bandwidth = r.memory_bandwidth.base() / kTera;
  std::vector<ChartLine> lines;
  for (const sim::Roof& roof : r.roofs) {
    const double peak = roof.peak.base() / kTera, ridge = peak / bandwidth;
    const double from = std::min(left->x, ridge / 10);
    lines.push_back({.points = {{from, from * bandwidth},
                                {ridge, peak},
                                {std::max(right->x, 10 * ridge), peak}},
                     .colour = 6,
                     .label = fmt::format("{} of {}, {} of memory", format_flop_rate(roof.peak),
                                          topology::name(roof.precision),
                                          format_bandwidth(r.memory_bandwidth))});
  }
  return lines;
}

Table table_of(const Roofline& r) {
  Table t{.caption = {},
          .columns = {{"kernel", Align::Text},
                      {"phase", Align::Text},
                      {"shape", Align::Text},
                      {"calls"},
                      {"time a step"},
                      {"FLOP/byte"},
                      {"achieved"},
                      {"memory"}},
          .rows = {}};
  for (const KernelRow& k : r.kernels) {
    const bool computes = k.flops > units::Flops{};
    t.rows.push_back(
        {k.name, std::string(sim::name(k.phase)), k.shape, fmt::format("{:.0f}", k.calls),
         format_time(k.time), computes ? fmt::format("{:.3g}", k.intensity()) : "",
         computes ? format_flop_rate(k.rate()) : "", format_bandwidth(k.bytes / k.time)});
  }
  return t;
}

}  // namespace

Section roofline_section(const Findings& f) {
  const Roofline& r = *f.step.roofline;
  const std::vector<ChartPoint> points = points_of(r);
  if (points.empty()) {
    return left_out("roofline", "Roofline", "No kernel of this step computes on matrix units.");
  }
  Figure figure{
      .title = fmt::format("Kernels of stage {} on {}", r.stage, r.accelerator),
      .svg = log_chart("Roofline", points, roofs_of(r, points), "FLOP per byte of device memory",
                       "TFLOP/s of one accelerator"),
      .note = fmt::format(
          "A point is all kernels of a name and shape; bytes count each operand once, so caches "
          "can "
          "lift a kernel above the slope. Kernels that only move data compute nothing that is "
          "counted and stand in the numbers. Memory bandwidth: {}.{}",
          r.memory_source,
          r.roofs.empty() ? "" : fmt::format(" Peak: {}.", r.roofs.front().source)),
      .legend = {{0, "matrix products"}, {1, "attention"}, {6, "roofs"}},
      .numbers = table_of(r)};
  return {.id = "roofline", .title = "Roofline", .blocks = {std::move(figure)}};
}

}  // namespace scenarios
