#include "gui/views/bar_list.hpp"

#include <algorithm>

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>

#include "gui/source_dialog.hpp"
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
  current_ = -1;
  const bool askable =
      std::any_of(bars_.begin(), bars_.end(), [](const Bar& bar) { return !bar.figure.isEmpty(); });
  setFocusPolicy(askable ? Qt::StrongFocus : Qt::NoFocus);
  describe();
  setToolTip({});
  updateGeometry();
  update();
}

void BarList::describe() {
  QStringList spoken;
  for (const Bar& bar : bars_) {
    spoken << bar.label + " " + bar.text + (bar.range ? " (" + bar.range_text + ")" : "");
  }
  setAccessibleDescription(current_ < 0 ? spoken.join(", ") : spoken.value(current_));
}

int BarList::bar_at(int y) const {
  const int row = (y - kPad - line()) / line();
  return y >= kPad + line() && row < static_cast<int>(bars_.size()) ? row : -1;
}

void BarList::ask(int bar) {
  if (bar >= 0 && bar < static_cast<int>(bars_.size()) &&
      !bars_[static_cast<std::size_t>(bar)].figure.isEmpty()) {
    emit asked(Bar(bars_[static_cast<std::size_t>(bar)]));  // a copy: answers may show new bars
  }
}

void BarList::pick(int bar) {
  current_ = std::clamp(bar, 0, std::max(0, static_cast<int>(bars_.size()) - 1));
  describe();
  update();
}

void BarList::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) {
    ask(bar_at(event->position().toPoint().y()));
  }
}

void BarList::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Down:
      return pick(current_ + 1);
    case Qt::Key_Up:
      return pick(current_ - 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      return ask(current_);
    default:
      QWidget::keyPressEvent(event);
  }
}

void BarList::contextMenuEvent(QContextMenuEvent* event) {
  const bool keyboard = event->reason() == QContextMenuEvent::Keyboard;
  const int bar = keyboard ? current_ : bar_at(event->pos().y());
  if (bar >= 0 && !bars_[static_cast<std::size_t>(bar)].figure.isEmpty()) {
    QMenu menu(this);
    menu.addAction(asking_text(), this, [this, bar] { ask(bar); });
    menu.exec(event->globalPos());
  }
}

void BarList::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  if (current_ < 0 && event->reason() != Qt::MouseFocusReason) {
    pick(0);
  }
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
    if (bar.range) {
      const int middle = y + line() / 2;
      painter.drawLine(x(bar.range->low), middle, x(bar.range->high), middle);
      for (const double end : {bar.range->low, bar.range->high}) {
        painter.drawLine(x(end), middle - 3, x(end), middle + 3);
      }
    }
    if (hasFocus() && current_ == static_cast<int>(&bar - bars_.data())) {
      painter.setPen(palette().color(QPalette::Highlight));
      painter.drawRect(QRect(kPad - 4, y, width() - 2 * kPad + 7, line() - 1));
      painter.setPen(palette().color(QPalette::Text));
    }
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
