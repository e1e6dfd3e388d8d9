#include "gui/views/table.hpp"

#include <algorithm>
#include <cmath>

#include <QHeaderView>
#include <QMenu>
#include <QSortFilterProxyModel>

#include "gui/source_dialog.hpp"

namespace gui {

void TableModel::show_rows(std::vector<Column> columns, std::vector<std::vector<Cell>> rows) {
  beginResetModel();
  columns_ = std::move(columns);
  rows_ = std::move(rows);
  endResetModel();
}

int TableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int TableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(columns_.size());
}

QVariant TableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) {
    return {};
  }
  const auto c = static_cast<std::size_t>(index.column());
  const Cell& cell = rows_[static_cast<std::size_t>(index.row())][c];
  const Column& column = columns_[c];
  switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
      return column.text == nullptr    ? cell.word
             : std::isnan(cell.figure) ? QString("–")
                                       : column.text(cell.figure);
    case kSortRole:
      return column.text == nullptr ? QVariant(cell.word) : QVariant(cell.figure);
    case Qt::TextAlignmentRole:
      return static_cast<int>((column.text == nullptr ? Qt::AlignLeft : Qt::AlignRight) |
                              Qt::AlignVCenter);
    default:
      return {};
  }
}

QVariant TableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole) {
    return {};
  }
  return orientation == Qt::Vertical ? QVariant(section + 1)
                                     : columns_[static_cast<std::size_t>(section)].title;
}

QString TableModel::csv() const {
  QStringList line;
  for (const Column& column : columns_) {
    line << column.key;
  }
  QString text = line.join(',') + '\n';
  for (const auto& row : rows_) {
    line.clear();
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      line << (columns_[c].text == nullptr ? '"' + QString(row[c].word).replace('"', "\"\"") + '"'
               : std::isnan(row[c].figure) ? QString()
                                           : QString::number(row[c].figure, 'g', 12));
    }
    text += line.join(',') + '\n';
  }
  return text;
}

Table::Table(const QString& name, QWidget* parent)
    : QTableView(parent), model_(new TableModel(this)), order_(new QSortFilterProxyModel(this)) {
  order_->setSourceModel(model_);
  order_->setSortRole(TableModel::kSortRole);
  order_->setFilterKeyColumn(-1);
  order_->setFilterCaseSensitivity(Qt::CaseInsensitive);
  setModel(order_);
  setAccessibleName(name);
  setSortingEnabled(true);
  sortByColumn(-1, Qt::AscendingOrder);  // as given, until somebody sorts
  setSelectionBehavior(QAbstractItemView::SelectRows);
  setAlternatingRowColors(true);
  setTabKeyNavigation(false);
  setWordWrap(false);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
  horizontalHeader()->setHighlightSections(false);
  connect(selectionModel(), &QItemSelectionModel::selectionChanged, this, &Table::picked_changed);
  connect(this, &QTableView::activated, this,
          [this](const QModelIndex& index) { emit opened(order_->mapToSource(index).row()); });
}

void Table::set_askable() {
  connect(this, &Table::opened, this, &Table::asked);
  setContextMenuPolicy(Qt::CustomContextMenu);
  connect(this, &QWidget::customContextMenuRequested, this, [this](const QPoint& at) {
    const QModelIndex under = indexAt(at);
    const QModelIndex index = under.isValid() ? under : currentIndex();
    if (index.isValid()) {
      QMenu menu(this);
      menu.addAction(asking_text(), this,
                     [this, row = order_->mapToSource(index).row()] { emit asked(row); });
      menu.exec(viewport()->mapToGlobal(at));
    }
  });
}

void Table::show_rows(std::vector<Column> columns, std::vector<std::vector<Cell>> rows) {
  model_->show_rows(std::move(columns), std::move(rows));
  resizeColumnsToContents();
  constexpr int kWidest = 320;
  for (int column = 0; column < model_->columnCount(); ++column) {
    setColumnWidth(column, std::min(columnWidth(column), kWidest));
  }
}

std::vector<int> Table::picked() const {
  std::vector<int> rows;
  for (const QModelIndex& index : selectionModel()->selectedRows()) {
    rows.push_back(order_->mapToSource(index).row());
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

void Table::pick(const std::vector<int>& rows) {
  QItemSelection selection;
  for (const int row : rows) {
    const QModelIndex index = order_->mapFromSource(model_->index(row, 0));
    selection.select(index, index);
  }
  selectionModel()->select(selection,
                           QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
  if (!selection.isEmpty()) {
    scrollTo(selection.indexes().front());
  }
}

void Table::filter(const QString& words) {
  order_->setFilterFixedString(words);
}

}  // namespace gui
