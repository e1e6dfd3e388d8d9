#pragma once
// Every value of a scenario with where it comes from, as gpuplan simulate --explain prints it.
#include <vector>

#include <QAbstractTableModel>
#include <QWidget>

#include "scenarios/explained.hpp"

class QLineEdit;
class QSortFilterProxyModel;
class QTableView;

namespace gui {

class SourcesModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;
  void show_values(std::vector<scenarios::Explained> values);
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                    int role) const override;
  [[nodiscard]] QString csv() const;

 private:
  std::vector<scenarios::Explained> values_;
};

class SourcesView : public QWidget {
  Q_OBJECT
 public:
  explicit SourcesView(QWidget* parent = nullptr);
  void show_values(std::vector<scenarios::Explained> values);
  [[nodiscard]] const SourcesModel& model() const { return *model_; }

 private:
  SourcesModel* model_;
  QSortFilterProxyModel* filter_;
  QTableView* table_;
};

}  // namespace gui
