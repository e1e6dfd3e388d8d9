#include "gui/theme.hpp"

#include <algorithm>
#include <array>

#include <QApplication>
#include <QStyleFactory>

namespace gui {

namespace {

/// The colours that the two themes differ in, as 0xRRGGBB.
struct Colours {
  QRgb button, window, ink, base, alternate_base, tip, placeholder, mid, midlight, highlight, link,
      disabled;
};
constexpr Colours kDark{.button = 0x2b2d31,
                        .window = 0x24262a,
                        .ink = 0xe6e6e6,
                        .base = 0x1e1f22,
                        .alternate_base = 0x2f3238,
                        .tip = 0x3a3d44,
                        .placeholder = 0x9a9ea6,
                        .mid = 0x4a4e56,
                        .midlight = 0x3a3d44,
                        .highlight = 0x3d7ec9,
                        .link = 0x7ab8ff,
                        .disabled = 0x80848c};
constexpr Colours kLight{.button = 0xf0f1f3,
                         .window = 0xf4f5f7,
                         .ink = 0x1c1e21,
                         .base = 0xffffff,
                         .alternate_base = 0xf0f2f5,
                         .tip = 0xffffe8,
                         .placeholder = 0x6a7078,
                         .mid = 0xc2c6cc,
                         .midlight = 0xe2e5e9,
                         .highlight = 0x2f6fb5,
                         .link = 0x0b5cad,
                         .disabled = 0x8a8f96};

QPalette palette_of(const Colours& c) {
  QPalette p{QColor(c.button), QColor(c.window)};
  for (const auto role :
       {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText}) {
    p.setColor(role, QColor(c.ink));
  }
  p.setColor(QPalette::Base, QColor(c.base));
  p.setColor(QPalette::AlternateBase, QColor(c.alternate_base));
  p.setColor(QPalette::ToolTipBase, QColor(c.tip));
  p.setColor(QPalette::PlaceholderText, QColor(c.placeholder));
  p.setColor(QPalette::Mid, QColor(c.mid));
  p.setColor(QPalette::Midlight, QColor(c.midlight));
  p.setColor(QPalette::Highlight, QColor(c.highlight));
  p.setColor(QPalette::HighlightedText, Qt::white);
  p.setColor(QPalette::Link, QColor(c.link));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    p.setColor(QPalette::Disabled, role, QColor(c.disabled));
  }
  return p;
}

}  // namespace

Theme system_theme() {
  return is_dark(QApplication::palette()) ? Theme::Dark : Theme::Light;
}

void apply_theme(Theme theme) {
  QApplication::setStyle(QStyleFactory::create("Fusion"));
  QApplication::setPalette(palette_of(theme == Theme::Dark ? kDark : kLight));
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
