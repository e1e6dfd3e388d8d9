#include "gui/views/compare_view.hpp"

#include <algorithm>
#include <array>

#include <QComboBox>
#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
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

/// The figures of the chart, by their names in the command's answer.
struct Charted {
  const char* figure;
  double Result::*value;
  double unit;  ///< of the axis
};
constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
constexpr std::array kCharted{Charted{"step_time_s", &Result::step_s, 1},
                              Charted{"mfu", &Result::mfu, 0.01},
                              Charted{"tokens_per_s", &Result::tokens_per_s, 1},
                              Charted{"memory_bytes", &Result::memory_bytes, kGiB},
                              Charted{"power_w", &Result::power_w, 1e6}};

Point point(const Result& r, int figure) {
  const Charted& c = kCharted.at(static_cast<std::size_t>(std::max(0, figure)));
  const double value = r.*c.value;
  const Range range = r.range(c.figure).value_or(Range{value, value});
  return {value / c.unit, range.low / c.unit, range.high / c.unit};
}

/// Of a column of the table; empty for those that hold no figure.
QString figure_of(int column) {
  switch (column) {
    case CompareModel::Step:
      return "step_time_s";
    case CompareModel::Mfu:
      return "mfu";
    case CompareModel::Tokens:
      return "tokens_per_s";
    case CompareModel::Memory:
      return "memory_bytes";
    case CompareModel::Power:
      return "power_w";
    case CompareModel::Energy:
      return "energy_j_per_step";
    case CompareModel::Gpus:
      return "gpus";
    default:
      return {};
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
  table_->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(table_, &QWidget::customContextMenuRequested, this, &CompareView::show_menu);
}

void CompareView::show_menu(const QPoint& at) {
  const QModelIndex under = table_->indexAt(at);
  const QModelIndex index = under.isValid() ? under : table_->currentIndex();
  if (!index.isValid()) {
    return;
  }
  const Compared& row = model_->rows()[static_cast<std::size_t>(index.row())];
  const auto source = row.result ? scenarios::source_of(row.result->sources,
                                                        figure_of(index.column()).toStdString())
                                 : std::nullopt;
  if (source) {
    const QString heading =
        model_->headerData(index.column(), Qt::Horizontal, Qt::DisplayRole).toString();
    const AskedFigure figure{*source, heading + " " + index.data().toString(), row.title};
    QMenu menu(this);
    menu.addAction(asking_text(), this, [this, figure] { emit asked(figure); });
    menu.exec(table_->viewport()->mapToGlobal(at));
  }
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
