#include "gui/views/link_matrix.hpp"

#include <algorithm>

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include "gui/theme.hpp"
#include "gui/words.hpp"

namespace gui {

namespace {
constexpr int kLeft = 90, kTop = 30, kRight = 14, kBottom = 26;
}

LinkMatrix::LinkMatrix(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(280, 180);
  setAccessibleName(tr("Loads between lower and upper switches"));
  setAttribute(Qt::WA_OpaquePaintEvent);
}

void LinkMatrix::show_scene(std::shared_ptr<const TopologyScene> scene) {
  scene_ = std::move(scene);
  picked_.reset();
  image_ = {};
  if (scene_ && !scene_->matrix.empty()) {
    image_ = QImage(scene_->matrix.columns(), scene_->matrix.rows(), QImage::Format_RGB32);
    const QRgb none = palette().color(QPalette::AlternateBase).rgb();
    for (int row = 0; row < image_.height(); ++row) {
      auto* line = reinterpret_cast<QRgb*>(image_.scanLine(row));
      for (int column = 0; column < image_.width(); ++column) {
        const float load = scene_->matrix.load(row, column);
        line[column] = load < 0 ? none : heat(static_cast<double>(load)).rgb();
      }
    }
  }
  setAccessibleDescription(facts());
  update();
  emit picked_changed();
}

QRect LinkMatrix::plot() const {
  return {kLeft, kTop, std::max(1, width() - kLeft - kRight),
          std::max(1, height() - kTop - kBottom)};
}

std::optional<LinkMatrix::Cell> LinkMatrix::at(QPoint point) const {
  if (image_.isNull() || !plot().contains(point)) {
    return std::nullopt;
  }
  return Cell{(point.y() - kTop) * image_.height() / plot().height(),
              (point.x() - kLeft) * image_.width() / plot().width()};
}

QString LinkMatrix::text(const Cell& cell) const {
  const float load = scene_->matrix.load(cell.row, cell.column);
  return load < 0 ? tr("%1 and %2: no cable")
                        .arg(scene_->lower_label(cell.row), scene_->upper_label(cell.column))
                  : tr("%1 and %2: %3 of the busier direction")
                        .arg(scene_->lower_label(cell.row), scene_->upper_label(cell.column),
                             percent_text(static_cast<double>(load)));
}

QString LinkMatrix::link() const {
  return picked_ && scene_->matrix.load(picked_->row, picked_->column) >= 0
             ? scene_->lower_label(picked_->row) + " <-> " + scene_->upper_label(picked_->column)
             : QString();
}

QString LinkMatrix::facts() const {
  if (!scene_ || scene_->matrix.empty()) {
    return tr(
        "No loads between switches: this fabric has one tier, or the network was not "
        "simulated yet (F5).");
  }
  if (picked_) {
    return text(*picked_);
  }
  return tr("%1 lower by %2 upper switches; mean load %3, most %4. A click or the arrow keys pick "
            "a cable.")
      .arg(image_.height())
      .arg(image_.width())
      .arg(percent_text(scene_->matrix.mean()), percent_text(scene_->matrix.most()));
}

void LinkMatrix::pick(std::optional<Cell> cell) {
  picked_ = cell;
  setAccessibleDescription(facts());
  update();
  emit picked_changed();
}

void LinkMatrix::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), palette().color(QPalette::Base));
  painter.setPen(palette().color(QPalette::Text));
  if (image_.isNull()) {
    painter.drawText(rect().adjusted(40, 40, -40, -40), Qt::AlignCenter | Qt::TextWordWrap,
                     facts());
    return;
  }
  painter.drawImage(plot(), image_);
  painter.drawText(
      QRect(kLeft, 0, plot().width(), kTop), Qt::AlignCenter,
      tr("%1 … %2").arg(scene_->upper_label(0), scene_->upper_label(image_.width() - 1)));
  painter.drawText(QRect(4, kTop, kLeft - 8, 20), Qt::AlignLeft | Qt::AlignTop,
                   scene_->lower_label(0));
  painter.drawText(QRect(4, plot().bottom() - 20, kLeft - 8, 20), Qt::AlignLeft | Qt::AlignBottom,
                   scene_->lower_label(image_.height() - 1));
  const int y = height() - kBottom + 8;
  for (int i = 0; i < 100; ++i) {
    painter.fillRect(kLeft + i, y, 1, 10, heat(i / 100.0));
  }
  painter.drawText(kLeft + 106, y + 10, tr("0 to 100 % of the cable's bandwidth"));
  if (picked_) {
    const double w = static_cast<double>(plot().width()) / image_.width();
    const double h = static_cast<double>(plot().height()) / image_.height();
    painter.setPen(QPen(bad_colour(palette()), 2));
    painter.drawRect(QRectF(kLeft + picked_->column * w, kTop + picked_->row * h, std::max(w, 4.0),
                            std::max(h, 4.0)));
  }
  if (hasFocus()) {
    painter.setPen(palette().color(QPalette::Highlight));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void LinkMatrix::mousePressEvent(QMouseEvent* event) {
  pick(at(event->position().toPoint()));
}

void LinkMatrix::keyPressEvent(QKeyEvent* event) {
  const int key = event->key();
  const bool arrow =
      key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Up || key == Qt::Key_Down;
  if (key == Qt::Key_Escape) {
    pick({});
  } else if (arrow && !image_.isNull()) {
    Cell cell = picked_.value_or(Cell{});
    if (picked_) {
      cell.column += key == Qt::Key_Right ? 1 : key == Qt::Key_Left ? -1 : 0;
      cell.row += key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
    }
    pick(Cell{std::clamp(cell.row, 0, image_.height() - 1),
              std::clamp(cell.column, 0, image_.width() - 1)});
  } else {
    QWidget::keyPressEvent(event);
  }
}

bool LinkMatrix::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = dynamic_cast<QHelpEvent*>(event);
    const auto cell = at(help->pos());
    QToolTip::showText(help->globalPos(), cell ? text(*cell) : QString(), this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace gui
