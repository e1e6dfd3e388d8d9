#pragma once
// Named bars under each other: a breakdown from zero, or a waterfall whose bars float.
#include <optional>
#include <vector>

#include <QColor>
#include <QWidget>

#include "gui/result.hpp"

namespace gui {

struct Bar {
  QString label;
  double begin = 0, end = 0;
  QString text;  ///< the value, with its unit
  QColor colour;
  QString figure{};              ///< of the command's answer; empty: it cannot be asked about
  std::optional<Range> range{};  ///< of `end`, drawn as a line across it
  QString range_text{};          ///< for screen readers and whoever asks: "3.1 s to 4.2 s"
};

class BarList : public QWidget {
  Q_OBJECT
 public:
  explicit BarList(const QString& title, QWidget* parent = nullptr);

  /// `full` is the value at the right end; a `limit` is marked with a line.
  void show_bars(std::vector<Bar> bars, double full, double limit = 0);
  [[nodiscard]] const std::vector<Bar>& bars() const { return bars_; }
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;
  [[nodiscard]] int current() const { return current_; }  ///< by the arrow keys; -1: none

 signals:
  void asked(const gui::Bar& bar);  ///< where it comes from: a click, Enter, the menu

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;

 private:
  [[nodiscard]] int line() const;
  [[nodiscard]] int bar_at(int y) const;  ///< -1: none
  void ask(int bar);
  void pick(int bar);
  void describe();
  QString title_;
  std::vector<Bar> bars_;
  double full_ = 1, limit_ = 0;
  int current_ = -1;
};

}  // namespace gui
