#pragma once
// Kernels by FLOP per byte and FLOP/s, under the roofs of the accelerator. Arrow keys and clicks
// pick one.
#include <memory>
#include <vector>

#include <QWidget>

#include "gui/result.hpp"

class QCustomPlot;

namespace gui {

class RooflineChart : public QWidget {
  Q_OBJECT
 public:
  explicit RooflineChart(QWidget* parent = nullptr);

  /// Kernels that compute become points; null: nothing is known yet.
  void show_roofline(std::shared_ptr<const Result> result);
  /// By its index in Roofline::kernels; -1 and kernels without a point: none.
  void pick(int kernel);
  [[nodiscard]] int picked() const { return picked_; }
  [[nodiscard]] int points() const { return static_cast<int>(points_.size()); }
  [[nodiscard]] QPoint place(int kernel) const;  ///< of its point in this widget
  /// The kernel whose point is nearest to a place in this widget; -1: none is near.
  [[nodiscard]] int near(const QPoint& place) const;

 signals:
  void picked_changed(int kernel);

 protected:
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  bool event(QEvent* event) override;  ///< tool tips

 private:
  [[nodiscard]] QPoint in_plot(int kernel) const;
  void draw();
  void draw_roofs();
  void draw_points();
  void label_points();
  void fit();
  void choose(int kernel);

  QCustomPlot* plot_ = nullptr;
  std::shared_ptr<const Result> result_;
  std::vector<int> points_;  ///< kernels that have one, longest time first
  int picked_ = -1;
};

/// "QKV projection, forward: 612.3 TFLOP/s at 1,365 FLOP/byte ..."
QString kernel_text(const Kernel& kernel);

}  // namespace gui
