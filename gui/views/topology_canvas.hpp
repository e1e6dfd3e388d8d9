#pragma once
// Draws a TopologyScene at any zoom: groups, nodes or single GPUs, coloured by the load of their
// busiest link. Only what a pixel can show is drawn, so a frame takes milliseconds at 100,000 GPUs.
// Cables are drawn for the selection only: thousands of lines tell what was drawn last, not what is
// loaded.
#include <memory>
#include <optional>

#include "gui/views/canvas.hpp"
#include "gui/views/topology_scene.hpp"

namespace gui {

class TopologyCanvas : public Canvas {
  Q_OBJECT
 public:
  explicit TopologyCanvas(QWidget* parent = nullptr);

  void show_scene(std::shared_ptr<const TopologyScene> scene);
  [[nodiscard]] const TopologyScene* scene() const { return scene_.get(); }
  void set_highlight(RankGroup group);
  void select(std::optional<Device> device);
  [[nodiscard]] std::optional<Device> selection() const { return selection_; }
  /// What is known of the selection, or of the whole: for the panel and for screen readers.
  [[nodiscard]] QString facts() const;

  void fit();
  void zoom(double factor);
  void zoom_at(QPointF point, double factor);
  [[nodiscard]] double scale() const { return scale_; }
  [[nodiscard]] double fitting_scale() const;
  [[nodiscard]] QPointF to_view(QPointF scene_point) const {
    return (scene_point - origin_) * scale_;
  }
  [[nodiscard]] QPointF to_scene(QPointF view_point) const { return view_point / scale_ + origin_; }

 signals:
  void selection_changed();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void forget() override;
  [[nodiscard]] QString tip_at(const QPoint& place) const override;

 private:
  class Frame;
  [[nodiscard]] QString facts(const Device& device) const;
  void step(int by);

  std::shared_ptr<const TopologyScene> scene_;
  double scale_ = 1.0;
  QPointF origin_;
  bool fitted_ = true;  ///< follows the window's size until one zooms or pans
  QPointF press_, drag_;
  bool dragged_ = false;
  std::optional<Device> selection_;
  RankGroup highlight_ = RankGroup::None;
};

}  // namespace gui
