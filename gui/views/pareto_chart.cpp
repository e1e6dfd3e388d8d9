#include "gui/views/pareto_chart.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <QEvent>
#include <QKeyEvent>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "gui/theme.hpp"
#include "gui/views/chart.hpp"

namespace gui {

namespace {

constexpr int kMostSpoken = 6;  ///< points of the front that a screen reader is told

double worse(double value, Best best) {
  return best == Best::Low ? value : -value;
}

QString figure(double value, const ChartAxis& axis) {
  return axis.text != nullptr ? axis.text(value) : QString::number(value, 'g', 4);
}

}  // namespace

std::vector<int> front_of(const std::vector<ChartPoint>& points, Best x, Best y) {
  std::vector<int> order(points.size());
  std::iota(order.begin(), order.end(), 0);
  const auto at = [&points](int i) -> const ChartPoint& {
    return points[static_cast<std::size_t>(i)];
  };
  std::erase_if(order, [&](int i) { return !at(i).good; });
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return std::pair(worse(at(a).x, x), worse(at(a).y, y)) <
           std::pair(worse(at(b).x, x), worse(at(b).y, y));
  });
  std::vector<int> front;
  double least = std::numeric_limits<double>::infinity();
  for (const int i : order) {
    if (worse(at(i).y, y) < least) {
      least = worse(at(i).y, y);
      front.push_back(i);
    }
  }
  if (x == Best::High) {
    std::reverse(front.begin(), front.end());
  }
  return front;
}

ParetoChart::ParetoChart(const QString& name, QWidget* parent) : QWidget(parent) {
  setAccessibleName(name);
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(280, 180);
  plot_ = new QCustomPlot;
  plot_->setAttribute(Qt::WA_NoSystemBackground, false);
  plot_->setFocusProxy(this);
  plot_->setFocusPolicy(Qt::ClickFocus);
  plot_->setSelectionRectMode(QCP::srmCustom);
  connect(plot_->selectionRect(), &QCPSelectionRect::accepted, this,
          [this](const QRect& frame, QMouseEvent*) { brush(frame); });
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2, 2, 2, 2);
  layout->addWidget(plot_);
  draw();
}

void ParetoChart::show_points(std::vector<ChartPoint> points, const ChartAxis& x,
                              const ChartAxis& y) {
  points_ = std::move(points);
  x_ = x;
  y_ = y;
  front_ = front_of(points_, x.best, y.best);
  std::erase_if(picked_, [this](int i) { return i >= static_cast<int>(points_.size()); });
  draw();
}

void ParetoChart::pick(const std::vector<int>& points) {
  if (points != picked_) {
    picked_ = points;
    draw();
  }
}

void ParetoChart::set_message(const QString& message) {
  message_ = message;
  draw();
}

QPoint ParetoChart::place(int point) const {
  const ChartPoint& p = points_[static_cast<std::size_t>(point)];
  return QPoint(static_cast<int>(plot_->xAxis->coordToPixel(p.x / x_.unit)),
                static_cast<int>(plot_->yAxis->coordToPixel(p.y / y_.unit)));
}

void ParetoChart::brush(const QRect& frame) {
  std::vector<int> inside;
  constexpr int kReach = 4;  // a click is a frame without a width
  const QRect around = frame.normalized().adjusted(-kReach, -kReach, kReach, kReach);
  for (int i = 0; i < static_cast<int>(points_.size()); ++i) {
    if (around.contains(place(i))) {
      inside.push_back(i);
    }
  }
  pick(inside);
  emit brushed(picked_);
}

void ParetoChart::draw() {
  plot_->clearPlottables();
  plot_->clearItems();
  dress(*plot_, *this);
  const auto add = [this](QCPScatterStyle::ScatterShape shape, const QColor& colour, double size) {
    QCPGraph* graph = plot_->addGraph();
    graph->setLineStyle(QCPGraph::lsNone);
    graph->setScatterStyle(QCPScatterStyle(shape, QPen(colour, 1.5), colour, size));
    return graph;
  };
  const QColor accent = palette().color(QPalette::Highlight);
  QCPGraph* line = plot_->addGraph();
  line->setPen(QPen(accent, 1.5));
  QCPGraph* bad = add(QCPScatterStyle::ssCross, muted_colour(palette()), 7);
  QCPGraph* good = add(QCPScatterStyle::ssDisc, muted_colour(palette()), 7);
  QCPGraph* best = add(QCPScatterStyle::ssDisc, accent, 9);
  QCPGraph* chosen = add(QCPScatterStyle::ssCircle, bad_colour(palette()), 15);
  chosen->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle,
                                          QPen(bad_colour(palette()), 2.5), Qt::NoBrush, 15));
  for (const ChartPoint& p : points_) {
    (p.good ? good : bad)->addData(p.x / x_.unit, p.y / y_.unit);
  }
  for (const int i : front_) {
    const ChartPoint& p = points_[static_cast<std::size_t>(i)];
    best->addData(p.x / x_.unit, p.y / y_.unit);
    line->addData(p.x / x_.unit, p.y / y_.unit);
  }
  for (const int i : picked_) {
    const ChartPoint& p = points_[static_cast<std::size_t>(i)];
    chosen->addData(p.x / x_.unit, p.y / y_.unit);
  }
  plot_->xAxis->setLabel(x_.label);
  plot_->yAxis->setLabel(y_.label);
  fit();
  describe();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void ParetoChart::fit() {
  for (QCPAxis* axis : {plot_->xAxis, plot_->yAxis}) {
    const double unit = axis == plot_->xAxis ? x_.unit : y_.unit;
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const ChartPoint& p : points_) {
      const double value = (axis == plot_->xAxis ? p.x : p.y) / unit;
      if (!std::isnan(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
    }
    const bool any = low <= high;
    axis->setVisible(any);
    axis->grid()->setVisible(any);
    if (any) {
      const double margin = std::max(0.08 * (high - low), 0.02 * std::abs(high) + 1e-12);
      axis->setRange(low - margin, high + margin);
    }
  }
  if (points_.empty() && !message_.isEmpty()) {
    auto* text = new QCPItemText(plot_);
    text->setText(message_);
    text->setFont(font());
    text->setColor(muted_colour(palette()));
    text->position->setType(QCPItemPosition::ptAxisRectRatio);
    text->position->setCoords(0.5, 0.5);
    text->setPositionAlignment(Qt::AlignCenter);
  }
}

void ParetoChart::describe() {
  QStringList spoken;
  for (const int i : front_) {
    if (spoken.size() == kMostSpoken) {
      break;
    }
    const ChartPoint& p = points_[static_cast<std::size_t>(i)];
    spoken << p.name + ": " + figure(p.x, x_) + ", " + figure(p.y, y_);
  }
  setAccessibleDescription(points_.empty()
                               ? message_
                               : tr("%1 against %2, %3 points, %4 picked. Nothing beats: %5")
                                     .arg(y_.label, x_.label)
                                     .arg(points_.size())
                                     .arg(picked_.size())
                                     .arg(spoken.join("; ")));
  setToolTip(accessibleDescription());
}

void ParetoChart::keyPressEvent(QKeyEvent* event) {
  const int by = event->key() == Qt::Key_Right || event->key() == Qt::Key_Down ? 1
                 : event->key() == Qt::Key_Left || event->key() == Qt::Key_Up  ? -1
                                                                               : 0;
  if (event->key() == Qt::Key_Escape) {
    pick({});
    emit brushed(picked_);
  } else if (by != 0 && !front_.empty()) {
    const auto at = std::find(front_.begin(), front_.end(), picked_.empty() ? -1 : picked_.front());
    const auto last = static_cast<std::ptrdiff_t>(front_.size()) - 1;
    const std::ptrdiff_t next =
        at == front_.end() ? 0 : std::clamp<std::ptrdiff_t>(at - front_.begin() + by, 0, last);
    pick({front_[static_cast<std::size_t>(next)]});
    emit brushed(picked_);
  } else {
    QWidget::keyPressEvent(event);
  }
}

void ParetoChart::focusInEvent(QFocusEvent* event) {
  plot_->axisRect()->setBackground(QBrush(palette().color(QPalette::AlternateBase)));
  plot_->replot(QCustomPlot::rpQueuedReplot);
  QWidget::focusInEvent(event);
}

void ParetoChart::focusOutEvent(QFocusEvent* event) {
  plot_->axisRect()->setBackground(QBrush(Qt::NoBrush));
  plot_->replot(QCustomPlot::rpQueuedReplot);
  QWidget::focusOutEvent(event);
}

void ParetoChart::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange && plot_ != nullptr) {
    draw();
  }
  QWidget::changeEvent(event);
}

}  // namespace gui
