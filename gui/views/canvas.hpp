#pragma once
// What the painted views share: focus, a sentence where there is nothing to draw, tool tips by
// place.
#include <QString>
#include <QWidget>

class QPainter;

namespace gui {

class Canvas : public QWidget {
  Q_OBJECT
 public:
  /// `name`: for screen readers.
  Canvas(const QString& name, const QSize& least, QWidget* parent);

  /// Forgets what was drawn and shows a sentence instead.
  void set_message(const QString& message);

 protected:
  [[nodiscard]] const QString& message() const { return message_; }
  virtual void forget() = 0;
  /// What a tool tip says at a place; empty: none there.
  [[nodiscard]] virtual QString tip_at(const QPoint& place) const = 0;
  /// The background and, over all of it, the sentence.
  void draw_message(QPainter& painter) const;
  bool event(QEvent* event) override;

 private:
  QString message_;
};

}  // namespace gui
