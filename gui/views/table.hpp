#pragma once
// A table of anything: columns of figures or words, sortable by value, as CSV with plain numbers.
#include <limits>
#include <vector>

#include <QAbstractTableModel>
#include <QString>
#include <QTableView>

class QSortFilterProxyModel;

namespace gui {

struct Column {
  QString key;                        ///< in CSV, with its unit: "step_time_s"
  QString title;                      ///< for people
  QString (*text)(double) = nullptr;  ///< how a figure reads; null: the column holds words
};

struct Cell {
  QString word;
  double figure = std::numeric_limits<double>::quiet_NaN();  ///< NaN: there is none
};

class TableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;
  static constexpr int kSortRole = Qt::UserRole;

  /// @pre every row has a cell per column.
  void show_rows(std::vector<Column> columns, std::vector<std::vector<Cell>> rows);
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  [[nodiscard]] const std::vector<std::vector<Cell>>& rows() const { return rows_; }
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                    int role) const override;
  [[nodiscard]] QString csv() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

/// The model in a view whose rows can be sorted by a click on the heading and picked by keyboard.
class Table : public QTableView {
  Q_OBJECT
 public:
  explicit Table(const QString& name, QWidget* parent = nullptr);
  void show_rows(std::vector<Column> columns, std::vector<std::vector<Cell>> rows);
  [[nodiscard]] TableModel& model() const { return *model_; }
  /// Rows of the model, in whatever order they are shown.
  [[nodiscard]] std::vector<int> picked() const;
  void pick(const std::vector<int>& rows);
  void filter(const QString& words);
  /// Rows answer Enter, a double click and their menu with asked(row).
  void set_askable();

 signals:
  void picked_changed();
  void asked(int row);   ///< where it comes from
  void opened(int row);  ///< double click or Enter

 private:
  TableModel* model_;
  QSortFilterProxyModel* order_;
};

}  // namespace gui
