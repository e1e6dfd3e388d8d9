#include "scenarios/residual_plot.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "calib/statistics.hpp"
#include "scenarios/html_text.hpp"

namespace scenarios {

namespace {

constexpr double kWidth = 900, kHeight = 320, kLeft = 60, kRight = 20, kTop = 12, kBottom = 44;
constexpr double kLargest = 0.6;  ///< error at the plot's edge
constexpr std::size_t kMostPoints = 1500;
constexpr int kColours = 6;

double y_of(double error) {
  const double part = (kLargest - std::clamp(error, -kLargest, kLargest)) / (2 * kLargest);
  return kTop + part * (kHeight - kTop - kBottom);
}

/// Powers of ten that cover the points.
struct Decades {
  int low = 0, high = 1;
  [[nodiscard]] double x_of(double x) const {
    const double part = (std::log10(x) - low) / (high - low);
    return kLeft + part * (kWidth - kLeft - kRight);
  }
};

std::string grid(const Decades& decades, std::string_view x_name) {
  std::string text;
  for (int percent = -60; percent <= 60; percent += 20) {
    const double y = y_of(percent / 100.0);
    text += fmt::format(
        "<line class=\"{}\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/><text x=\"{}\" "
        "y=\"{:.1f}\" text-anchor=\"end\">{:+d} %</text>\n",
        percent == 0 ? "zero" : "axis", kLeft, kWidth - kRight, y, y, kLeft - 8, y + 4, percent);
  }
  const int step = std::max(1, (decades.high - decades.low) / 10);
  for (int d = decades.low; d <= decades.high; d += step) {
    text += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">1e{}</text>\n",
                        decades.x_of(std::pow(10.0, d)), kHeight - kBottom + 18, d);
  }
  return text + fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                            (kLeft + kWidth - kRight) / 2, kHeight - 6, html_text(x_name));
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
  Decades decades{.low = static_cast<int>(std::floor(std::log10(low))),
                  .high = static_cast<int>(std::ceil(std::log10(high)))};
  decades.high = std::max(decades.high, decades.low + 1);
  std::string marks, legend, rows;
  int colour = 0;
  for (const auto& [name, points] : series_) {
    std::string path;
    std::vector<double> sizes;
    const std::size_t every = (points.size() + kMostPoints - 1) / kMostPoints;
    for (std::size_t i = 0; i < points.size(); ++i) {
      sizes.push_back(std::abs(points[i].second));
      if (i % every == 0) {
        path +=
            fmt::format("M{:.1f} {:.1f}h0", decades.x_of(points[i].first), y_of(points[i].second));
      }
    }
    marks += fmt::format(
        "<path d=\"{}\" fill=\"none\" stroke=\"var(--c{})\" stroke-width=\"4\" "
        "stroke-linecap=\"round\" stroke-opacity=\"0.55\"/>\n",
        path, colour % kColours);
    legend += fmt::format("<span style=\"color:var(--c{})\">&#9679;</span> {} ", colour % kColours,
                          html_text(name));
    rows +=
        fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{:.1f}</td><td>{:.1f}</td></tr>",
                    html_text(name), points.size(), 100 * calib::median(sizes),
                    100 * calib::quantile(sizes, 0.9));
    ++colour;
  }
  return fmt::format(
      "<figure><svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n{}{}</svg>\n"
      "<figcaption>{}. {}</figcaption>\n<details><summary>As a table</summary><table><thead><tr>"
      "<th scope=\"col\">series</th><th scope=\"col\">records</th><th scope=\"col\">median, %</th>"
      "<th scope=\"col\">90 % below, %</th></tr></thead><tbody>{}</tbody></table></details>"
      "</figure>\n",
      kWidth, kHeight, html_text(title), grid(decades, x_name), marks, html_text(title), legend,
      rows);
}

}  // namespace scenarios
