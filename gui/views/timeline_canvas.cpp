#include "gui/views/timeline_canvas.hpp"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include "gui/theme.hpp"
#include "gui/words.hpp"

namespace gui {

namespace {

constexpr int kNames = 130, kAxis = 26, kRight = 10, kBottom = 26;
constexpr double kSmallestRow = 4, kLargestRow = 34;
constexpr double kShortest = 100;          ///< ns that the view shows at least
constexpr std::size_t kCrowdedPixels = 8;  ///< spans narrower than that on average are blended
constexpr int kTextWidth = 34;             ///< pixels from which a span shows its name

/// The colours of the kinds of work in `row`, each by its share of the pixel; the rest is
/// background.
QRgb blend(const TraceRow& row, const float* busy, float per_ns,
           const std::array<QRgb, kWorks>& colours, QRgb background) {
  float red = 0;
  float green = 0;
  float blue = 0;
  float all = 0;
  for (const Work work : row.works()) {
    const float share = *busy++ * per_ns;
    const QRgb colour = colours[static_cast<std::size_t>(work)];
    red += share * static_cast<float>(qRed(colour));
    green += share * static_cast<float>(qGreen(colour));
    blue += share * static_cast<float>(qBlue(colour));
    all += share;
  }
  if (all <= 0) {
    return background;
  }
  const float scale = all > 1 ? 1 / all : 1;
  const float rest = std::max(0.0F, 1 - all);
  const auto mix = [&](float colour, int back) {
    return std::min(255, static_cast<int>(colour * scale + rest * static_cast<float>(back)));
  };
  return qRgb(mix(red, qRed(background)), mix(green, qGreen(background)),
              mix(blue, qBlue(background)));
}

std::array<QRgb, kWorks> work_colours() {
  std::array<QRgb, kWorks> colours{};
  for (std::size_t w = 0; w < kWorks; ++w) {
    colours[w] = part_colour(key_of(static_cast<Work>(w))).rgb();
  }
  return colours;
}

/// 1, 2 or 5 times a power of ten, at least `least`.
double round_step(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least) {
      return factor * power;
    }
  }
  return 10 * power;
}

constexpr double kSecond = 1e9;  // ns

}  // namespace

TimelineCanvas::TimelineCanvas(QWidget* parent)
    : Canvas(tr("Timeline of the step"), {360, 200}, parent) {}

void TimelineCanvas::show_trace(std::shared_ptr<const Trace> trace) {
  const bool same_length = trace_ && trace && trace_->end == trace->end;
  trace_ = std::move(trace);
  picked_.reset();
  present_.fill(false);
  for (std::size_t r = 0; trace_ && r < trace_->rows.size(); ++r) {
    for (const Work work : trace_->rows[r].works()) {
      present_[static_cast<std::size_t>(work)] = true;
    }
  }
  if (!same_length) {
    selection_.reset();
    fit();
  }
  setAccessibleDescription(facts());
  update();
  emit selection_changed();
}

void TimelineCanvas::forget() {
  trace_.reset();
  selection_.reset();
  picked_.reset();
}

QRect TimelineCanvas::plot() const {
  return {kNames, kAxis, std::max(1, width() - kNames - kRight),
          std::max(1, height() - kAxis - kBottom)};
}

double TimelineCanvas::row_height() const {
  const auto rows = static_cast<double>(trace_->rows.size());
  return std::clamp(plot().height() / std::max(rows, 1.0), kSmallestRow, kLargestRow);
}

double TimelineCanvas::time_at(double x) const {
  return from_ + (x - plot().left()) / plot().width() * (to_ - from_);
}
double TimelineCanvas::x_of(double time) const {
  return plot().left() + (time - from_) / (to_ - from_) * plot().width();
}

void TimelineCanvas::fit() {
  set_visible(0, trace_ ? static_cast<double>(std::max<std::int64_t>(trace_->end, 1)) : 1);
  first_row_ = 0;
}

void TimelineCanvas::set_visible(double from, double to) {
  const double whole = trace_ ? static_cast<double>(std::max<std::int64_t>(trace_->end, 1)) : 1;
  const double span = std::clamp(to - from, std::min(kShortest, whole), whole);
  from_ = std::clamp(from, 0.0, whole - span);
  to_ = from_ + span;
  update();
}

void TimelineCanvas::zoom_at(double x, double factor) {
  const double fixed = time_at(x);
  const double span = (to_ - from_) / factor;
  const double share = (fixed - from_) / (to_ - from_);
  set_visible(fixed - share * span, fixed + (1 - share) * span);
}

void TimelineCanvas::pan(double share) {
  const double by = share * (to_ - from_);
  set_visible(from_ + by, to_ + by);
}

void TimelineCanvas::scroll_rows(double by) {
  if (trace_) {
    const double most =
        std::max(0.0, static_cast<double>(trace_->rows.size()) - plot().height() / row_height());
    first_row_ = std::clamp(first_row_ + by, 0.0, most);
    update();
  }
}

void TimelineCanvas::select(double from, double to) {
  selection_ = std::minmax(from, to);
  setAccessibleDescription(facts());
  update();
  emit selection_changed();
}

void TimelineCanvas::clear_selection() {
  selection_.reset();
  picked_.reset();
  setAccessibleDescription(facts());
  update();
  emit selection_changed();
}

QString TimelineCanvas::facts() const {
  if (!trace_) {
    return message();
  }
  if (picked_) {
    return picked_facts();
  }
  const double from = selection_ ? selection_->first : 0;
  const double to = selection_ ? selection_->second : static_cast<double>(trace_->end);
  Totals sum{};
  for (const TraceRow& row : trace_->rows) {
    const Totals one = row.totals(static_cast<std::int64_t>(from), static_cast<std::int64_t>(to));
    for (std::size_t w = 0; w < kWorks; ++w) {
      sum[w] += one[w];
    }
  }
  QString text = selection_ ? tr("Selected: %1 from %2")
                                  .arg(time_text((to - from) / kSecond), time_text(from / kSecond))
                            : tr("The whole step: %1, %2 spans")
                                  .arg(time_text(to / kSecond),
                                       count_text(static_cast<double>(trace_->spans())));
  const double all = (to - from) * static_cast<double>(trace_->rows.size());
  for (std::size_t w = 0; w < kWorks; ++w) {
    if (sum[w] > 0) {
      text += "\n" + tr("%1: %2 over all rows (%3)")
                         .arg(part_name(key_of(static_cast<Work>(w))), time_text(sum[w] / kSecond),
                              percent_text(sum[w] / std::max(all, 1.0)));
    }
  }
  return text;
}

void TimelineCanvas::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  if (!trace_ || trace_->rows.empty()) {
    return draw_message(painter);
  }
  painter.fillRect(rect(), palette().color(QPalette::Base));
  const auto rows = trace_->rows.size();
  const auto first = static_cast<std::size_t>(first_row_);
  const auto fitting = static_cast<std::size_t>(std::ceil(plot().height() / row_height())) + 1;
  const std::size_t last = std::min(rows, first + fitting);
  painter.save();
  painter.setClipRect(plot());
  if (crowded(first, last)) {
    draw_summary(painter, first, last);
  } else {
    draw_spans(painter, first, last);
  }
  draw_selection(painter);
  draw_picked(painter);
  painter.restore();
  draw_axis(painter);
  draw_names(painter);
  if (hasFocus()) {
    painter.setPen(palette().color(QPalette::Highlight));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

bool TimelineCanvas::crowded(std::size_t first, std::size_t last) const {
  const auto from = static_cast<std::int64_t>(from_);
  const auto to = static_cast<std::int64_t>(to_);
  std::size_t spans = 0;
  for (std::size_t r = first; r < last; ++r) {
    spans += trace_->rows[r].first_after(to) - trace_->rows[r].first_after(from);
  }
  return spans * kCrowdedPixels > static_cast<std::size_t>(plot().width()) * (last - first);
}

void TimelineCanvas::draw_summary(QPainter& painter, std::size_t first, std::size_t last) {
  const QRect area = plot();
  if (pixels_.size() != area.size()) {
    pixels_ = QImage(area.size(), QImage::Format_RGB32);
  }
  static const std::array<QRgb, kWorks> colours = work_colours();
  const QRgb background = palette().color(QPalette::Base).rgb();
  pixels_.fill(background);
  const double pixel = (to_ - from_) / area.width();
  const double height = row_height();
  const int gap = height >= 8 ? 2 : height >= 5 ? 1 : 0;
  std::vector<float> busy;
  std::vector<QRgb> line(static_cast<std::size_t>(area.width()));
  for (std::size_t r = first; r < last; ++r) {
    const TraceRow& row = trace_->rows[r];
    row.sample(from_, pixel, area.width(), busy);
    for (std::size_t x = 0; x < line.size(); ++x) {
      line[x] = blend(row, busy.data() + x * row.works().size(), static_cast<float>(1 / pixel),
                      colours, background);
    }
    const double top = (static_cast<double>(r) - first_row_) * height;
    const int end = std::min(static_cast<int>(top + height) - gap, area.height());
    for (int y = std::max(0, static_cast<int>(top)); y < end; ++y) {
      std::copy(line.begin(), line.end(), reinterpret_cast<QRgb*>(pixels_.scanLine(y)));
    }
  }
  painter.drawImage(area.topLeft(), pixels_);
}

void TimelineCanvas::draw_spans(QPainter& painter, std::size_t first, std::size_t last) const {
  static const std::array<QRgb, kWorks> colours = work_colours();
  const double height = row_height();
  const double gap = height >= 8 ? 2 : height >= 5 ? 1 : 0;
  QFont font = this->font();
  font.setPixelSize(static_cast<int>(std::clamp(height * 0.55, 6.0, 12.0)));
  painter.setFont(font);
  for (std::size_t r = first; r < last; ++r) {
    const TraceRow& row = trace_->rows[r];
    const double y = plot().top() + (static_cast<double>(r) - first_row_) * height;
    for (std::size_t i = row.first_after(static_cast<std::int64_t>(from_));
         i < row.spans.size() && static_cast<double>(row.spans[i].begin) < to_; ++i) {
      const TraceSpan& span = row.spans[i];
      const QRectF box(QPointF(x_of(static_cast<double>(span.begin)), y),
                       QPointF(x_of(static_cast<double>(span.end)), y + height - gap));
      const QColor colour = QColor::fromRgb(colours[static_cast<std::size_t>(span.work)]);
      painter.fillRect(box, colour);
      if (box.width() > kTextWidth && height >= 12) {
        const QRectF text = box.intersected(QRectF(plot())).adjusted(3, 0, -3, 0);
        painter.setPen(ink_on(colour));
        painter.drawText(text, Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(
                             part_name(trace_->names[static_cast<std::size_t>(span.name)]),
                             Qt::ElideRight, static_cast<int>(text.width())));
      }
    }
  }
}

void TimelineCanvas::draw_selection(QPainter& painter) const {
  if (!selection_) {
    return;
  }
  QColor colour = palette().color(QPalette::Highlight);
  const QRectF box(QPointF(x_of(selection_->first), plot().top()),
                   QPointF(x_of(selection_->second), plot().bottom()));
  painter.setPen(QPen(colour, 2));
  colour.setAlpha(50);
  painter.setBrush(colour);
  painter.drawRect(box);
}

QRectF TimelineCanvas::box_of(const SpanPlace& place) const {
  const TraceSpan& span = trace_->at(place);
  const double y = plot().top() + (static_cast<double>(place.row) - first_row_) * row_height();
  return {QPointF(x_of(static_cast<double>(span.begin)), y),
          QPointF(x_of(static_cast<double>(span.end)), y + row_height() - 1)};
}

/// Arrows from the ends of what the span waited for to its begin, and onwards.
void TimelineCanvas::draw_picked(QPainter& painter) const {
  if (!picked_) {
    return;
  }
  painter.setRenderHint(QPainter::Antialiasing);
  const QPen pen(bad_colour(palette()), 2);
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  const QRectF box = box_of(*picked_);
  painter.drawRect(box);
  const auto arrow = [&](QPointF from, QPointF to) {
    painter.drawLine(from, to);
    const double down = to.y() > from.y() ? -1 : 1;
    painter.drawLine(to, to + QPointF(-4, 6 * down));
    painter.drawLine(to, to + QPointF(4, 6 * down));
  };
  for (const SpanPlace& before : trace_->waited_for(*picked_)) {
    if (before.row != picked_->row) {
      arrow({box.left(), box_of(before).center().y()}, {box.left(), box.center().y()});
    }
  }
  for (const SpanPlace& later : trace_->waited_for_it(*picked_)) {
    if (later.row != picked_->row) {
      arrow({box.right(), box.center().y()}, {box.right(), box_of(later).center().y()});
    }
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
}

std::optional<SpanPlace> TimelineCanvas::span_at(QPointF point) const {
  const double row = first_row_ + (point.y() - kAxis) / row_height();
  if (!trace_ || !plot().contains(point.toPoint()) || row < 0 ||
      row >= static_cast<double>(trace_->rows.size())) {
    return std::nullopt;
  }
  const auto r = static_cast<std::size_t>(row);
  const auto time = static_cast<std::int64_t>(time_at(point.x()));
  const std::size_t i = trace_->rows[r].first_after(time);
  const auto& spans = trace_->rows[r].spans;
  return i < spans.size() && spans[i].begin <= time ? std::optional(SpanPlace{r, i}) : std::nullopt;
}

QString TimelineCanvas::span_text(const SpanPlace& place) const {
  const TraceSpan& span = trace_->at(place);
  return tr("%1: %2, %3 from %4")
      .arg(trace_->rows[place.row].label,
           part_name(trace_->names[static_cast<std::size_t>(span.name)]),
           time_text(static_cast<double>(span.end - span.begin) / kSecond),
           time_text(static_cast<double>(span.begin) / kSecond));
}

QString TimelineCanvas::picked_facts() const {
  QStringList lines{span_text(*picked_)};
  constexpr std::size_t kMost = 2;
  const auto list = [&](const QString& title, const std::vector<SpanPlace>& places) {
    for (std::size_t i = 0; i < std::min(places.size(), kMost); ++i) {
      lines << title + " " + span_text(places[i]) +
                   (i + 1 == kMost && places.size() > kMost
                        ? tr(" and %1 more").arg(places.size() - kMost)
                        : QString());
    }
  };
  list(tr("began as this ended:"), trace_->waited_for(*picked_));
  list(tr("as it ended, this began:"), trace_->waited_for_it(*picked_));
  return lines.join('\n');
}

void TimelineCanvas::pick(std::optional<SpanPlace> place) {
  picked_ = place;
  setAccessibleDescription(facts());
  update();
  emit selection_changed();
}

bool TimelineCanvas::find(const QString& words) {
  const auto found = trace_ ? trace_->find(words, picked_) : std::nullopt;
  if (!found) {
    return false;
  }
  const TraceSpan& span = trace_->at(*found);
  const auto begin = static_cast<double>(span.begin);
  const auto end = static_cast<double>(span.end);
  constexpr double kMargin = 12;  // spans' lengths to each side, so that it is seen among others
  if (begin < from_ || end > to_ || (end - begin) < (to_ - from_) / plot().width() * 4) {
    const double margin = kMargin * std::max(end - begin, 1.0);
    set_visible(begin - margin, end + margin);
  }
  const double rows = plot().height() / row_height();
  const auto row = static_cast<double>(found->row);
  if (row < first_row_ || row + 1 > first_row_ + rows) {
    scroll_rows(row - first_row_ - rows / 2);
  }
  pick(found);
  return true;
}

void TimelineCanvas::draw_axis(QPainter& painter) const {
  QFont font = this->font();
  font.setPixelSize(12);
  painter.setFont(font);
  const double step = round_step((to_ - from_) / std::max(1, plot().width() / 110));
  for (double time = std::ceil(from_ / step) * step; time <= to_; time += step) {
    const double x = x_of(time);
    painter.setPen(palette().color(QPalette::Mid));
    painter.drawLine(QPointF(x, kAxis - 4), QPointF(x, kAxis));
    painter.setPen(palette().color(QPalette::Text));
    const QString text = time == 0 ? QString("0") : time_text(time / kSecond);
    const int width = painter.fontMetrics().horizontalAdvance(text);
    const double left = std::min(x - width / 2.0, this->width() - width - 4.0);
    painter.drawText(QPointF(left, kAxis - 9), text);
  }
}

void TimelineCanvas::draw_names(QPainter& painter) const {
  const double height = row_height();
  QFont font = this->font();
  font.setPixelSize(static_cast<int>(std::clamp(height * 0.7, 7.0, 12.0)));
  painter.setFont(font);
  painter.setPen(palette().color(QPalette::Text));
  painter.setClipRect(QRect(0, kAxis, kNames, plot().height()));
  // Rows lower than a line of text show every so many names.
  const int every = std::max(1, static_cast<int>(std::ceil(10.0 / height)));
  for (std::size_t r = 0; r < trace_->rows.size(); r += static_cast<std::size_t>(every)) {
    const double y = kAxis + (static_cast<double>(r) - first_row_) * height;
    const QRectF box(6, y, kNames - 12, height * every);
    painter.drawText(box, Qt::AlignVCenter | Qt::AlignLeft,
                     painter.fontMetrics().elidedText(trace_->rows[r].label, Qt::ElideRight,
                                                      static_cast<int>(box.width())));
  }
  painter.setClipping(false);
  font.setPixelSize(12);
  painter.setFont(font);
  double x = kNames;
  for (std::size_t w = 0; w + 1 < kWorks; ++w) {
    if (!present_[w]) {
      continue;
    }
    const QString key = key_of(static_cast<Work>(w));
    const QString text = part_name(key);
    const double text_width = painter.fontMetrics().horizontalAdvance(text);
    if (x + text_width + 18 > width()) {
      break;
    }
    painter.fillRect(QRectF(x, this->height() - 18, 10, 10), part_colour(key));
    painter.drawText(QPointF(x + 14, this->height() - 8), text);
    x += text_width + 30;
  }
}

void TimelineCanvas::wheelEvent(QWheelEvent* event) {
  if (event->modifiers() & Qt::ShiftModifier) {
    pan(-event->angleDelta().y() / 1200.0);
  } else if (event->modifiers() & Qt::ControlModifier) {
    scroll_rows(-event->angleDelta().y() / 120.0);
  } else {
    zoom_at(event->position().x(), std::pow(1.0015, event->angleDelta().y()));
  }
}

void TimelineCanvas::mousePressEvent(QMouseEvent* event) {
  press_ = drag_ = event->position().x();
  dragging_ = event->button() == Qt::LeftButton && !(event->modifiers() & Qt::ShiftModifier)
                  ? Drag::Select
                  : Drag::Pan;
}

void TimelineCanvas::mouseMoveEvent(QMouseEvent* event) {
  if (!trace_ || event->buttons() == Qt::NoButton) {
    return;
  }
  const double x = event->position().x();
  if (dragging_ == Drag::Pan) {
    pan((drag_ - x) / plot().width());
    drag_ = x;
  } else if (std::abs(x - press_) > 3) {
    select(time_at(press_), time_at(x));
  }
}

void TimelineCanvas::mouseReleaseEvent(QMouseEvent* event) {
  if (dragging_ == Drag::Select && std::abs(event->position().x() - press_) <= 3) {
    selection_.reset();
    pick(span_at(event->position()));
  }
  dragging_ = Drag::None;
}

void TimelineCanvas::keyPressEvent(QKeyEvent* event) {
  const double centre = plot().center().x();
  switch (event->key()) {
    case Qt::Key_W:
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom_at(centre, 1.5);
    case Qt::Key_S:
    case Qt::Key_Minus:
      return zoom_at(centre, 1 / 1.5);
    case Qt::Key_A:
    case Qt::Key_Left:
      return pan(-0.1);
    case Qt::Key_D:
    case Qt::Key_Right:
      return pan(0.1);
    case Qt::Key_Up:
      return scroll_rows(-1);
    case Qt::Key_Down:
      return scroll_rows(1);
    case Qt::Key_0:
      return fit();
    case Qt::Key_Escape:
      return clear_selection();
    default:
      Canvas::keyPressEvent(event);
  }
}

QString TimelineCanvas::tip_at(const QPoint& place) const {
  const double row = first_row_ + (place.y() - kAxis) / row_height();
  if (!trace_ || row < 0 || row >= static_cast<double>(trace_->rows.size()) ||
      !plot().contains(place)) {
    return {};
  }
  const TraceRow& at = trace_->rows[static_cast<std::size_t>(row)];
  const auto time = static_cast<std::int64_t>(time_at(place.x()));
  const std::size_t i = at.first_after(time);
  if (i >= at.spans.size() || at.spans[i].begin > time) {
    return tr("%1: idle at %2").arg(at.label, time_text(static_cast<double>(time) / kSecond));
  }
  const auto& span = at.spans[i];
  return tr("%1: %2, %3 from %4")
      .arg(at.label, part_name(trace_->names[static_cast<std::size_t>(span.name)]),
           time_text(static_cast<double>(span.end - span.begin) / kSecond),
           time_text(static_cast<double>(span.begin) / kSecond));
}

}  // namespace gui
