#pragma once
// Every value of a scenario with where it comes from, as gpuplan simulate --explain prints it.
#include <vector>

#include <QWidget>

#include "scenarios/explained.hpp"

class QLineEdit;

namespace gui {

class Table;

class SourcesView : public QWidget {
  Q_OBJECT
 public:
  explicit SourcesView(QWidget* parent = nullptr);
  /// Files in `folder`, the document's, are shown by their names.
  void show_values(const std::vector<scenarios::Explained>& values, const QString& folder);
  [[nodiscard]] Table& table() const { return *table_; }
  void filter(const QString& words);

 private:
  QLineEdit* search_;
  Table* table_;
};

}  // namespace gui
