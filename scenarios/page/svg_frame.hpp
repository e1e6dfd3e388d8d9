#pragma once
// Where a chart draws: pixels of its SVG, the values at its edges, and the grid between them.
// Private to this room.
#include <string>
#include <string_view>
#include <vector>

namespace scenarios {

struct Range {
  double low = 0.0, high = 1.0;
};

struct Frame {
  double width = 960, height = 320;
  double left = 64, right = 24, top = 12, bottom = 44;
  Range x{}, y{};
  [[nodiscard]] double x_of(double value) const {
    return left + (value - x.low) / (x.high - x.low) * (width - left - right);
  }
  [[nodiscard]] double y_of(double value) const {
    return height - bottom - (value - y.low) / (y.high - y.low) * (height - top - bottom);
  }
};

/// 1, 2 or 5 times a power of ten, so that at most `most` of them cover `range`.
double tick_step(Range range, int most);
/// Multiples of tick_step() inside `range`.
std::vector<double> ticks(Range range, int most);
/// `range` made larger to whole ticks; a range without width becomes one with.
Range rounded(Range range, int most);
/// "0.25", as many digits as `step` needs.
std::string tick_text(double value, double step);

/// A grid line with its label.
struct Tick {
  double at;
  std::string text;
  bool strong = false;
};
std::vector<Tick> ticked(Range range, int most);
std::string x_grid(const Frame& frame, const std::vector<Tick>& ticks, std::string_view axis);
std::string y_grid(const Frame& frame, const std::vector<Tick>& ticks, std::string_view axis);

/// Labels of points whose places are the frame's values, left out where they would cover a point or
/// another label, or lie outside.
struct ChartPoint;
std::string point_labels(const Frame& frame, const std::vector<ChartPoint>& points);

/// The whole drawing. `title` is what screen readers say.
std::string svg(const Frame& frame, std::string_view title, const std::string& inside);

/// Pixels that a text of the charts' font takes, about.
double text_width(std::string_view text);

}  // namespace scenarios
