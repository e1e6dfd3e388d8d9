#include "gui/views/topology_canvas.hpp"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include "gui/views/topology_frame.hpp"
#include "gui/words.hpp"

namespace gui {

namespace {

constexpr double kSmallestScale = 0.005, kLargestScale = 12.0;

}  // namespace

TopologyCanvas::TopologyCanvas(QWidget* parent)
    : Canvas(tr("Topology of the cluster"), {320, 240}, parent) {}

void TopologyCanvas::show_scene(std::shared_ptr<const TopologyScene> scene) {
  const bool same = scene_ && scene && scene_->gpus == scene->gpus && scene_->name == scene->name;
  scene_ = std::move(scene);
  path_.reset();  // of links that may be gone
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
  path_.reset();
}

void TopologyCanvas::show_path(std::shared_ptr<const CollectivePath> path) {
  path_ = std::move(path);
  setAccessibleDescription(facts());
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
  const QString path = path_ ? path_->summary + "\n" : QString();
  if (selection_) {
    return path + facts(*selection_);
  }
  if (path_) {
    return path_->summary;
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
  return text + "\n" + rank_facts(g);
}

QString TopologyCanvas::rank_facts(int gpu) const {
  const int rank = scene_->traffic->rank_on(gpu);
  if (rank < 0) {
    return tr("No rank of this job");
  }
  const StepTraffic::Seat seat = scene_->traffic->seat(rank);
  return tr("Rank %1: tensor position %2, replica %3, stage %4")
      .arg(rank)
      .arg(seat.tensor)
      .arg(seat.replica)
      .arg(seat.stage);
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
  TopologyFrame(*scene_,
                {.origin = origin_,
                 .scale = scale_,
                 .size = size(),
                 .selection = selection_,
                 .path = path_.get(),
                 .palette = palette(),
                 .font = font()},
                painter)
      .draw();
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
      select(std::nullopt);
      emit cleared();
      return;
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
