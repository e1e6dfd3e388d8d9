#include "gui/calibrate/residual_plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <QComboBox>
#include <QEvent>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "gui/views/chart.hpp"
#include "gui/words.hpp"

namespace gui {

namespace {

constexpr double kEdge = 60.0;  ///< %; errors beyond are drawn at the edge, as in the HTML page
constexpr std::array kColours{"gemm", "tp_comm", "memory_bound", "pp_comm", "dp_comm", "attention"};

}  // namespace

ResidualPlot::ResidualPlot(QWidget* parent) : QWidget(parent) {
  which_ = new QComboBox;
  which_->setAccessibleName(tr("Which residuals"));
  plot_ = new QCustomPlot;
  plot_->setMinimumHeight(160);
  plot_->setAccessibleName(tr("Residuals of the fit"));
  plot_->xAxis->setScaleType(QCPAxis::stLogarithmic);
  plot_->xAxis->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
  plot_->xAxis->setNumberFormat("eb");
  plot_->xAxis->setNumberPrecision(0);
  plot_->yAxis->setLabel(tr("Predicted over measured less one, %"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(which_);
  layout->addWidget(plot_, 1);
  connect(which_, &QComboBox::currentIndexChanged, this, &ResidualPlot::draw);
  draw();
}

int ResidualPlot::plots() const {
  return which_->count();
}

void ResidualPlot::show_points(std::vector<FitPoint> points) {
  points_ = std::move(points);
  {
    const QSignalBlocker quiet(which_);
    which_->clear();
    for (const FitPoint& point : points_) {
      if (which_->findText(point.plot) < 0) {
        which_->addItem(point.plot);
      }
    }
  }
  draw();
}

void ResidualPlot::draw() {
  plot_->clearPlottables();
  dress(*plot_, *this);
  QMap<QString, QCPGraph*> series;
  double low = INFINITY;
  double high = 0;
  for (const FitPoint& point : points_) {
    if (point.plot != which_->currentText() || point.x <= 0) {
      continue;
    }
    if (!series.contains(point.series)) {
      QCPGraph* graph = plot_->addGraph();
      const QColor colour =
          part_colour(kColours[static_cast<std::size_t>(series.size()) % kColours.size()]);
      graph->setLineStyle(QCPGraph::lsNone);
      graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, colour, 5));
      graph->setName(point.series);
      series[point.series] = graph;
    }
    series[point.series]->addData(point.x, std::clamp(100 * point.error, -kEdge, kEdge));
    low = std::min(low, point.x);
    high = std::max(high, point.x);
    plot_->xAxis->setLabel(point.x_name);
  }
  plot_->legend->setVisible(!series.isEmpty());
  plot_->xAxis->setRange(low <= high ? low / 2 : 1, low <= high ? high * 2 : 10);
  plot_->yAxis->setRange(-kEdge * 1.05, kEdge * 1.05);
  plot_->setAccessibleDescription(
      tr("%1: %2 series").arg(which_->currentText()).arg(series.size()));
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void ResidualPlot::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange && plot_ != nullptr) {
    draw();
  }
  QWidget::changeEvent(event);
}

}  // namespace gui
