#include "gui/explore/candidates_view.hpp"

#include <cmath>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSplitter>
#include <QVBoxLayout>

#include "gui/explore/sweep_file.hpp"
#include "gui/views/pareto_chart.hpp"

namespace gui {

CandidatesView::CandidatesView(const QString& name, const QString& hint, QWidget* parent)
    : QWidget(parent) {
  table_ = new Table(tr("Table of the %1").arg(name));
  chart_ = new ParetoChart(tr("Chart of the %1").arg(name));
  chart_->set_message(hint);
  x_ = new QComboBox;
  y_ = new QComboBox;
  x_->setAccessibleName(tr("Figure across, %1").arg(name));
  y_->setAccessibleName(tr("Figure upward, %1").arg(name));
  take_ = new QPushButton(tr("&Take over as a variant"));
  take_->setEnabled(false);
  take_->setToolTip(tr("Opens what is picked in the table or the chart as new variants"));
  auto* across = new QLabel(tr("against"));
  auto* row = new QHBoxLayout;
  for (QComboBox* box : {y_, x_}) {
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(12);
  }
  row->addWidget(y_);
  row->addWidget(across);
  row->addWidget(x_);
  row->addStretch(1);
  row->addWidget(take_);
  auto* split = new QSplitter(Qt::Horizontal);
  split->addWidget(table_);
  split->addWidget(chart_);
  split->setStretchFactor(0, 1);
  split->setStretchFactor(1, 1);
  split->setSizes({600, 600});
  split->setChildrenCollapsible(false);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(split, 1);
  layout->addLayout(row);
  connect(x_, &QComboBox::currentIndexChanged, this, &CandidatesView::draw);
  connect(y_, &QComboBox::currentIndexChanged, this, &CandidatesView::draw);
  connect(take_, &QPushButton::clicked, this, &CandidatesView::take_over);
  connect(table_, &Table::opened, this, &CandidatesView::take_over);
  connect(table_, &Table::picked_changed, this, [this] {
    chart_->pick(table_->picked());
    take_->setEnabled(!table_->picked().empty());
  });
  connect(chart_, &ParetoChart::brushed, table_, &Table::pick);
}

void CandidatesView::show_candidates(std::vector<Column> columns,
                                     std::vector<std::vector<Cell>> rows,
                                     std::vector<Candidate> candidates, const QString& x,
                                     const QString& y) {
  candidates_ = std::move(candidates);
  chart_->pick({});
  table_->show_rows(std::move(columns), std::move(rows));
  take_->setEnabled(false);
  fill(*x_, x);
  fill(*y_, y);
  draw();
}

void CandidatesView::fill(QComboBox& box, const QString& first) {
  const QSignalBlocker quiet(&box);
  const QString before = box.currentData().toString();
  box.clear();
  for (const Column& column : table_->model().columns()) {
    if (column.text != nullptr) {
      box.addItem(column.title, column.key);
    }
  }
  const int kept = box.findData(before);
  box.setCurrentIndex(kept >= 0 ? kept : box.findData(first));
}

void CandidatesView::draw() {
  const TableModel& model = table_->model();
  const auto column = [&model](const QComboBox& box) {
    for (std::size_t c = 0; c < model.columns().size(); ++c) {
      if (model.columns()[c].key == box.currentData().toString()) {
        return c;
      }
    }
    return std::size_t{0};
  };
  if (model.columns().empty() || x_->count() == 0) {
    return chart_->show_points({}, {}, {});
  }
  const auto axis = [&model](std::size_t c) {
    const FigureWords words = words_of_figure(model.columns()[c].key);
    return ChartAxis{words.unit_name.isEmpty() ? words.title : words.title + ", " + words.unit_name,
                     words.high_is_better ? Best::High : Best::Low, words.text, words.unit};
  };
  const std::size_t x = column(*x_);
  const std::size_t y = column(*y_);
  std::vector<ChartPoint> points;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const auto& row = model.rows()[i];
    const bool known = !std::isnan(row[x].figure) && !std::isnan(row[y].figure);
    points.push_back(
        {row[x].figure, row[y].figure, candidates_[i].name, known && candidates_[i].good});
  }
  chart_->show_points(std::move(points), axis(x), axis(y));
}

void CandidatesView::take_over() {
  for (const int row : table_->picked()) {
    const Candidate& one = candidates_[static_cast<std::size_t>(row)];
    if (one.can_be) {
      emit taken(one.name, one.settings);
    }
  }
}

}  // namespace gui
