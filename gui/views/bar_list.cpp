#include "gui/views/bar_list.hpp"

#include <algorithm>

#include <QPainter>

#include "gui/theme.hpp"

namespace gui {

namespace {
constexpr int kPad = 10, kSpace = 10;
}

BarList::BarList(const QString& title, QWidget* parent) : QWidget(parent), title_(title) {
  setAccessibleName(title);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
}

int BarList::line() const {
  return fontMetrics().height() + 7;
}

QSize BarList::sizeHint() const {
  return {420, 2 * kPad + line() + static_cast<int>(bars_.size()) * line()};
}

QSize BarList::minimumSizeHint() const {
  return {300, sizeHint().height()};
}

void BarList::show_bars(std::vector<Bar> bars, double full, double limit) {
  bars_ = std::move(bars);
  full_ = std::max(full, 1e-30);
  limit_ = limit;
  QStringList spoken;
  for (const Bar& bar : bars_) {
    spoken << bar.label + " " + bar.text;
  }
  setAccessibleDescription(spoken.join(", "));
  setToolTip({});
  updateGeometry();
  update();
}

void BarList::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.fillRect(rect(), palette().color(QPalette::Base));
  QFont bold = font();
  bold.setBold(true);
  painter.setFont(bold);
  painter.setPen(palette().color(QPalette::Text));
  painter.drawText(QRect(kPad, kPad, width() - 2 * kPad, line()), Qt::AlignTop, title_);
  painter.setFont(font());
  int label_width = 0;
  int text_width = 0;
  for (const Bar& bar : bars_) {
    // One more than the rounded width, or the longest would be elided.
    label_width = std::max(label_width, fontMetrics().horizontalAdvance(bar.label) + 1);
    text_width = std::max(text_width, fontMetrics().horizontalAdvance(bar.text));
  }
  label_width = std::min(label_width, width() * 2 / 5);
  const QRect area(kPad + label_width + kSpace, kPad + line(),
                   std::max(10, width() - 2 * kPad - label_width - text_width - 2 * kSpace),
                   static_cast<int>(bars_.size()) * line());
  const auto x = [&](double value) {
    return area.left() + static_cast<int>(std::clamp(value / full_, 0.0, 1.0) * area.width());
  };
  int y = area.top();
  for (const Bar& bar : bars_) {
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(QRect(kPad, y, label_width, line()), Qt::AlignVCenter,
                     fontMetrics().elidedText(bar.label, Qt::ElideRight, label_width));
    const int left = x(std::min(bar.begin, bar.end));
    const int right = x(std::max(bar.begin, bar.end));
    painter.fillRect(QRect(area.left(), y + 3, area.width(), line() - 6),
                     palette().color(QPalette::AlternateBase));
    painter.fillRect(QRect(left, y + 3, std::max(1, right - left), line() - 6), bar.colour);
    painter.drawText(QRect(area.right() + kSpace, y, text_width + 2, line()),
                     Qt::AlignVCenter | Qt::AlignRight, bar.text);
    y += line();
  }
  if (limit_ > 0) {
    painter.setPen(QPen(bad_colour(palette()), 2));
    painter.drawLine(x(limit_), area.top(), x(limit_), area.bottom());
  }
}

}  // namespace gui
