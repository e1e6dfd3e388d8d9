#pragma once
// Candidates by two figures, with the front that nothing beats. Dragging a frame, or the arrow
// keys, pick candidates.
#include <vector>

#include <QString>
#include <QWidget>

class QCPGraph;
class QCustomPlot;

namespace gui {

enum class Best { Low, High };

struct ChartPoint {
  double x = 0, y = 0;
  QString name;
  bool good = true;  ///< fits, meets the limits
};

struct ChartAxis {
  QString label;
  Best best = Best::Low;
  QString (*text)(double) = nullptr;  ///< how a figure reads
  double unit = 1;                    ///< figures are drawn in multiples of this
};

/// The good points that no other good point beats in both figures, from left to right.
std::vector<int> front_of(const std::vector<ChartPoint>& points, Best x, Best y);

class ParetoChart : public QWidget {
  Q_OBJECT
 public:
  explicit ParetoChart(const QString& name, QWidget* parent = nullptr);

  void show_points(std::vector<ChartPoint> points, const ChartAxis& x, const ChartAxis& y);
  void pick(const std::vector<int>& points);
  [[nodiscard]] const std::vector<int>& picked() const { return picked_; }
  [[nodiscard]] const std::vector<int>& front() const { return front_; }
  /// Picks what lies within a rectangle of this widget, as a dragged frame does.
  void brush(const QRect& frame);
  [[nodiscard]] QPoint place(int point) const;  ///< of a point in this widget
  void set_message(const QString& message);     ///< shown where there are no points

 signals:
  void brushed(const std::vector<int>& points);

 protected:
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  void draw();
  void fit();
  void describe();

  QCustomPlot* plot_ = nullptr;
  std::vector<ChartPoint> points_;
  ChartAxis x_, y_;
  std::vector<int> front_, picked_;
  QString message_;
};

}  // namespace gui
