#pragma once
// The kernels of a step: the roofline above, all of them as a table below.
#include <memory>

#include <QWidget>

#include "gui/result.hpp"

class QLabel;

namespace gui {

class RooflineChart;
class Table;

class RooflineView : public QWidget {
  Q_OBJECT
 public:
  explicit RooflineView(QWidget* parent = nullptr);

  /// Null: there is no result yet.
  void show_result(const std::shared_ptr<const Result>& result);
  [[nodiscard]] RooflineChart& chart() const { return *chart_; }
  [[nodiscard]] Table& table() const { return *table_; }

 private:
  std::shared_ptr<const Result> result_;
  RooflineChart* chart_;
  Table* table_;
  QLabel* note_;
};

}  // namespace gui
