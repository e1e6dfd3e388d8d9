#pragma once
// The open scenarios side by side: a row each, changes against the first.
#include <memory>
#include <vector>

#include <QAbstractTableModel>

#include "gui/result.hpp"

namespace gui {

struct Compared {
  int id = 0;
  QString title;
  std::shared_ptr<const Result> result;  ///< null: not simulated yet
  bool stale = false;
};

class CompareModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;
  enum Column { Name, Step, Mfu, Tokens, Memory, Power, Energy, Gpus, Fidelity, kColumns };

  void show_rows(std::vector<Compared> rows);
  [[nodiscard]] const std::vector<Compared>& rows() const { return rows_; }
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                    int role) const override;
  [[nodiscard]] QString csv() const;

 private:
  [[nodiscard]] QString cell(const Compared& row, int column) const;
  std::vector<Compared> rows_;
};

}  // namespace gui
