#pragma once
// The charts of reports as SVG text. Colours are numbers of the page's series colours. Private to
// this room.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scenarios {

/// From `from` to `to` along the axis, `text` beside its end.
struct Bar {
  double from = 0.0, to = 0.0;
  int colour = 0;
  std::string text;
};
/// Bars of one label, one under the other.
struct BarRow {
  std::string label;
  std::vector<Bar> bars;
};
/// A vertical line through all rows.
struct BarMark {
  double at;
  std::string text;
};
/// Horizontal bars over one axis.
std::string bar_chart(std::string_view title, const std::vector<BarRow>& rows,
                      std::string_view axis, const std::vector<BarMark>& marks = {});

struct ChartPoint {
  double x = 0.0, y = 0.0;
  int colour = 0;
  std::string label;  ///< written beside it; empty: only a tip
  std::string tip;
};
std::string scatter_chart(std::string_view title, const std::vector<ChartPoint>& points,
                          std::string_view x_axis, std::string_view y_axis);

/// A line through points, named at its end.
struct ChartLine {
  std::vector<std::pair<double, double>> points;
  int colour = 0;
  std::string label;
};
/// Points and lines over powers of ten. @pre all values are above 0, and there is a point.
std::string log_chart(std::string_view title, const std::vector<ChartPoint>& points,
                      const std::vector<ChartLine>& lines, std::string_view x_axis,
                      std::string_view y_axis);

/// Level from each x on until the next; ends at `end`. The y axis starts at 0.
std::string step_chart(std::string_view title, const std::vector<std::pair<double, double>>& levels,
                       double end, std::string_view x_axis, std::string_view y_axis);

/// What went on from `begin` to `end` in the lane of a row: 0 the wide one, 1 the narrow one below.
struct Stretch {
  double begin = 0.0, end = 0.0;
  int lane = 0, colour = 0;
};
struct GanttRow {
  std::string label;
  std::vector<Stretch> stretches;
};
/// Columns that a Gantt chart has: each shows what took most of its time, or nothing.
inline constexpr int kGanttColumns = 880;
std::string gantt_chart(std::string_view title, const std::vector<GanttRow>& rows, double end,
                        std::string_view axis);

/// Boxes one above the other; `below` is written on what joins a box to the next.
struct TierBox {
  std::string text, detail, below;
};
std::string tier_chart(std::string_view title, const std::vector<TierBox>& tiers);

}  // namespace scenarios
