#include "gui/views/sources_view.hpp"

#include <QHeaderView>
#include <QLineEdit>
#include <QVBoxLayout>

#include "gui/views/table.hpp"

namespace gui {

SourcesView::SourcesView(QWidget* parent)
    : QWidget(parent), search_(new QLineEdit), table_(new Table(tr("Values and their sources"))) {
  search_->setPlaceholderText(tr("Filter, say \"bandwidth\" or \"assumption\""));
  search_->setAccessibleName(tr("Filter of the sources"));
  search_->setClearButtonEnabled(true);
  connect(search_, &QLineEdit::textChanged, table_, &Table::filter);
  table_->horizontalHeader()->setStretchLastSection(true);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(search_);
  layout->addWidget(table_);
}

void SourcesView::filter(const QString& words) {
  search_->setText(words);
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
