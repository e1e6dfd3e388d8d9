#include "gui/views/canvas.hpp"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace gui {

Canvas::Canvas(const QString& name, const QSize& least, QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(least);
  setAccessibleName(name);
  setAttribute(Qt::WA_OpaquePaintEvent);
}

void Canvas::set_message(const QString& message) {
  message_ = message;
  forget();
  update();
}

void Canvas::draw_message(QPainter& painter) const {
  painter.fillRect(rect(), palette().color(QPalette::Base));
  painter.setPen(palette().color(QPalette::Text));
  painter.drawText(rect().adjusted(40, 40, -40, -40), Qt::AlignCenter | Qt::TextWordWrap, message_);
}

bool Canvas::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) {
    return QWidget::event(event);
  }
  const auto* help = static_cast<QHelpEvent*>(event);
  const QString tip = tip_at(help->pos());
  tip.isEmpty() ? QToolTip::hideText() : QToolTip::showText(help->globalPos(), tip, this);
  return true;
}

}  // namespace gui
