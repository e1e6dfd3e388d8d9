#pragma once
// The table of the variants, and a chart of one figure with its uncertainty.
#include <QWidget>

#include "gui/source_dialog.hpp"
#include "gui/views/compare_model.hpp"

class QComboBox;
class QCustomPlot;
class QTableView;

namespace gui {

class CompareView : public QWidget {
  Q_OBJECT
 public:
  explicit CompareView(QWidget* parent = nullptr);
  void show_rows(std::vector<Compared> rows);
  [[nodiscard]] CompareModel& model() { return *model_; }

 signals:
  void activated(int id);                      ///< of a scenario: double click or Enter on its row
  void asked(const gui::AskedFigure& figure);  ///< where it comes from, by a cell's menu

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void draw_chart();
  void show_menu(const QPoint& at);

  CompareModel* model_ = nullptr;
  QTableView* table_ = nullptr;
  QComboBox* figure_ = nullptr;
  QCustomPlot* chart_ = nullptr;
};

}  // namespace gui
