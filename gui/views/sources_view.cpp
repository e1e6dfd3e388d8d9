#include "gui/views/sources_view.hpp"

#include <QHeaderView>
#include <QLineEdit>
#include <QVBoxLayout>

#include "gui/views/table.hpp"

namespace gui {

SourcesView::SourcesView(QWidget* parent)
    : QWidget(parent), table_(new Table(tr("Values and their sources"))) {
  auto* search = new QLineEdit;
  search->setPlaceholderText(tr("Filter, say \"bandwidth\" or \"assumption\""));
  search->setAccessibleName(tr("Filter of the sources"));
  search->setClearButtonEnabled(true);
  connect(search, &QLineEdit::textChanged, table_, &Table::filter);
  table_->horizontalHeader()->setStretchLastSection(true);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(search);
  layout->addWidget(table_);
}

void SourcesView::show_values(const std::vector<scenarios::Explained>& values,
                              const QString& folder) {
  std::vector<std::vector<Cell>> rows;
  for (const scenarios::Explained& value : values) {
    rows.push_back({{QString::fromStdString(value.path)},
                    {QString::fromStdString(value.value)},
                    {QString::fromStdString(value.source).remove(folder + "/")}});
  }
  table_->show_rows({{"path", tr("Value of")}, {"value", tr("Value")}, {"source", tr("Source")}},
                    std::move(rows));
}

}  // namespace gui
