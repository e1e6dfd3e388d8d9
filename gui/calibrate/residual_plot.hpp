#pragma once
// Errors of a fit against size or shape, a colour per series.
#include <vector>

#include <QWidget>

#include "gui/calibrate/fit_answer.hpp"

class QComboBox;
class QCustomPlot;

namespace gui {

class ResidualPlot : public QWidget {
  Q_OBJECT
 public:
  explicit ResidualPlot(QWidget* parent = nullptr);
  void show_points(std::vector<FitPoint> points);
  [[nodiscard]] int plots() const;

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void draw();

  std::vector<FitPoint> points_;
  QComboBox* which_ = nullptr;
  QCustomPlot* plot_ = nullptr;
};

}  // namespace gui
