#include "gui/views/compare_view.hpp"

#include <algorithm>

#include <QComboBox>
#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "gui/views/chart.hpp"

namespace gui {

namespace {

constexpr int kNameLength = 28;  ///< characters of a scenario's name on the axis

/// A figure in the unit of the axis, and its range where it has one.
struct Point {
  double value = 0, low = 0, high = 0;
};

Point point(const Result& r, int figure) {
  switch (figure) {
    case 0:
      return {r.step_s, r.step_range ? r.step_range->low : r.step_s,
              r.step_range ? r.step_range->high : r.step_s};
    case 1:
      return {100 * r.mfu, r.mfu_range ? 100 * r.mfu_range->low : 100 * r.mfu,
              r.mfu_range ? 100 * r.mfu_range->high : 100 * r.mfu};
    case 2:
      return {r.tokens_per_s, r.tokens_per_s, r.tokens_per_s};
    case 3: {
      constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
      return {r.memory_bytes / kGiB, r.memory_bytes / kGiB, r.memory_bytes / kGiB};
    }
    default:
      return {r.power_w / 1e6, r.power_w / 1e6, r.power_w / 1e6};
  }
}

}  // namespace

CompareView::CompareView(QWidget* parent) : QWidget(parent) {
  model_ = new CompareModel(this);
  table_ = new QTableView;
  table_->setModel(model_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setAlternatingRowColors(true);
  table_->setAccessibleName(tr("Comparison of the scenarios"));
  table_->setTabKeyNavigation(false);
  table_->setWordWrap(false);
  figure_ = new QComboBox;
  figure_->addItems({tr("Step time, s"), tr("MFU, %"), tr("Tokens per second"), tr("Memory, GiB"),
                     tr("Power, MW")});
  figure_->setAccessibleName(tr("Figure of the chart"));
  chart_ = new QCustomPlot;
  chart_->setMinimumHeight(180);
  chart_->setAccessibleName(tr("Chart of the scenarios"));
  auto* row = new QHBoxLayout;
  auto* label = new QLabel(tr("&Chart:"));
  label->setBuddy(figure_);
  row->addWidget(label);
  row->addWidget(figure_);
  row->addStretch(1);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(table_, 2);
  layout->addLayout(row);
  layout->addWidget(chart_, 3);
  connect(figure_, &QComboBox::currentIndexChanged, this, &CompareView::draw_chart);
  connect(table_, &QTableView::activated, this, [this](const QModelIndex& index) {
    emit activated(model_->rows()[static_cast<std::size_t>(index.row())].id);
  });
}

void CompareView::show_rows(std::vector<Compared> rows) {
  model_->show_rows(std::move(rows));
  table_->resizeColumnsToContents();
  constexpr int kWidest = 320;
  table_->setColumnWidth(0, std::min(table_->columnWidth(0), kWidest));
  draw_chart();
}

void CompareView::draw_chart() {
  chart_->clearPlottables();
  const QColor ink = palette().color(QPalette::Text);
  dress(*chart_, *this);
  auto* bars = new QCPBars(chart_->xAxis, chart_->yAxis);
  auto* ranges = new QCPErrorBars(chart_->xAxis, chart_->yAxis);
  ranges->setDataPlottable(bars);
  ranges->setPen(QPen(ink, 1.5));
  ranges->setSymbolGap(0);
  bars->setPen(Qt::NoPen);
  bars->setBrush(palette().color(QPalette::Highlight));
  bars->setWidth(0.55);
  auto ticker = QSharedPointer<QCPAxisTickerText>::create();
  double top = 0;
  double x = 1;
  for (const Compared& row : model_->rows()) {
    const QString name = row.title.size() > kNameLength ? row.title.left(kNameLength / 2) + "…" +
                                                              row.title.right(kNameLength / 2)
                                                        : row.title;
    ticker->addTick(x, name);
    if (row.result) {
      const Point p = point(*row.result, figure_->currentIndex());
      bars->addData(x, p.value);
      ranges->addData(p.value - p.low, p.high - p.value);
      top = std::max(top, p.high);
    } else {
      bars->addData(x, 0);
      ranges->addData(0, 0);
    }
    x += 1;
  }
  chart_->xAxis->setTicker(ticker);
  chart_->xAxis->setRange(0.3, std::max(x, 3.0) - 0.3);
  chart_->xAxis->grid()->setVisible(false);
  chart_->yAxis->setLabel(figure_->currentText());
  chart_->yAxis->setRange(0, top > 0 ? 1.12 * top : 1);
  chart_->replot(QCustomPlot::rpQueuedReplot);
}

void CompareView::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange && chart_ != nullptr) {
    draw_chart();
  }
  QWidget::changeEvent(event);
}

}  // namespace gui
