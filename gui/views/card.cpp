#include "gui/views/card.hpp"

#include <cmath>

#include <QEvent>
#include <QLabel>
#include <QVBoxLayout>

#include "gui/theme.hpp"

namespace gui {

namespace {
constexpr double kNoticed = 0.0005;  ///< changes below are called none
}

Card::Card(const QString& title, Better better, QWidget* parent)
    : QFrame(parent), title_(title), better_(better) {
  setFrameShape(QFrame::StyledPanel);
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::Base);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(10, 6, 10, 6);
  layout->setSpacing(1);
  auto* name = new QLabel(title);
  value_ = new QLabel;
  note_ = new QLabel;
  change_ = new QLabel;
  QFont big = value_->font();
  big.setPointSizeF(big.pointSizeF() * 1.55);
  big.setBold(true);
  value_->setFont(big);
  for (QLabel* label : {name, value_, note_, change_}) {
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setMinimumWidth(10);  // cards shrink; a tool tip has what is cut
    layout->addWidget(label);
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
  colour();
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
