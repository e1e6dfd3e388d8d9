#include "gui/views/card.hpp"

#include <algorithm>
#include <cmath>

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>

#include "gui/source_dialog.hpp"
#include "gui/theme.hpp"

namespace gui {

namespace {
constexpr double kNoticed = 0.0005;  ///< changes below are called none
constexpr int kBandHeight = 9;       ///< pixels
constexpr int kSideMargin = 10;      ///< pixels
constexpr double kSmallest =
    0.6;  ///< of a text's own size; below, it is cut and the tool tip has it

/// Sets the largest font up to `full` in which the label's text fits `width`.
void fit(QLabel& label, QFont full, int width) {
  const int needed = QFontMetrics(full).horizontalAdvance(label.text());
  if (needed > width && width > 0) {
    full.setPointSizeF(full.pointSizeF() * std::max(kSmallest, 0.98 * width / needed));
  }
  label.setFont(full);
}
}  // namespace

BandBar::BandBar(QWidget* parent) : QWidget(parent) {
  setFixedHeight(kBandHeight);
  setAttribute(Qt::WA_TransparentForMouseEvents);
}

void BandBar::show_band(double value, std::optional<Range> range) {
  value_ = value;
  range_ = range;
  update();
}

void BandBar::paintEvent(QPaintEvent* /*event*/) {
  if (!range_ || range_->high <= 0) {
    return;
  }
  QPainter painter(this);
  const auto x = [this](double value) {
    return static_cast<int>(value / range_->high * (width() - 3)) + 1;
  };
  const int middle = height() / 2;
  painter.fillRect(QRect(0, middle - 1, width(), 2), palette().color(QPalette::Mid));
  painter.fillRect(QRect(x(range_->low), 1, x(range_->high) - x(range_->low), height() - 2),
                   palette().color(QPalette::Highlight));
  painter.fillRect(QRect(x(value_) - 1, 0, 3, height()), palette().color(QPalette::Text));
}

Card::Card(const QString& title, Better better, QWidget* parent)
    : QFrame(parent), title_(title), better_(better) {
  setFrameShape(QFrame::StyledPanel);
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::Base);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(kSideMargin, 6, kSideMargin, 6);
  layout->setSpacing(1);
  auto* name = new QLabel(title);
  value_ = new QLabel;
  note_ = new QLabel;
  change_ = new QLabel;
  band_ = new BandBar;
  QFont big = value_->font();
  big.setPointSizeF(big.pointSizeF() * 1.55);
  big.setBold(true);
  value_->setFont(big);
  value_font_ = big;
  note_font_ = note_->font();
  for (QLabel* label : {name, value_, note_, change_}) {
    label->setAttribute(Qt::WA_TransparentForMouseEvents);  // a click is the card's
    label->setMinimumWidth(10);  // cards shrink; a tool tip has what is cut
    layout->addWidget(label);
    if (label == note_) {
      layout->addWidget(band_);
    }
  }
  setMinimumWidth(165);
  show_value("–", {});
}

void Card::show_value(const QString& value, const QString& note, bool bad) {
  value_->setText(value);
  note_->setText(note.isEmpty() ? " " : note);
  bad_ = bad;
  setToolTip(title_ + ": " + value + (note.isEmpty() ? "" : "\n" + note));
  setAccessibleName(title_ + " " + value);
  setAccessibleDescription(note);  // with low and high, where it has them
  band_->show_band(0, std::nullopt);
  fit_texts();
  colour();
}

void Card::fit_texts() {
  const int width = contentsRect().width() - 2 * kSideMargin;
  fit(*value_, value_font_, width);
  fit(*note_, note_font_, width);
}

void Card::resizeEvent(QResizeEvent* event) {
  QFrame::resizeEvent(event);
  fit_texts();
}

void Card::show_range(double value, std::optional<Range> range) {
  band_->show_band(value, range);
}

void Card::set_figure(const QString& figure) {
  figure_ = figure;
  setFocusPolicy(figure.isEmpty() ? Qt::NoFocus : Qt::StrongFocus);
  setCursor(figure.isEmpty() ? Qt::ArrowCursor : Qt::PointingHandCursor);
}

void Card::mouseReleaseEvent(QMouseEvent* event) {
  if (!figure_.isEmpty() && event->button() == Qt::LeftButton &&
      rect().contains(event->position().toPoint())) {
    emit asked(figure_);
  }
}

void Card::keyPressEvent(QKeyEvent* event) {
  const int key = event->key();
  if (!figure_.isEmpty() &&
      (key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Space)) {
    emit asked(figure_);
  } else {
    QFrame::keyPressEvent(event);
  }
}

void Card::contextMenuEvent(QContextMenuEvent* event) {
  if (!figure_.isEmpty()) {
    QMenu menu(this);
    menu.addAction(asking_text(), this, [this] { emit asked(figure_); });
    menu.exec(event->globalPos());
  }
}

void Card::paintEvent(QPaintEvent* event) {
  QFrame::paintEvent(event);
  if (hasFocus()) {
    QPainter painter(this);
    painter.setPen(QPen(palette().color(QPalette::Highlight), 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

void Card::show_change(std::optional<double> change, const QString& old) {
  last_ = change.value_or(0);
  if (!change) {
    change_->setText(" ");
  } else if (std::abs(*change) < kNoticed) {
    change_->setText(tr("as %1").arg(old));
  } else {
    change_->setText(tr("%1 %2 % to %3")
                         .arg(*change > 0 ? "▲" : "▼")
                         .arg(100 * *change, 0, 'f', 1)
                         .arg(old)
                         .replace("▲ ", "▲ +"));
  }
  colour();
}

QString Card::value() const {
  return value_->text();
}
QString Card::change() const {
  return change_->text().trimmed();
}

void Card::colour() {
  const auto paint = [this](QLabel* label, const QColor& colour) {
    QPalette palette = this->palette();
    for (const auto role : {QPalette::WindowText, QPalette::Text}) {  // Text: we stand on Base
      palette.setColor(role, colour);
    }
    label->setPalette(palette);
  };
  paint(value_, bad_ ? bad_colour(palette()) : palette().color(QPalette::Text));
  paint(note_, bad_ ? bad_colour(palette()) : muted_colour(palette()));
  const bool neutral = better_ == Better::Neither || std::abs(last_) < kNoticed;
  const bool good = (last_ < 0) == (better_ == Better::Lower);
  paint(change_, neutral ? muted_colour(palette())
                 : good  ? good_colour(palette())
                         : bad_colour(palette()));
}

void Card::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange && change_ != nullptr) {  // not while it is built
    colour();
  }
  QFrame::changeEvent(event);
}

}  // namespace gui
