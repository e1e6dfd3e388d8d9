#pragma once
// One frame of the map of a cluster: what falls into the view, sorted by colour so that the painter
// changes its brush a few dozen times and not once per GPU.
#include <array>
#include <optional>
#include <vector>

#include <QFont>
#include <QPalette>
#include <QPointF>
#include <QRect>
#include <QSize>

#include "gui/views/collective_path.hpp"
#include "gui/views/topology_scene.hpp"

class QPainter;

namespace gui {

/// What the canvas shows of a scene, and how.
struct FrameView {
  QPointF origin;      ///< scene point in the upper left corner
  double scale = 1.0;  ///< pixels per scene unit
  QSize size;
  std::optional<Device> selection;
  const CollectivePath* path = nullptr;  ///< drawn in full colour over a dimmed rest; null: none
  QPalette palette;
  QFont font;
};

class TopologyFrame {
 public:
  TopologyFrame(const TopologyScene& scene, const FrameView& shown, QPainter& painter);
  void draw();

 private:
  static constexpr std::size_t kShades = 24;
  enum class Detail { Group, Node, Gpu };
  /// Rectangles of one brightness, by colour.
  struct Layer {
    std::vector<QRect> unknown;
    std::array<std::vector<QRect>, kShades> shades;
  };

  [[nodiscard]] QPointF to_view(QPointF scene_point) const {
    return (scene_point - shown_.origin) * shown_.scale;
  }
  [[nodiscard]] QRect view(const QRectF& rect) const;
  [[nodiscard]] bool node_on_path(int node) const;
  void add(const QRectF& rect, double load, bool on_path);
  void add_switch(int place);
  void add_group(std::size_t index);
  void add_node(int node);
  void fill(const std::vector<QRect>& rects, const QColor& colour);
  void fill(const Layer& layer, double dimmed);
  void flush();
  void draw_labels();
  void draw_numbers();
  void draw_tier_names();
  void draw_path();
  [[nodiscard]] QPointF end_of(const Device& device) const;
  void draw_selection();
  void cable(const Device& from, int to);
  void draw_legend();

  const TopologyScene& scene_;
  const FrameView& shown_;
  QPainter& painter_;
  QRectF visible_;
  double gpu_pixels_ = 0;
  Detail detail_ = Detail::Gpu;
  std::vector<QRect> cards_, boxes_;
  Layer plain_, path_;
};

}  // namespace gui
