#include "gui/theme.hpp"

#include <algorithm>
#include <array>

#include <QApplication>
#include <QStyleFactory>

namespace gui {

namespace {

QPalette dark_palette() {
  QPalette p(QColor(0x2b, 0x2d, 0x31), QColor(0x24, 0x26, 0x2a));
  const QColor ink(0xe6, 0xe6, 0xe6);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText,
                          QPalette::ToolTipText, QPalette::BrightText}) {
    p.setColor(role, ink);
  }
  p.setColor(QPalette::Base, QColor(0x1e, 0x1f, 0x22));
  p.setColor(QPalette::AlternateBase, QColor(0x2f, 0x32, 0x38));
  p.setColor(QPalette::ToolTipBase, QColor(0x3a, 0x3d, 0x44));
  p.setColor(QPalette::PlaceholderText, QColor(0x9a, 0x9e, 0xa6));
  p.setColor(QPalette::Mid, QColor(0x4a, 0x4e, 0x56));
  p.setColor(QPalette::Midlight, QColor(0x3a, 0x3d, 0x44));
  p.setColor(QPalette::Highlight, QColor(0x3d, 0x7e, 0xc9));
  p.setColor(QPalette::HighlightedText, Qt::white);
  p.setColor(QPalette::Link, QColor(0x7a, 0xb8, 0xff));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    p.setColor(QPalette::Disabled, role, QColor(0x80, 0x84, 0x8c));
  }
  return p;
}

QPalette light_palette() {
  QPalette p(QColor(0xf0, 0xf1, 0xf3), QColor(0xf4, 0xf5, 0xf7));
  const QColor ink(0x1c, 0x1e, 0x21);
  for (const auto role :
       {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText}) {
    p.setColor(role, ink);
  }
  p.setColor(QPalette::Base, Qt::white);
  p.setColor(QPalette::AlternateBase, QColor(0xf0, 0xf2, 0xf5));
  p.setColor(QPalette::ToolTipBase, QColor(0xff, 0xff, 0xe8));
  p.setColor(QPalette::PlaceholderText, QColor(0x6a, 0x70, 0x78));
  p.setColor(QPalette::Mid, QColor(0xc2, 0xc6, 0xcc));
  p.setColor(QPalette::Midlight, QColor(0xe2, 0xe5, 0xe9));
  p.setColor(QPalette::Highlight, QColor(0x2f, 0x6f, 0xb5));
  p.setColor(QPalette::HighlightedText, Qt::white);
  p.setColor(QPalette::Link, QColor(0x0b, 0x5c, 0xad));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    p.setColor(QPalette::Disabled, role, QColor(0x8a, 0x8f, 0x96));
  }
  return p;
}

}  // namespace

Theme system_theme() {
  return is_dark(QApplication::palette()) ? Theme::Dark : Theme::Light;
}

void apply_theme(Theme theme) {
  QApplication::setStyle(QStyleFactory::create("Fusion"));
  QApplication::setPalette(theme == Theme::Dark ? dark_palette() : light_palette());
}

bool is_dark(const QPalette& palette) {
  return palette.color(QPalette::Window).lightness() < palette.color(QPalette::Text).lightness();
}

QColor heat(double share) {
  static constexpr std::array<std::array<int, 3>, 5> kStops{
      {{86, 70, 160}, {59, 110, 160}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37}}};
  const double at = std::clamp(share, 0.0, 0.99999) * 4.0;
  const auto i = static_cast<std::size_t>(at);
  const double f = at - static_cast<double>(i);
  const auto mix = [&](std::size_t c) {
    return static_cast<int>(kStops[i][c] + f * (kStops[i + 1][c] - kStops[i][c]));
  };
  return {mix(0), mix(1), mix(2)};
}

QColor ink_on(const QColor& background) {
  // Luma of ITU-R BT.601, the weights of qGray().
  return qGray(background.rgb()) > 140 ? QColor(Qt::black) : QColor(Qt::white);
}

QColor bad_colour(const QPalette& palette) {
  return is_dark(palette) ? QColor(0xff, 0x8a, 0x80) : QColor(0xb0, 0x1c, 0x1c);
}
QColor good_colour(const QPalette& palette) {
  return is_dark(palette) ? QColor(0x7f, 0xd9, 0x8a) : QColor(0x1a, 0x6f, 0x2a);
}
QColor muted_colour(const QPalette& palette) {
  return is_dark(palette) ? QColor(0xa8, 0xac, 0xb4) : QColor(0x5a, 0x60, 0x68);
}

}  // namespace gui
