#include "scenarios/page/svg_frame.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "scenarios/html_text.hpp"

namespace scenarios {

double tick_step(Range range, int most) {
  const double least = std::max(range.high - range.low, 1e-300) / most;
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) {
      return factor * power;
    }
  }
  return 10.0 * power;
}

std::vector<double> ticks(Range range, int most) {
  const double step = tick_step(range, most);
  std::vector<double> list;
  const double first = std::ceil(range.low / step - 1e-9);
  for (double i = first; i * step <= range.high + step * 1e-9; ++i) {
    list.push_back(i * step);
  }
  return list;
}

Range rounded(Range range, int most) {
  if (range.high <= range.low) {
    const double margin = range.low == 0.0 ? 1.0 : std::abs(range.low) * 0.1;
    range = {range.low - margin, range.low + margin};
  }
  const double step = tick_step(range, most);
  return {std::floor(range.low / step + 1e-9) * step, std::ceil(range.high / step - 1e-9) * step};
}

std::string tick_text(double value, double step) {
  const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  const bool zero = std::abs(value) < step * 1e-6;  // no "-0"
  return fmt::format("{:.{}f}", zero ? 0.0 : value, decimals);
}

std::vector<Tick> ticked(Range range, int most) {
  const double step = tick_step(range, most);
  std::vector<Tick> list;
  for (const double at : ticks(range, most)) {
    list.push_back({.at = at, .text = tick_text(at, step)});
  }
  return list;
}

std::string x_grid(const Frame& f, const std::vector<Tick>& ticks, std::string_view axis) {
  std::string out;
  const double bottom = f.height - f.bottom;
  for (const Tick& t : ticks) {
    out += fmt::format(
        "<line class=\"{}\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/><text "
        "x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
        t.strong ? "zero" : "axis", f.x_of(t.at), f.x_of(t.at), f.top, bottom, f.x_of(t.at),
        bottom + 16, html_text(t.text));
  }
  return out + fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                           (f.left + f.width - f.right) / 2, bottom + 34, html_text(axis));
}

std::string y_grid(const Frame& f, const std::vector<Tick>& ticks, std::string_view axis) {
  std::string out;
  for (const Tick& t : ticks) {
    out += fmt::format(
        "<line class=\"{}\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/><text "
        "x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
        t.strong ? "zero" : "axis", f.left, f.width - f.right, f.y_of(t.at), f.y_of(t.at),
        f.left - 8, f.y_of(t.at) + 4, html_text(t.text));
  }
  if (axis.empty()) {
    return out;
  }
  const double middle = (f.top + f.height - f.bottom) / 2;
  return out + fmt::format(
                   "<text transform=\"translate(14 {:.1f}) rotate(-90)\" "
                   "text-anchor=\"middle\">{}</text>\n",
                   middle, html_text(axis));
}

std::string svg(const Frame& f, std::string_view title, const std::string& inside) {
  constexpr double kLargest = 1.25;  // of the drawn size: texts stay near those of the page
  return fmt::format(
      "<svg viewBox=\"0 0 {:g} {:g}\" style=\"max-width:{:.0f}px\" role=\"img\" "
      "aria-label=\"{}\">\n{}</svg>",
      f.width, f.height, kLargest * f.width, html_text(title), inside);
}

double text_width(std::string_view text) {
  constexpr double kWidestCommon = 6.9;  // of 12 px system fonts, digits and lower case
  const auto letters = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  });
  return kWidestCommon * static_cast<double>(letters);
}

}  // namespace scenarios
