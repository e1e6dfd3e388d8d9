#include "scenarios/residual_plot.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "calib/statistics.hpp"
#include "scenarios/page/page.hpp"
#include "scenarios/page/svg_frame.hpp"

namespace scenarios {

namespace {

constexpr double kLargest = 0.6;  ///< error at the plot's edge
constexpr std::size_t kMostPoints = 1500;
constexpr int kColours = 6;

/// Powers of ten across, errors up.
Frame frame_of(double smallest, double largest) {
  Frame f;
  f.x.low = std::floor(std::log10(smallest));
  f.x.high = std::max(std::ceil(std::log10(largest)), f.x.low + 1);
  f.y = {-kLargest, kLargest};
  return f;
}

std::string grid(const Frame& f, std::string_view x_name) {
  std::vector<Tick> errors, decades;
  for (int percent = -60; percent <= 60; percent += 20) {
    errors.push_back(
        {.at = percent / 100.0, .text = fmt::format("{:+d} %", percent), .strong = percent == 0});
  }
  const int step = std::max(1, static_cast<int>(f.x.high - f.x.low) / 10);
  for (int d = static_cast<int>(f.x.low); d <= static_cast<int>(f.x.high); d += step) {
    decades.push_back({.at = static_cast<double>(d), .text = fmt::format("1e{}", d)});
  }
  return y_grid(f, errors, {}) + x_grid(f, decades, x_name);
}

}  // namespace

void ResidualPlot::add(const std::string& series, double x, double error) {
  if (x > 0.0 && std::isfinite(x) && std::isfinite(error)) {
    series_[series].emplace_back(x, error);
  }
}

std::string ResidualPlot::svg(const std::string& title, std::string_view x_name) const {
  if (series_.empty()) {
    return {};
  }
  double low = 1e300, high = 0.0;
  for (const auto& [name, points] : series_) {
    for (const auto& [x, error] : points) {
      low = std::min(low, x);
      high = std::max(high, x);
    }
  }
  const Frame f = frame_of(low, high);
  Figure figure{.title = title, .svg = {}, .note = {}, .legend = {}, .numbers = {}};
  figure.numbers.columns = {{"series", Align::Text}, {"records"}, {"median, %"}, {"90 % below, %"}};
  std::string marks;
  int colour = 0;
  for (const auto& [name, points] : series_) {
    std::string path;
    std::vector<double> sizes;
    const std::size_t every = (points.size() + kMostPoints - 1) / kMostPoints;
    for (std::size_t i = 0; i < points.size(); ++i) {
      sizes.push_back(std::abs(points[i].second));
      if (i % every == 0) {
        path += fmt::format("M{:.1f} {:.1f}h0", f.x_of(std::log10(points[i].first)),
                            f.y_of(std::clamp(points[i].second, -kLargest, kLargest)));
      }
    }
    marks += fmt::format(
        "<path d=\"{}\" fill=\"none\" stroke=\"var(--c{})\" stroke-width=\"4\" "
        "stroke-linecap=\"round\" stroke-opacity=\"0.55\"/>\n",
        path, colour % kColours);
    figure.legend.emplace_back(colour % kColours, name);
    figure.numbers.rows.push_back({name, std::to_string(points.size()),
                                   fmt::format("{:.1f}", 100 * calib::median(sizes)),
                                   fmt::format("{:.1f}", 100 * calib::quantile(sizes, 0.9))});
    ++colour;
  }
  figure.svg = scenarios::svg(f, title, grid(f, x_name) + marks);
  return html_of(figure);
}

}  // namespace scenarios
