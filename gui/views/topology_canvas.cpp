#include "gui/views/topology_canvas.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include "gui/theme.hpp"
#include "gui/words.hpp"

namespace gui {

namespace {

constexpr double kSmallestScale = 0.005, kLargestScale = 12.0;
constexpr double kNodePixels = 3.0;   ///< below this a group is one colour
constexpr double kGpuPixels = 3.0;    ///< below this a node is one colour
constexpr double kTextPixels = 26.0;  ///< a device has room for its number
constexpr std::size_t kShades = 24;
constexpr int kMostCables = 512;  ///< drawn for a selection
constexpr int kLegendWidth = 160, kMargin = 12;

}  // namespace

/// One frame: what falls into the view, sorted by colour so that the painter changes its brush a
/// few dozen times and not once per GPU.
class TopologyCanvas::Frame {
 public:
  Frame(const TopologyCanvas& canvas, QPainter& painter)
      : canvas_(canvas),
        scene_(*canvas.scene_),
        painter_(painter),
        visible_(canvas.to_scene({0, 0}), QSizeF(canvas.width(), canvas.height()) / canvas.scale_) {
  }

  void draw() {
    const double node_pixels = scene_.node_rect(0).width() * canvas_.scale_;
    const double gpu_pixels = scene_.gpu_rect(0).width() * canvas_.scale_;
    for (const SceneGroup& group : scene_.groups) {
      if (group.place.intersects(visible_)) {
        draw_group(group, node_pixels, gpu_pixels);
      }
    }
    for (const int place : scene_.upper) {
      add_switch(place);
    }
    flush();
    draw_labels(gpu_pixels);
    draw_selection();
    draw_legend();
  }

 private:
  [[nodiscard]] QRect view(const QRectF& rect) const {
    const QPointF a = canvas_.to_view(rect.topLeft());
    const QPointF b = canvas_.to_view(rect.bottomRight());
    const int x = static_cast<int>(std::floor(a.x()));
    const int y = static_cast<int>(std::floor(a.y()));
    return {x, y, std::max(1, static_cast<int>(std::floor(b.x())) - x),
            std::max(1, static_cast<int>(std::floor(b.y())) - y)};
  }

  void add(const QRectF& rect, double load) {
    if (load < 0) {
      unknown_.push_back(view(rect));
    } else {
      const auto shade = static_cast<std::size_t>(std::clamp(load, 0.0, 0.999) * kShades);
      shades_[shade].push_back(view(rect));
    }
  }

  void add_switch(int place) {
    const SceneSwitch& one = scene_.switches[static_cast<std::size_t>(place)];
    if (one.place.intersects(visible_)) {
      add(one.place, one.load);
    }
  }

  void draw_group(const SceneGroup& group, double node_pixels, double gpu_pixels) {
    cards_.push_back(view(group.place));
    for (const int leaf : group.leaves) {
      add_switch(leaf);
    }
    if (node_pixels < kNodePixels) {
      add(group.place.adjusted(4, 4, -4, -4), scene_.mean_load(group));
      return;
    }
    for (const int node : group.nodes) {
      const QRectF rect = scene_.node_rect(node);
      if (!rect.intersects(visible_)) {
        continue;
      }
      const int first = node * scene_.gpus_per_node;
      const int last = std::min(first + scene_.gpus_per_node, scene_.gpus);
      if (gpu_pixels < kGpuPixels) {
        float most = -1;
        for (int g = first; g < last && !scene_.gpu_loads.empty(); ++g) {
          most = std::max(most, scene_.gpu_loads[static_cast<std::size_t>(g)]);
        }
        add(rect, most);
        continue;
      }
      boxes_.push_back(view(rect));
      for (int g = first; g < last; ++g) {
        add(scene_.gpu_rect(g),
            scene_.gpu_loads.empty() ? -1 : scene_.gpu_loads[static_cast<std::size_t>(g)]);
      }
    }
  }

  void fill(const std::vector<QRect>& rects, const QColor& colour) {
    for (const QRect& rect : rects) {
      painter_.fillRect(rect, colour);
    }
  }

  void flush() {
    const QPalette& palette = canvas_.palette();
    fill(cards_, palette.color(QPalette::AlternateBase));
    fill(boxes_, palette.color(QPalette::Mid));
    fill(unknown_, is_dark(palette) ? QColor(0x7c, 0x88, 0x99) : QColor(0x90, 0x9c, 0xad));
    for (std::size_t i = 0; i < kShades; ++i) {
      fill(shades_[i], heat((static_cast<double>(i) + 0.5) / kShades));
    }
  }

  void draw_labels(double gpu_pixels) {
    QFont font = canvas_.font();
    painter_.setPen(canvas_.palette().color(QPalette::Text));
    for (const SceneGroup& group : scene_.groups) {
      const QRect rect = view(group.place);
      const double title = 18 * canvas_.scale_;
      if (title >= 9 && group.place.intersects(visible_)) {
        font.setPixelSize(static_cast<int>(std::min(title * 0.8, 15.0)));
        painter_.setFont(font);
        painter_.drawText(
            QRect(rect.left() + 5, rect.top(), rect.width() - 10, static_cast<int>(title)),
            Qt::AlignVCenter,
            painter_.fontMetrics().elidedText(group.label, Qt::ElideRight, rect.width() - 10));
      }
    }
    draw_tier_names();
    if (gpu_pixels < kTextPixels) {
      return;
    }
    font.setPixelSize(11);
    painter_.setFont(font);
    for (const SceneGroup& group : scene_.groups) {
      for (const int node : group.nodes) {
        if (!scene_.node_rect(node).intersects(visible_)) {
          continue;
        }
        for (int g = node * scene_.gpus_per_node;
             g < std::min((node + 1) * scene_.gpus_per_node, scene_.gpus); ++g) {
          const double load =
              scene_.gpu_loads.empty() ? -1 : scene_.gpu_loads[static_cast<std::size_t>(g)];
          painter_.setPen(load < 0 ? QColor(Qt::black) : ink_on(heat(load)));
          painter_.drawText(view(scene_.gpu_rect(g)), Qt::AlignCenter, QString::number(g));
        }
      }
    }
  }

  /// "spines" beside the rows of switches above the groups.
  void draw_tier_names() {
    QFont font = canvas_.font();
    font.setPixelSize(12);
    painter_.setFont(font);
    painter_.setPen(canvas_.palette().color(QPalette::Text));
    QString last;
    for (const int place : scene_.upper) {
      const SceneSwitch& one = scene_.switches[static_cast<std::size_t>(place)];
      const QString kind = one.label.section(' ', 0, 0);
      if (kind != last) {
        const QRect row = view(one.place);
        const QString name = kind + "s";
        const int text_width = painter_.fontMetrics().horizontalAdvance(name) + 6;
        const QRect box(std::max(row.left() - text_width, 2), row.top() - 3, text_width,
                        painter_.fontMetrics().height());
        painter_.fillRect(box, canvas_.palette().color(QPalette::Base));
        painter_.drawText(box, Qt::AlignCenter, name);
        last = kind;
      }
    }
  }

  void draw_selection() {
    if (!canvas_.selection_) {
      return;
    }
    const Device device = *canvas_.selection_;
    if (device.kind == Device::Kind::Gpu) {
      outline_members(device.index);
      cable(device, scene_.gpu_leaf[static_cast<std::size_t>(device.index)]);
    } else {
      const auto& above = scene_.switches[static_cast<std::size_t>(device.index)].above;
      for (std::size_t i = 0; i < std::min<std::size_t>(above.size(), kMostCables); ++i) {
        cable(device, above[i]);
      }
    }
    QPen pen(QColor(0xff, 0x6f, 0x00), 3);
    painter_.setPen(pen);
    painter_.setBrush(Qt::NoBrush);
    painter_.drawRect(view(scene_.rect(device)).adjusted(-3, -3, 2, 2));
  }

  void outline_members(int gpu) {
    painter_.setBrush(Qt::NoBrush);
    painter_.setPen(QPen(canvas_.palette().color(QPalette::Highlight), 2));
    for (const int member : rank_group(scene_.layout, scene_.gpus, gpu, canvas_.highlight_)) {
      painter_.drawRect(view(scene_.gpu_rect(member)).adjusted(-2, -2, 1, 1));
    }
  }

  void cable(const Device& from, int to) {
    if (to < 0) {
      return;
    }
    const SceneSwitch& other = scene_.switches[static_cast<std::size_t>(to)];
    painter_.setPen(QPen(other.load < 0 ? QColor(0xff, 0x6f, 0x00) : heat(other.load), 1.5));
    painter_.drawLine(canvas_.to_view(scene_.rect(from).center()),
                      canvas_.to_view(other.place.center()));
  }

  /// A colour bar with numbers: colour alone tells nobody how much.
  void draw_legend() {
    QFont font = canvas_.font();
    font.setPixelSize(12);
    painter_.setFont(font);
    const QString title = scene_.gpu_loads.empty() ? tr("loads unknown: simulate the network (F5)")
                                                   : tr("load of the busiest link");
    const int text_width =
        std::max(painter_.fontMetrics().horizontalAdvance(title), kLegendWidth) + 16;
    const QRect box(canvas_.width() - text_width - kMargin, canvas_.height() - 62, text_width, 52);
    QColor back = canvas_.palette().color(QPalette::Base);
    back.setAlpha(230);
    painter_.fillRect(box, back);
    painter_.setPen(canvas_.palette().color(QPalette::Text));
    painter_.drawText(box.adjusted(8, 2, -8, 0), Qt::AlignTop | Qt::AlignLeft, title);
    if (scene_.gpu_loads.empty()) {
      return;
    }
    for (int x = 0; x < kLegendWidth; ++x) {
      painter_.fillRect(box.left() + 8 + x, box.top() + 20, 1, 10,
                        heat(static_cast<double>(x) / kLegendWidth));
    }
    const QRect numbers(box.left() + 8, box.top() + 32, kLegendWidth, 16);
    painter_.drawText(numbers, Qt::AlignLeft, "0 %");
    painter_.drawText(numbers, Qt::AlignHCenter, "50 %");
    painter_.drawText(numbers, Qt::AlignRight, "100 %");
  }

  const TopologyCanvas& canvas_;
  const TopologyScene& scene_;
  QPainter& painter_;
  QRectF visible_;
  std::vector<QRect> cards_, boxes_, unknown_;
  std::array<std::vector<QRect>, kShades> shades_;
};

TopologyCanvas::TopologyCanvas(QWidget* parent)
    : Canvas(tr("Topology of the cluster"), {320, 240}, parent) {}

void TopologyCanvas::show_scene(std::shared_ptr<const TopologyScene> scene) {
  const bool same = scene_ && scene && scene_->gpus == scene->gpus && scene_->name == scene->name;
  scene_ = std::move(scene);
  if (!same) {
    selection_.reset();
    fitted_ = true;
  }
  if (fitted_) {
    fit();
  }
  setAccessibleDescription(facts());
  update();
  emit selection_changed();
}

void TopologyCanvas::forget() {
  scene_.reset();
  selection_.reset();
}

void TopologyCanvas::set_highlight(RankGroup group) {
  highlight_ = group;
  update();
}

void TopologyCanvas::select(std::optional<Device> device) {
  selection_ = device;
  setAccessibleDescription(facts());
  update();
  emit selection_changed();
}

QString TopologyCanvas::facts() const {
  if (!scene_) {
    return message();
  }
  if (selection_) {
    return facts(*selection_);
  }
  QString text = tr("%1: %2 accelerators (%3) in %4 nodes, %5 switches.")
                     .arg(scene_->name, count_text(scene_->gpus), scene_->accelerator,
                          count_text(scene_->nodes()),
                          count_text(static_cast<double>(scene_->switches.size())));
  for (const LinkClass& one : scene_->classes) {
    const QStringList ends = one.name.split(" -> ");
    if (ends.value(0) > ends.value(1)) {
      continue;  // the other direction of the same cables is listed
    }
    text += "\n" + tr("%1: %2 links, mean %3, busiest %4 (%5)")
                       .arg(one.name, count_text(one.links), percent_text(one.mean),
                            percent_text(one.most), one.busiest);
  }
  return text;
}

QString TopologyCanvas::facts(const Device& device) const {
  const auto load_text = [](float load) {
    return load < 0 ? tr("load not known yet")
                    : tr("busiest link %1 loaded").arg(percent_text(static_cast<double>(load)));
  };
  if (device.kind == Device::Kind::Switch) {
    const SceneSwitch& one = scene_->switches[static_cast<std::size_t>(device.index)];
    return tr("%1: %2 links down, %3 up, %4")
        .arg(one.label)
        .arg(one.down)
        .arg(one.up)
        .arg(load_text(one.load));
  }
  const int g = device.index;
  const sim::Layout& l = scene_->layout;
  const int leaf = scene_->gpu_leaf[static_cast<std::size_t>(g)];
  QString text = tr("GPU %1 in node %2 (%3), %4")
                     .arg(g)
                     .arg(g / scene_->gpus_per_node)
                     .arg(scene_->accelerator,
                          load_text(scene_->gpu_loads.empty()
                                        ? -1.0F
                                        : scene_->gpu_loads[static_cast<std::size_t>(g)]));
  if (leaf >= 0) {
    text += "\n" + tr("Cabled to %1").arg(scene_->switches[static_cast<std::size_t>(leaf)].label);
  }
  text += "\n" + tr("Packed, its rank has tensor position %1, context %2, data %3, stage %4")
                     .arg(g % l.tp)
                     .arg(g / l.tp % l.cp)
                     .arg(g / (l.tp * l.cp) % l.dp)
                     .arg(g / (l.tp * l.cp * l.dp));
  return text;
}

double TopologyCanvas::fitting_scale() const {
  if (!scene_ || scene_->bounds.isEmpty()) {
    return 1.0;
  }
  return std::clamp(std::min(width() / scene_->bounds.width(), height() / scene_->bounds.height()),
                    kSmallestScale, 6.0);
}

void TopologyCanvas::fit() {
  fitted_ = true;
  if (scene_) {
    scale_ = fitting_scale();
    origin_ = scene_->bounds.center() - QPointF(width(), height()) / 2 / scale_;
  }
  update();
}

void TopologyCanvas::zoom(double factor) {
  const QPointF centre = selection_ && scene_ ? to_view(scene_->rect(*selection_).center())
                                              : QPointF(width(), height()) / 2;
  zoom_at(centre, factor);
}

void TopologyCanvas::zoom_at(QPointF point, double factor) {
  const QPointF fixed = to_scene(point);
  scale_ = std::clamp(scale_ * factor, kSmallestScale, kLargestScale);
  origin_ = fixed - point / scale_;
  fitted_ = false;
  update();
}

void TopologyCanvas::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  if (!scene_) {
    return draw_message(painter);
  }
  painter.fillRect(rect(), palette().color(QPalette::Base));
  Frame(*this, painter).draw();
  if (hasFocus()) {
    painter.setPen(palette().color(QPalette::Highlight));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void TopologyCanvas::wheelEvent(QWheelEvent* event) {
  zoom_at(event->position(), std::pow(1.0015, event->angleDelta().y()));
}

void TopologyCanvas::mousePressEvent(QMouseEvent* event) {
  press_ = drag_ = event->position();
  dragged_ = false;
}

void TopologyCanvas::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() == Qt::NoButton) {
    return;
  }
  constexpr double kClickSlop = 4;  // a click that shakes is still a click
  dragged_ = dragged_ || (event->position() - press_).manhattanLength() > kClickSlop;
  if (dragged_) {
    origin_ -= (event->position() - drag_) / scale_;
    drag_ = event->position();
    fitted_ = false;
    update();
  }
}

void TopologyCanvas::mouseReleaseEvent(QMouseEvent* event) {
  if (!dragged_ && scene_ && event->button() == Qt::LeftButton) {
    select(scene_->at(to_scene(event->position())));
  }
}

void TopologyCanvas::step(int by) {
  if (!scene_) {
    return;
  }
  const int now = selection_ && selection_->kind == Device::Kind::Gpu ? selection_->index : -1;
  select(Device{Device::Kind::Gpu, now < 0 ? 0 : std::clamp(now + by, 0, scene_->gpus - 1)});
}

void TopologyCanvas::keyPressEvent(QKeyEvent* event) {
  const int node = scene_ ? scene_->gpus_per_node : 1;
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom(1.25);
    case Qt::Key_Minus:
      return zoom(0.8);
    case Qt::Key_0:
      return fit();
    case Qt::Key_Right:
      return step(1);
    case Qt::Key_Left:
      return step(-1);
    case Qt::Key_Down:
      return step(node);
    case Qt::Key_Up:
      return step(-node);
    case Qt::Key_Escape:
      return select(std::nullopt);
    default:
      Canvas::keyPressEvent(event);
  }
}

void TopologyCanvas::resizeEvent(QResizeEvent* /*event*/) {
  if (fitted_) {
    fit();
  }
}

QString TopologyCanvas::tip_at(const QPoint& place) const {
  const auto device = scene_ ? scene_->at(to_scene(place)) : std::nullopt;
  return device ? facts(*device) : QString();
}

}  // namespace gui
