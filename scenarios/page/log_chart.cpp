#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "scenarios/html_text.hpp"
#include "scenarios/page/charts.hpp"
#include "scenarios/page/svg_frame.hpp"

namespace scenarios {

namespace {

/// Whole powers of ten around all values.
class Decades {
 public:
  void reach(double value) {
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  [[nodiscard]] Range range() const {
    const double low = std::floor(std::log10(low_) + 1e-9);
    return {low, std::max(low + 1, std::ceil(std::log10(high_) - 1e-9))};
  }

 private:
  double low_ = 1e300, high_ = 0.0;
};

std::vector<Tick> decades(Range range) {
  std::vector<Tick> ticks;
  for (double d = range.low; d <= range.high; ++d) {
    const double value = std::pow(10.0, d);
    ticks.push_back(
        {.at = d,
         .text = d > -4 && d < 5 ? fmt::format("{:g}", value) : fmt::format("1e{:.0f}", d)});
  }
  return ticks;
}

std::string line_svg(const Frame& f, const ChartLine& line) {
  constexpr double kAbove = 6;
  std::string path;
  for (const auto& [x, y] : line.points) {
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", f.x_of(std::log10(x)),
                        f.y_of(std::log10(y)));
  }
  const auto& [x, y] = line.points.back();
  return fmt::format(
      "<path d=\"{}\" fill=\"none\" stroke=\"var(--c{})\" stroke-width=\"1.5\"/><text "
      "class=\"ink\" "
      "x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
      path, line.colour, f.x_of(std::log10(x)), f.y_of(std::log10(y)) - kAbove,
      html_text(line.label));
}

}  // namespace

std::string log_chart(std::string_view title, const std::vector<ChartPoint>& points,
                      const std::vector<ChartLine>& lines, std::string_view x_axis,
                      std::string_view y_axis) {
  Frame f{.height = 420, .top = 22};
  Decades x, y;
  for (const ChartPoint& p : points) {
    x.reach(p.x);
    y.reach(p.y);
  }
  for (const ChartLine& line : lines) {
    for (const auto& [at, level] : line.points) {
      x.reach(at);
      y.reach(level);
    }
  }
  f.x = x.range();
  f.y = y.range();
  std::string out = x_grid(f, decades(f.x), x_axis) + y_grid(f, decades(f.y), y_axis);
  for (const ChartLine& line : lines) {
    out += line_svg(f, line);
  }
  std::vector<ChartPoint> placed = points;
  for (ChartPoint& p : placed) {
    p.x = std::log10(p.x);
    p.y = std::log10(p.y);
    out += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\" fill=\"var(--c{})\" stroke=\"var(--paper)\">"
        "<title>{}</title></circle>\n",
        f.x_of(p.x), f.y_of(p.y), p.colour, html_text(p.tip));
  }
  return svg(f, title, out + point_labels(f, placed));
}

}  // namespace scenarios
