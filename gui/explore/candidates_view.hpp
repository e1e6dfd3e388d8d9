#pragma once
// Candidates as a table and as a chart of two of their figures; picking in one picks in the other,
// and what is picked becomes a variant.
#include <vector>

#include <QWidget>

#include "gui/draft.hpp"
#include "gui/views/table.hpp"

class QComboBox;
class QLabel;
class QPushButton;

namespace gui {

class ParetoChart;

struct Candidate {
  QString name;
  std::vector<Setting> settings;  ///< that make it of the scenario
  bool good = true;               ///< fits, meets the limits
  bool can_be = true;             ///< a scenario can be made of it
};

class CandidatesView : public QWidget {
  Q_OBJECT
 public:
  /// `hint` stands where the chart is empty.
  CandidatesView(const QString& name, const QString& hint, QWidget* parent = nullptr);

  /// A row per candidate. `x` and `y` are keys of columns that the chart shows at first.
  void show_candidates(std::vector<Column> columns, std::vector<std::vector<Cell>> rows,
                       std::vector<Candidate> candidates, const QString& x, const QString& y);
  [[nodiscard]] Table& table() const { return *table_; }
  [[nodiscard]] ParetoChart& chart() const { return *chart_; }
  void take_over();

 signals:
  void taken(const QString& name, const std::vector<gui::Setting>& settings);

 private:
  void draw();
  void fill(QComboBox& box, const QString& first);

  std::vector<Candidate> candidates_;
  Table* table_;
  ParetoChart* chart_;
  QComboBox *x_, *y_;
  QPushButton* take_;
};

}  // namespace gui
