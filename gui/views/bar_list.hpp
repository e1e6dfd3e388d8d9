#pragma once
// Named bars under each other: a breakdown from zero, or a waterfall whose bars float.
#include <vector>

#include <QColor>
#include <QWidget>

namespace gui {

struct Bar {
  QString label;
  double begin = 0, end = 0;
  QString text;  ///< the value, with its unit
  QColor colour;
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

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  [[nodiscard]] int line() const;
  QString title_;
  std::vector<Bar> bars_;
  double full_ = 1, limit_ = 0;
};

}  // namespace gui
