#include "gui/views/sources_view.hpp"

#include <algorithm>

#include <QHeaderView>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

namespace gui {

void SourcesModel::show_values(std::vector<scenarios::Explained> values) {
  beginResetModel();
  values_ = std::move(values);
  endResetModel();
}

int SourcesModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(values_.size());
}

int SourcesModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : 3;
}

QVariant SourcesModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::ToolTipRole)) {
    return {};
  }
  const scenarios::Explained& value = values_[static_cast<std::size_t>(index.row())];
  return QString::fromStdString(index.column() == 0   ? value.path
                                : index.column() == 1 ? value.value
                                                      : value.source);
}

QVariant SourcesModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole || orientation != Qt::Horizontal) {
    return {};
  }
  return QStringList{tr("Value of"), tr("Value"), tr("Source")}.value(section);
}

QString SourcesModel::csv() const {
  const auto quoted = [](const std::string& text) {
    return '"' + QString::fromStdString(text).replace('"', "\"\"") + '"';
  };
  QString text = "path,value,source\n";
  for (const scenarios::Explained& value : values_) {
    text += quoted(value.path) + ',' + quoted(value.value) + ',' + quoted(value.source) + '\n';
  }
  return text;
}

SourcesView::SourcesView(QWidget* parent) : QWidget(parent) {
  model_ = new SourcesModel(this);
  filter_ = new QSortFilterProxyModel(this);
  filter_->setSourceModel(model_);
  filter_->setFilterKeyColumn(-1);
  filter_->setFilterCaseSensitivity(Qt::CaseInsensitive);
  auto* search = new QLineEdit;
  search->setPlaceholderText(tr("Filter, say \"bandwidth\" or \"assumption\""));
  search->setAccessibleName(tr("Filter of the sources"));
  search->setClearButtonEnabled(true);
  connect(search, &QLineEdit::textChanged, filter_, &QSortFilterProxyModel::setFilterFixedString);
  table_ = new QTableView;
  table_->setModel(filter_);
  table_->setAlternatingRowColors(true);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setTabKeyNavigation(false);
  table_->setWordWrap(false);
  table_->verticalHeader()->hide();
  table_->horizontalHeader()->setStretchLastSection(true);
  table_->setAccessibleName(tr("Values and their sources"));
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(search);
  layout->addWidget(table_);
}

void SourcesView::show_values(std::vector<scenarios::Explained> values) {
  model_->show_values(std::move(values));
  table_->resizeColumnsToContents();
  constexpr int kWidest = 330;
  for (const int column : {0, 1}) {
    table_->setColumnWidth(column, std::min(table_->columnWidth(column), kWidest));
  }
}

}  // namespace gui
