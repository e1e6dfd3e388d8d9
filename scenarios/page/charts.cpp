#include "scenarios/page/charts.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "scenarios/html_text.hpp"
#include "scenarios/page/svg_frame.hpp"

namespace scenarios {

namespace {

constexpr int kMostTicks = 8;
constexpr double kBarHeight = 15, kRowGap = 9, kTextGap = 6;

/// The rows' extent in values, and the room that their texts need beside the bars' area.
struct BarRoom {
  Range values{.low = 0.0, .high = 0.0};
  double labels = 0.0, left_texts = 0.0, right_texts = 0.0, height = 0.0;
};

double bars_height(const BarRow& row) {
  return kBarHeight * static_cast<double>(std::max<std::size_t>(1, row.bars.size()));
}

Range extent(const std::vector<BarRow>& rows, const std::vector<BarMark>& marks) {
  const double first = marks.empty() ? rows.front().bars.front().from : marks.front().at;
  Range range{first, first};
  const auto reach = [&range](double value) {
    range = {std::min(range.low, value), std::max(range.high, value)};
  };
  for (const BarRow& row : rows) {
    for (const Bar& bar : row.bars) {
      reach(bar.from);
      reach(bar.to);
    }
  }
  for (const BarMark& mark : marks) {
    reach(mark.at);
  }
  return rounded(range, kMostTicks);
}

/// A text may reach over the bars' area beside its own bar: only what is beyond needs room.
BarRoom room_for(const std::vector<BarRow>& rows, const std::vector<BarMark>& marks) {
  constexpr double kLeastArea = 480;  // pixels that the bars' area has at least
  BarRoom room{.values = extent(rows, marks)};
  const double per_value = kLeastArea / (room.values.high - room.values.low);
  for (const BarRow& row : rows) {
    room.labels = std::max(room.labels, text_width(row.label));
    room.height += kRowGap + bars_height(row);
    for (const Bar& bar : row.bars) {
      const double text = text_width(bar.text) + kTextGap;
      if (bar.to >= bar.from) {
        room.right_texts =
            std::max(room.right_texts, text - (room.values.high - bar.to) * per_value);
      } else {
        room.left_texts = std::max(room.left_texts, text - (bar.to - room.values.low) * per_value);
      }
    }
  }
  return room;
}

std::string bar_svg(const Frame& f, const Bar& bar, double y) {
  const double a = f.x_of(std::min(bar.from, bar.to)), b = f.x_of(std::max(bar.from, bar.to));
  const bool rightwards = bar.to >= bar.from;
  return fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"var(--c{})\"/>"
      "<text class=\"ink\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n",
      a, y, std::max(1.0, b - a), kBarHeight - 2, bar.colour,
      rightwards ? std::max(b, a + 1) + kTextGap : a - kTextGap, y + kBarHeight - 4,
      rightwards ? "start" : "end", html_text(bar.text));
}

}  // namespace

std::string bar_chart(std::string_view title, const std::vector<BarRow>& rows,
                      std::string_view axis, const std::vector<BarMark>& marks) {
  const BarRoom room = room_for(rows, marks);
  constexpr double kMarkLine = 16;
  Frame f{.left = 8 + room.labels + kTextGap + room.left_texts,
          .right = 12 + room.right_texts,
          .top = 6 + kMarkLine * static_cast<double>(marks.size())};
  f.height = f.top + room.height + kRowGap + f.bottom;
  f.x = room.values;
  std::string out = x_grid(f, ticked(f.x, kMostTicks), axis);
  double y = f.top + kRowGap;
  for (const BarRow& row : rows) {
    const double height = bars_height(row);
    out +=
        fmt::format("<text class=\"ink\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                    8 + room.labels, y + height / 2 + 4, html_text(row.label));
    for (const Bar& bar : row.bars) {
      out += bar_svg(f, bar, y);
      y += kBarHeight;
    }
    y += row.bars.empty() ? kBarHeight + kRowGap : kRowGap;
  }
  double text_y = 14;
  for (const BarMark& mark : marks) {
    const bool right_half = mark.at > (f.x.low + f.x.high) / 2;
    out += fmt::format(
        "<line class=\"zero\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\"/><text "
        "class=\"ink\" x=\"{3:.1f}\" y=\"{4:.1f}\" text-anchor=\"{5}\">{6}</text>\n",
        f.x_of(mark.at), text_y - 10, f.height - f.bottom,
        f.x_of(mark.at) + (right_half ? -kTextGap : kTextGap), text_y, right_half ? "end" : "start",
        html_text(mark.text));
    text_y += kMarkLine;
  }
  return svg(f, title, out);
}

namespace {

struct Placed {
  double left, right, y;
};

constexpr double kLine = 13, kRadius = 4;

/// Beside the point, right before left, where nothing is yet.
std::optional<Placed> free_place(const Frame& f, const ChartPoint& p,
                                 const std::vector<Placed>& taken) {
  constexpr double kBeside = 8;
  const double width = text_width(p.label);
  const double x = f.x_of(p.x), y = f.y_of(p.y);
  for (const double left : {x + kBeside, x - kBeside - width}) {
    for (const double shift : {4.0, -5.0, 14.0}) {
      const Placed place{left, left + width, y + shift};
      const bool inside = place.y > f.top && place.y < f.height - f.bottom && left > f.left &&
                          place.right < f.width;
      if (inside && std::none_of(taken.begin(), taken.end(), [&](const Placed& t) {
            return std::abs(t.y - place.y) < kLine && t.left < place.right && place.left < t.right;
          })) {
        return place;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::string point_labels(const Frame& f, const std::vector<ChartPoint>& points) {
  std::vector<Placed> taken;
  for (const ChartPoint& p : points) {
    taken.push_back({f.x_of(p.x) - kRadius, f.x_of(p.x) + kRadius, f.y_of(p.y) + kRadius});
  }
  std::string out;
  for (const ChartPoint& p : points) {
    if (p.label.empty()) {
      continue;
    }
    if (const auto place = free_place(f, p, taken)) {
      taken.push_back(*place);
      out += fmt::format(
          "<text class=\"ink\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"start\">{}</text>\n",
          place->left, place->y, html_text(p.label));
    }
  }
  return out;
}

std::string scatter_chart(std::string_view title, const std::vector<ChartPoint>& points,
                          std::string_view x_axis, std::string_view y_axis) {
  Frame f{.height = 380};
  f.x = {points.front().x, points.front().x};
  f.y = {0.0, points.front().y};
  for (const ChartPoint& p : points) {
    f.x = {std::min(f.x.low, p.x), std::max(f.x.high, p.x)};
    f.y.high = std::max(f.y.high, p.y);
  }
  f.x = rounded(f.x, kMostTicks);
  f.y = rounded(f.y, kMostTicks);
  std::string out =
      x_grid(f, ticked(f.x, kMostTicks), x_axis) + y_grid(f, ticked(f.y, kMostTicks), y_axis);
  for (const ChartPoint& p : points) {
    out += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\" fill=\"var(--c{})\" stroke=\"var(--paper)\">"
        "<title>{}</title></circle>\n",
        f.x_of(p.x), f.y_of(p.y), p.colour, html_text(p.tip));
  }
  return svg(f, title, out + point_labels(f, points));
}

std::string step_chart(std::string_view title, const std::vector<std::pair<double, double>>& levels,
                       double end, std::string_view x_axis, std::string_view y_axis) {
  Frame f{.height = 280};
  f.x = {0.0, end};
  f.y = {0.0, 0.0};
  for (const auto& [x, y] : levels) {
    f.y.high = std::max(f.y.high, y);
  }
  f.y = rounded(f.y, kMostTicks);
  std::string path;
  for (const auto& [x, y] : levels) {
    path += path.empty() ? fmt::format("M{:.1f} {:.1f}", f.x_of(x), f.y_of(y))
                         : fmt::format("H{:.1f}V{:.1f}", f.x_of(x), f.y_of(y));
  }
  path += fmt::format("H{:.1f}", f.x_of(end));
  return svg(f, title,
             x_grid(f, ticked(f.x, kMostTicks), x_axis) +
                 y_grid(f, ticked(f.y, kMostTicks), y_axis) +
                 fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"var(--c0)\" "
                             "stroke-width=\"1.5\"/>\n",
                             path));
}

std::string tier_chart(std::string_view title, const std::vector<TierBox>& tiers) {
  constexpr double kBox = 44, kGap = 34, kWidth = 520;
  Frame f{.top = 8};
  f.height = 2 * f.top + static_cast<double>(tiers.size()) * (kBox + kGap) - kGap;
  const double left = (f.width - kWidth) / 2, middle = f.width / 2;
  std::string out;
  double y = f.top;
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    const TierBox& t = tiers[i];
    out += fmt::format(
        "<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" rx=\"5\" "
        "fill=\"var(--raised)\" stroke=\"var(--c0)\"/><text class=\"ink\" x=\"{:.0f}\" "
        "y=\"{:.0f}\" "
        "text-anchor=\"middle\">{}</text><text x=\"{:.0f}\" y=\"{:.0f}\" "
        "text-anchor=\"middle\">{}</text>\n",
        left, y, kWidth, kBox, middle, y + (t.detail.empty() ? 26 : 18), html_text(t.text), middle,
        y + 35, html_text(t.detail));
    if (i + 1 < tiers.size()) {
      if (!t.below.empty()) {
        out += fmt::format(
            "<line class=\"zero\" x1=\"{0:.0f}\" x2=\"{0:.0f}\" y1=\"{1:.0f}\" y2=\"{2:.0f}\"/>"
            "<text x=\"{3:.0f}\" y=\"{4:.0f}\">{5}</text>\n",
            middle, y + kBox, y + kBox + kGap, middle + 10, y + kBox + kGap / 2 + 4,
            html_text(t.below));
      }
    }
    y += kBox + kGap;
  }
  return svg(f, title, out);
}

}  // namespace scenarios
