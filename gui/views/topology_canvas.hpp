#pragma once
// Draws a TopologyScene at any zoom: groups, nodes or single GPUs, coloured by the load of their
// busiest link. Only what a pixel can show is drawn, so a frame takes milliseconds at 100,000 GPUs.
// Cables are drawn for the selection and for a collective's path only: thousands of lines tell what
// was drawn last, not what is loaded.
#include <memory>
#include <optional>

#include "gui/views/canvas.hpp"
#include "gui/views/collective_path.hpp"
#include "gui/views/topology_scene.hpp"

namespace gui {

class TopologyCanvas : public Canvas {
  Q_OBJECT
 public:
  explicit TopologyCanvas(QWidget* parent = nullptr);

  void show_scene(std::shared_ptr<const TopologyScene> scene);
  [[nodiscard]] const TopologyScene* scene() const { return scene_.get(); }
  /// Draws a collective's path and dims the rest; null: none.
  void show_path(std::shared_ptr<const CollectivePath> path);
  [[nodiscard]] const CollectivePath* path() const { return path_.get(); }
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
  void cleared();  ///< by Escape: the path too

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
  [[nodiscard]] QString facts(const Device& device) const;
  [[nodiscard]] QString rank_facts(int gpu) const;
  void step(int by);

  std::shared_ptr<const TopologyScene> scene_;
  double scale_ = 1.0;
  QPointF origin_;
  bool fitted_ = true;  ///< follows the window's size until one zooms or pans
  QPointF press_, drag_;
  bool dragged_ = false;
  std::optional<Device> selection_;
  std::shared_ptr<const CollectivePath> path_;
};

}  // namespace gui
