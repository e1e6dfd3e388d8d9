// What happened when, row by row, as columns that each show what took most of their time.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "scenarios/html_text.hpp"
#include "scenarios/page/charts.hpp"
#include "scenarios/page/svg_frame.hpp"

namespace scenarios {

namespace {

constexpr double kWide = 13, kNarrow = 5, kRow = 24;
constexpr int kColours = 7;

/// Time by colour of every column of one lane.
using Columns = std::vector<std::array<double, kColours>>;

Columns columns_of(const GanttRow& row, int lane, double end) {
  Columns columns(kGanttColumns);
  const double width = end / kGanttColumns;
  for (const Stretch& s : row.stretches) {
    if (s.lane != lane) {
      continue;
    }
    const int last = std::min(kGanttColumns - 1, static_cast<int>(s.end / width));
    for (int c = std::max(0, static_cast<int>(s.begin / width)); c <= last; ++c) {
      const double covered = std::min(s.end, (c + 1) * width) - std::max(s.begin, c * width);
      columns[static_cast<std::size_t>(c)][static_cast<std::size_t>(s.colour)] +=
          std::max(0.0, covered);
    }
  }
  return columns;
}

/// -1 where nothing took most of the column.
int colour_of(const std::array<double, kColours>& column, double width) {
  const auto most = std::max_element(column.begin(), column.end());
  double idle = width;
  for (const double time : column) {
    idle -= time;
  }
  return *most > 0.0 && *most >= idle ? static_cast<int>(most - column.begin()) : -1;
}

/// Adds the lane's runs of one colour to that colour's path.
void add_runs(const Columns& columns, double width, const Frame& f, double y,
              std::map<int, std::string>& paths) {
  int begin = 0, colour = -1;
  for (int c = 0; c <= kGanttColumns; ++c) {
    const int next =
        c < kGanttColumns ? colour_of(columns[static_cast<std::size_t>(c)], width) : -1;
    if (next == colour) {
      continue;
    }
    if (colour >= 0) {
      const double column = (f.width - f.left - f.right) / kGanttColumns;
      paths[colour] +=
          fmt::format("M{:.6g} {:g}h{:.6g}", f.left + begin * column, y, (c - begin) * column);
    }
    begin = c;
    colour = next;
  }
}

}  // namespace

std::string gantt_chart(std::string_view title, const std::vector<GanttRow>& rows, double end,
                        std::string_view axis) {
  double labels = 0.0;
  for (const GanttRow& row : rows) {
    labels = std::max(labels, text_width(row.label));
  }
  Frame f{.left = labels + 14, .right = 16};
  f.width = f.left + f.right + kGanttColumns;
  f.height = f.top + kRow * static_cast<double>(rows.size()) + f.bottom;
  f.x = {0.0, end};
  constexpr int kMostTicks = 10;
  std::string out = x_grid(f, ticked(f.x, kMostTicks), axis);
  std::map<int, std::string> wide, narrow;
  double y = f.top;
  for (const GanttRow& row : rows) {
    out +=
        fmt::format("<text class=\"ink\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                    labels + 6, y + kWide, html_text(row.label));
    add_runs(columns_of(row, 0, end), end / kGanttColumns, f, y + 1 + kWide / 2, wide);
    add_runs(columns_of(row, 1, end), end / kGanttColumns, f, y + 2 + kWide + kNarrow / 2, narrow);
    y += kRow;
  }
  const auto draw = [&out](const std::map<int, std::string>& paths, double width) {
    for (const auto& [colour, path] : paths) {
      out += fmt::format("<path d=\"{}\" stroke=\"var(--c{})\" stroke-width=\"{:g}\"/>\n", path,
                         colour, width);
    }
  };
  draw(wide, kWide);
  draw(narrow, kNarrow);
  return svg(f, title, out);
}

}  // namespace scenarios
