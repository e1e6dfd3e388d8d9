#include "gui/views/roofline_chart.hpp"

#include <algorithm>
#include <cmath>

#include <QHelpEvent>
#include <QKeyEvent>
#include <QToolTip>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "gui/theme.hpp"
#include "gui/views/chart.hpp"
#include "gui/words.hpp"

namespace gui {

namespace {

constexpr double kTera = 1e12;
constexpr int kReach = 10;       ///< pixels around a point that mean it
constexpr int kMostSpoken = 6;   ///< kernels that a screen reader is told
constexpr double kMargin = 1.8;  ///< room above the highest value, as a factor

/// The extent of values above 0.
struct Reach {
  double low = INFINITY, high = 0;
  void to(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// From the power of ten below, with ticks at 1, 2 and 5 times each power; over many powers only
  /// the first has room for its number.
  void show_on(QCPAxis& axis) const {
    constexpr double kRoomForAll = 1e3;
    const double first = std::pow(10.0, std::floor(std::log10(low)));
    const bool all = high * kMargin <= kRoomForAll * first;
    const auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    for (double decade = first; decade < high * kMargin; decade *= 10) {
      for (const double step : {1, 2, 5}) {
        ticker->addTick(step * decade,
                        all || step == 1 ? QString::number(step * decade, 'g', 6) : QString());
      }
    }
    axis.setTicker(ticker);
    axis.setRange(first, high * kMargin);
  }
};

QCPScatterStyle::ScatterShape shape_of(const QString& phase) {
  return phase == "forward"    ? QCPScatterStyle::ssCircle
         : phase == "backward" ? QCPScatterStyle::ssSquare
                               : QCPScatterStyle::ssTriangle;
}

}  // namespace

QString kernel_text(const Kernel& k) {
  const QString speed = k.flops > 0 ? RooflineChart::tr("%1 at %2 FLOP/byte")
                                          .arg(flop_rate_text(k.flops / k.seconds))
                                          .arg(k.flops / k.bytes, 0, 'g', 3)
                                    : bandwidth_text(k.bytes / k.seconds);
  return RooflineChart::tr("%1, %2: %3; %4 in a step, %5 calls%6")
      .arg(kernel_name(k.name), part_name(k.phase), speed, time_text(k.seconds),
           count_text(std::round(k.calls)), k.shape.isEmpty() ? QString() : " (" + k.shape + ")");
}

namespace {
QString roof_text(const Roof& roof, const Roofline& of) {
  return RooflineChart::tr("%1 in %2, %3 of memory")
      .arg(flop_rate_text(roof.flops_per_s), roof.precision, bandwidth_text(of.memory_bytes_per_s));
}
}  // namespace

RooflineChart::RooflineChart(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Roofline"));
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(320, 200);
  plot_ = new QCustomPlot;
  plot_->setFocusProxy(this);
  for (QCPAxis* axis : {plot_->xAxis, plot_->yAxis}) {
    axis->setScaleType(QCPAxis::stLogarithmic);
  }
  plot_->xAxis->setLabel(tr("FLOP per byte of device memory"));
  plot_->yAxis->setLabel(tr("TFLOP/s of one accelerator"));
  connect(plot_, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
    setFocus();
    choose(near(plot_->mapTo(this, event->pos())));
  });
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2, 2, 2, 2);
  layout->addWidget(plot_);
  draw();
}

void RooflineChart::show_roofline(std::shared_ptr<const Result> result) {
  result_ = std::move(result);
  points_.clear();
  picked_ = -1;
  if (result_ != nullptr) {
    const std::vector<Kernel>& kernels = result_->roofline.kernels;
    for (int i = 0; i < static_cast<int>(kernels.size()); ++i) {
      const Kernel& k = kernels[static_cast<std::size_t>(i)];
      if (k.flops > 0 && k.bytes > 0 && k.seconds > 0) {
        points_.push_back(i);
      }
    }
  }
  draw();
}

void RooflineChart::pick(int kernel) {
  const int wanted =
      std::find(points_.begin(), points_.end(), kernel) == points_.end() ? -1 : kernel;
  if (wanted != picked_) {
    picked_ = wanted;
    draw();
  }
}

void RooflineChart::choose(int kernel) {
  pick(kernel);
  emit picked_changed(picked_);
}

QPoint RooflineChart::in_plot(int kernel) const {
  const Kernel& k = result_->roofline.kernels[static_cast<std::size_t>(kernel)];
  return {static_cast<int>(plot_->xAxis->coordToPixel(k.flops / k.bytes)),
          static_cast<int>(plot_->yAxis->coordToPixel(k.flops / k.seconds / kTera))};
}

QPoint RooflineChart::place(int kernel) const {
  return plot_->mapTo(this, in_plot(kernel));
}

int RooflineChart::near(const QPoint& at) const {
  int best = -1;
  int distance = kReach + 1;
  for (const int kernel : points_) {
    const int d = (place(kernel) - at).manhattanLength();
    if (d < distance) {
      best = kernel;
      distance = d;
    }
  }
  return best;
}

void RooflineChart::draw() {
  plot_->clearPlottables();
  plot_->clearItems();
  dress(*plot_, *this);
  fit();
  if (!points_.empty()) {
    draw_roofs();
    draw_points();
    label_points();
  }
  QStringList spoken;
  for (const int kernel : points_) {
    if (spoken.size() < kMostSpoken) {
      spoken << kernel_text(result_->roofline.kernels[static_cast<std::size_t>(kernel)]);
    }
  }
  setAccessibleDescription(
      picked_ >= 0 ? kernel_text(result_->roofline.kernels[static_cast<std::size_t>(picked_)])
                   : spoken.join(". "));
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

/// All points, and the ridge of the highest roof, where the slope meets the peak.
void RooflineChart::fit() {
  const bool any = !points_.empty();
  for (QCPAxis* axis : {plot_->xAxis, plot_->yAxis}) {
    axis->setVisible(any);
    axis->grid()->setVisible(any);
  }
  if (!any) {
    return;
  }
  const Roofline& r = result_->roofline;
  Reach x;
  Reach y;
  for (const int kernel : points_) {
    const Kernel& k = r.kernels[static_cast<std::size_t>(kernel)];
    x.to(k.flops / k.bytes);
    y.to(k.flops / k.seconds / kTera);
  }
  for (const Roof& roof : r.roofs) {
    x.to(roof.flops_per_s / r.memory_bytes_per_s);
    y.to(roof.flops_per_s / kTera);
  }
  x.show_on(*plot_->xAxis);
  y.show_on(*plot_->yAxis);
}

void RooflineChart::draw_roofs() {
  const Roofline& r = result_->roofline;
  const QColor ink = muted_colour(palette());
  for (const Roof& roof : r.roofs) {
    const double peak = roof.flops_per_s / kTera;
    const double slope = r.memory_bytes_per_s / kTera;
    const double left = plot_->xAxis->range().lower;
    QCPGraph* line = plot_->addGraph();
    line->setPen(QPen(ink, 2));
    line->setData({std::min(left, peak / slope), peak / slope, plot_->xAxis->range().upper},
                  {std::min(left, peak / slope) * slope, peak, peak}, true);
    auto* text = new QCPItemText(plot_);
    text->setText(roof_text(roof, r));
    text->setFont(font());
    text->setColor(ink);
    text->position->setCoords(plot_->xAxis->range().upper, peak);
    text->setPositionAlignment(Qt::AlignRight | Qt::AlignBottom);
    text->setPadding(QMargins(0, 0, 6, 2));
  }
}

void RooflineChart::draw_points() {
  const auto mark = [this](const Kernel& k, const QCPScatterStyle& style) {
    QCPGraph* graph = plot_->addGraph();
    graph->setLineStyle(QCPGraph::lsNone);
    graph->setScatterStyle(style);
    graph->addData(k.flops / k.bytes, k.flops / k.seconds / kTera);
  };
  const std::vector<Kernel>& kernels = result_->roofline.kernels;
  // The longest last, on top of the others.
  for (auto kernel = points_.rbegin(); kernel != points_.rend(); ++kernel) {
    const Kernel& k = kernels[static_cast<std::size_t>(*kernel)];
    const QColor colour = part_colour(k.part);
    mark(k,
         QCPScatterStyle(shape_of(k.phase), QPen(palette().color(QPalette::Base), 1), colour, 10));
  }
  if (picked_ >= 0) {
    mark(kernels[static_cast<std::size_t>(picked_)],
         QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(bad_colour(palette()), 2.5), Qt::NoBrush,
                         17));
  }
}

/// Names, longest time first, where neither a point nor another name is yet.
void RooflineChart::label_points() {
  constexpr int kBeside = 9;
  const QFontMetrics metrics(font());
  std::vector<QRect> taken;
  for (const int kernel : points_) {
    const QPoint at = in_plot(kernel);
    taken.emplace_back(at - QPoint(6, 6), QSize(12, 12));
  }
  const QRect frame = plot_->axisRect()->rect();
  for (const Roof& roof : result_->roofline.roofs) {  // the lines, and the name above the end
    const int y = static_cast<int>(plot_->yAxis->coordToPixel(roof.flops_per_s / kTera));
    const int width = metrics.horizontalAdvance(roof_text(roof, result_->roofline)) + 12;
    taken.emplace_back(frame.right() - width, y - metrics.height() - 4, width,
                       metrics.height() + 4);
    taken.emplace_back(frame.left(), y - 1, frame.width(), 3);
    constexpr int kPiece = 6;  // pixels of the slope
    const double slope = result_->roofline.memory_bytes_per_s / kTera;
    for (int x = frame.left(); x < frame.right(); x += kPiece) {
      const double level = slope * plot_->xAxis->pixelToCoord(x);
      if (level < roof.flops_per_s / kTera) {
        const int at = static_cast<int>(plot_->yAxis->coordToPixel(level));
        taken.emplace_back(x, at - kPiece, kPiece, 2 * kPiece);
      }
    }
  }
  for (const int kernel : points_) {
    const Kernel& k = result_->roofline.kernels[static_cast<std::size_t>(kernel)];
    const QString name = kernel_name(k.name) + ", " + part_name(k.phase);
    const QSize size(metrics.horizontalAdvance(name), metrics.height());
    const QPoint at = in_plot(kernel);
    for (const QPoint& corner : {at + QPoint(kBeside, -size.height() / 2),
                                 at + QPoint(-kBeside - size.width(), -size.height() / 2),
                                 at + QPoint(-size.width() / 2, kBeside),
                                 at + QPoint(-size.width() / 2, -kBeside - size.height())}) {
      const QRect room(corner, size);
      if (!frame.contains(room) || std::any_of(taken.begin(), taken.end(), [&](const QRect& other) {
            return other.intersects(room);
          })) {
        continue;
      }
      taken.push_back(room);
      auto* text = new QCPItemText(plot_);
      text->setText(name);
      text->setFont(font());
      text->setColor(palette().color(QPalette::Text));
      text->position->setType(QCPItemPosition::ptAbsolute);
      text->position->setCoords(corner);
      text->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
      break;
    }
  }
}

void RooflineChart::keyPressEvent(QKeyEvent* event) {
  const int by = event->key() == Qt::Key_Right || event->key() == Qt::Key_Down ? 1
                 : event->key() == Qt::Key_Left || event->key() == Qt::Key_Up  ? -1
                                                                               : 0;
  if (event->key() == Qt::Key_Escape) {
    choose(-1);
  } else if (by != 0 && !points_.empty()) {
    const auto at = std::find(points_.begin(), points_.end(), picked_);
    const auto last = static_cast<std::ptrdiff_t>(points_.size()) - 1;
    const std::ptrdiff_t next =
        at == points_.end() ? 0 : std::clamp<std::ptrdiff_t>(at - points_.begin() + by, 0, last);
    choose(points_[static_cast<std::size_t>(next)]);
  } else {
    QWidget::keyPressEvent(event);
  }
}

bool RooflineChart::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) {
    return QWidget::event(event);
  }
  const auto* help = static_cast<QHelpEvent*>(event);
  const int kernel = near(help->pos());
  if (kernel >= 0) {
    QToolTip::showText(help->globalPos(),
                       kernel_text(result_->roofline.kernels[static_cast<std::size_t>(kernel)]),
                       this);
  } else {
    QToolTip::hideText();
  }
  return true;
}

void RooflineChart::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  plot_->replot();  // gives the axes their new places, which labels are put beside
  draw();
}

void RooflineChart::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange && plot_ != nullptr) {
    draw();
  }
  QWidget::changeEvent(event);
}

}  // namespace gui
