#pragma once
// A step as a Gantt chart: a row per stage and stream. Where a pixel covers many spans it shows
// their fractions, blended; single spans appear when they are wide enough to be seen.
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include <QImage>

#include "gui/views/canvas.hpp"
#include "gui/views/trace.hpp"

namespace gui {

class TimelineCanvas : public Canvas {
  Q_OBJECT
 public:
  explicit TimelineCanvas(QWidget* parent = nullptr);

  void show_trace(std::shared_ptr<const Trace> trace);
  [[nodiscard]] const Trace* trace() const { return trace_.get(); }

  void fit();
  /// Zooms in time by `factor` about the pixel column `x`.
  void zoom_at(double x, double factor);
  void pan(double share);  ///< of the visible time
  [[nodiscard]] std::pair<double, double> visible() const { return {from_, to_}; }  ///< ns
  void set_visible(double from, double to);
  void select(double from, double to);  ///< ns
  void clear_selection();
  /// Shows a span, what it waited for and what waited for it.
  void pick(std::optional<SpanPlace> place);
  [[nodiscard]] const std::optional<SpanPlace>& picked() const { return picked_; }
  /// Picks the next span whose name or row holds `words` and brings it into view.
  bool find(const QString& words);
  /// Where the time of the selection, or of the whole step, goes.
  [[nodiscard]] QString facts() const;

 signals:
  void selection_changed();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void forget() override;
  [[nodiscard]] QString tip_at(const QPoint& place) const override;

 private:
  [[nodiscard]] QRect plot() const;  ///< without names and axis
  [[nodiscard]] double row_height() const;
  [[nodiscard]] double time_at(double x) const;
  [[nodiscard]] double x_of(double time) const;
  void draw_axis(QPainter& painter) const;
  void draw_names(QPainter& painter) const;
  /// Whether spans are too narrow on average to be drawn one by one.
  [[nodiscard]] bool crowded(std::size_t first, std::size_t last) const;
  void draw_summary(QPainter& painter, std::size_t first, std::size_t last);
  void draw_spans(QPainter& painter, std::size_t first, std::size_t last) const;
  void draw_selection(QPainter& painter) const;
  void draw_picked(QPainter& painter) const;
  [[nodiscard]] QRectF box_of(const SpanPlace& place) const;
  [[nodiscard]] std::optional<SpanPlace> span_at(QPointF point) const;
  [[nodiscard]] QString span_text(const SpanPlace& place) const;
  [[nodiscard]] QString picked_facts() const;
  void scroll_rows(double by);

  std::shared_ptr<const Trace> trace_;
  double from_ = 0, to_ = 1;
  double first_row_ = 0;  ///< at the top, with many rows
  QImage pixels_;
  std::array<bool, kWorks> present_{};  ///< kinds of work that the legend names
  std::optional<std::pair<double, double>> selection_;
  std::optional<SpanPlace> picked_;
  double press_ = 0, drag_ = 0;
  enum class Drag { None, Pan, Select } dragging_ = Drag::None;
};

}  // namespace gui
