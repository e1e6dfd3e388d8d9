#include "gui/views/topology_frame.hpp"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QPainter>

#include "gui/theme.hpp"

namespace gui {

namespace {

constexpr double kNodePixels = 3.0;       ///< below this a group is one colour
constexpr double kGpuPixels = 3.0;        ///< below this a node is one colour
constexpr double kTextPixels = 26.0;      ///< a device has room for its number
constexpr int kMostCables = 512;          ///< drawn for a selection
constexpr std::size_t kMostLines = 1536;  ///< drawn for a path; more are thinned out evenly
constexpr double kDimmed = 0.72;          ///< share of the background where a path is shown
constexpr int kLegendWidth = 160, kMargin = 12;
constexpr QRgb kSelected = 0xffff6f00;

struct Map {
  Q_DECLARE_TR_FUNCTIONS(gui::TopologyCanvas)
};

QColor mixed(const QColor& colour, const QColor& with, double share) {
  const auto mix = [share](int a, int b) {
    return static_cast<int>(std::lround(a * (1 - share) + b * share));
  };
  return {mix(colour.red(), with.red()), mix(colour.green(), with.green()),
          mix(colour.blue(), with.blue())};
}

}  // namespace

TopologyFrame::TopologyFrame(const TopologyScene& scene, const FrameView& shown, QPainter& painter)
    : scene_(scene),
      shown_(shown),
      painter_(painter),
      visible_(shown.origin, QSizeF(shown.size) / shown.scale),
      gpu_pixels_(scene.gpu_rect(0).width() * shown.scale) {
  const double node_pixels = scene_.node_rect(0).width() * shown_.scale;
  detail_ = node_pixels < kNodePixels  ? Detail::Group
            : gpu_pixels_ < kGpuPixels ? Detail::Node
                                       : Detail::Gpu;
}

void TopologyFrame::draw() {
  for (std::size_t i = 0; i < scene_.groups.size(); ++i) {
    if (scene_.groups[i].place.intersects(visible_)) {
      add_group(i);
    }
  }
  for (const int place : scene_.upper) {
    add_switch(place);
  }
  flush();
  draw_path();
  draw_labels();
  draw_selection();
  draw_legend();
}

QRect TopologyFrame::view(const QRectF& rect) const {
  const QPointF a = to_view(rect.topLeft());
  const QPointF b = to_view(rect.bottomRight());
  const int x = static_cast<int>(std::floor(a.x()));
  const int y = static_cast<int>(std::floor(a.y()));
  return {x, y, std::max(1, static_cast<int>(std::floor(b.x())) - x),
          std::max(1, static_cast<int>(std::floor(b.y())) - y)};
}

void TopologyFrame::add(const QRectF& rect, double load, bool on_path) {
  Layer& layer = on_path ? path_ : plain_;
  if (load < 0) {
    layer.unknown.push_back(view(rect));
  } else {
    const auto shade = static_cast<std::size_t>(std::clamp(load, 0.0, 0.999) * kShades);
    layer.shades[shade].push_back(view(rect));
  }
}

void TopologyFrame::add_switch(int place) {
  const auto index = static_cast<std::size_t>(place);
  const SceneSwitch& one = scene_.switches[index];
  if (one.place.intersects(visible_)) {
    add(one.place, one.load, shown_.path != nullptr && shown_.path->on_switch[index]);
  }
}

void TopologyFrame::add_group(std::size_t index) {
  const SceneGroup& group = scene_.groups[index];
  cards_.push_back(view(group.place));
  if (detail_ == Detail::Group) {
    add(group.place.adjusted(4, 4, -4, -4), scene_.mean_load(group),
        shown_.path != nullptr && shown_.path->on_group[index]);
  } else {
    for (const int node : group.nodes) {
      add_node(node);
    }
  }
  for (const int leaf : group.leaves) {
    add_switch(leaf);
  }
}

bool TopologyFrame::node_on_path(int node) const {
  if (shown_.path == nullptr) {
    return false;
  }
  const auto first = shown_.path->on_gpu.begin() + node * scene_.gpus_per_node;
  const int count = std::min(scene_.gpus_per_node, scene_.gpus - node * scene_.gpus_per_node);
  return std::find(first, first + count, true) != first + count;
}

void TopologyFrame::add_node(int node) {
  const QRectF rect = scene_.node_rect(node);
  if (!rect.intersects(visible_)) {
    return;
  }
  const int first = node * scene_.gpus_per_node;
  const int last = std::min(first + scene_.gpus_per_node, scene_.gpus);
  const auto load = [this](int gpu) {
    return scene_.gpu_loads.empty() ? -1.0F : scene_.gpu_loads[static_cast<std::size_t>(gpu)];
  };
  if (detail_ == Detail::Node) {
    float most = -1;
    for (int g = first; g < last; ++g) {
      most = std::max(most, load(g));
    }
    add(rect, most, node_on_path(node));
    return;
  }
  boxes_.push_back(view(rect));
  for (int g = first; g < last; ++g) {
    add(scene_.gpu_rect(g), load(g),
        shown_.path != nullptr && shown_.path->on_gpu[static_cast<std::size_t>(g)]);
  }
}

void TopologyFrame::fill(const std::vector<QRect>& rects, const QColor& colour) {
  for (const QRect& rect : rects) {
    painter_.fillRect(rect, colour);
  }
}

void TopologyFrame::fill(const Layer& layer, double dimmed) {
  const QColor back = shown_.palette.color(QPalette::AlternateBase);
  const QColor unknown =
      is_dark(shown_.palette) ? QColor(0x7c, 0x88, 0x99) : QColor(0x90, 0x9c, 0xad);
  fill(layer.unknown, mixed(unknown, back, dimmed));
  for (std::size_t i = 0; i < kShades; ++i) {
    fill(layer.shades[i], mixed(heat((static_cast<double>(i) + 0.5) / kShades), back, dimmed));
  }
}

void TopologyFrame::flush() {
  const QColor card = shown_.palette.color(QPalette::AlternateBase);
  const double dimmed = shown_.path != nullptr ? kDimmed : 0.0;
  fill(cards_, card);
  fill(boxes_, mixed(shown_.palette.color(QPalette::Mid), card, dimmed));
  fill(plain_, dimmed);
  fill(path_, 0.0);
}

void TopologyFrame::draw_labels() {
  QFont font = shown_.font;
  painter_.setPen(shown_.palette.color(QPalette::Text));
  for (const SceneGroup& group : scene_.groups) {
    const QRect rect = view(group.place);
    const double title = 18 * shown_.scale;
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
  if (gpu_pixels_ >= kTextPixels) {
    draw_numbers();
  }
}

void TopologyFrame::draw_numbers() {
  QFont font = shown_.font;
  font.setPixelSize(11);
  painter_.setFont(font);
  for (const SceneGroup& group : scene_.groups) {
    for (const int node : group.nodes) {
      if (!scene_.node_rect(node).intersects(visible_)) {
        continue;
      }
      for (int g = node * scene_.gpus_per_node;
           g < std::min((node + 1) * scene_.gpus_per_node, scene_.gpus); ++g) {
        const auto index = static_cast<std::size_t>(g);
        const double load = scene_.gpu_loads.empty() ? -1 : scene_.gpu_loads[index];
        const bool dimmed = shown_.path != nullptr && !shown_.path->on_gpu[index];
        painter_.setPen(dimmed     ? muted_colour(shown_.palette)
                        : load < 0 ? QColor(Qt::black)
                                   : ink_on(heat(load)));
        painter_.drawText(view(scene_.gpu_rect(g)), Qt::AlignCenter, QString::number(g));
      }
    }
  }
}

/// "spines" beside the rows of switches above the groups.
void TopologyFrame::draw_tier_names() {
  QFont font = shown_.font;
  font.setPixelSize(12);
  painter_.setFont(font);
  painter_.setPen(shown_.palette.color(QPalette::Text));
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
      painter_.fillRect(box, shown_.palette.color(QPalette::Base));
      painter_.drawText(box, Qt::AlignCenter, name);
      last = kind;
    }
  }
}

/// Where a line ends at this level of detail: see CollectivePath.
QPointF TopologyFrame::end_of(const Device& device) const {
  const auto index = static_cast<std::size_t>(device.index);
  return to_view(device.kind == Device::Kind::Switch ? scene_.switches[index].place.center()
                 : detail_ == Detail::Gpu            ? scene_.gpu_rect(device.index).center()
                 : detail_ == Detail::Node           ? scene_.node_rect(device.index).center()
                                                     : scene_.groups[index].place.center());
}

/// Lines in one colour, one pixel wide: what is loaded is told by the devices' colours. The members
/// of the group are framed.
void TopologyFrame::draw_path() {
  if (shown_.path == nullptr) {
    return;
  }
  const CollectivePath& path = *shown_.path;
  const auto& lines = detail_ == Detail::Gpu    ? path.gpu_lines
                      : detail_ == Detail::Node ? path.node_lines
                                                : path.group_lines;
  const QRectF window(QPointF(0, 0), QSizeF(shown_.size));
  const std::size_t every = lines.size() / kMostLines + 1;
  painter_.setPen(QPen(shown_.palette.color(QPalette::Highlight), 0));
  for (std::size_t i = 0; i < lines.size(); i += every) {
    const QPointF a = end_of(lines[i].from);
    const QPointF b = end_of(lines[i].to);
    if (QRectF(a, b).normalized().adjusted(-1, -1, 1, 1).intersects(window)) {
      painter_.drawLine(a.toPoint(), b.toPoint());
    }
  }
  if (every > 1) {
    painter_.setPen(shown_.palette.color(QPalette::Text));
    painter_.drawText(window.adjusted(6, 4, -6, -4), Qt::AlignLeft | Qt::AlignBottom,
                      Map::tr("one line in %1 is drawn").arg(every));
  }
  if (detail_ != Detail::Gpu) {
    return;
  }
  painter_.setBrush(Qt::NoBrush);
  painter_.setPen(QPen(shown_.palette.color(QPalette::Highlight), 2));
  for (const int member : path.members) {
    const QRectF rect = scene_.gpu_rect(member);
    if (rect.intersects(visible_)) {
      painter_.drawRect(view(rect).adjusted(-2, -2, 1, 1));
    }
  }
}

void TopologyFrame::draw_selection() {
  if (!shown_.selection) {
    return;
  }
  const Device device = *shown_.selection;
  if (device.kind == Device::Kind::Gpu) {
    cable(device, scene_.gpu_leaf[static_cast<std::size_t>(device.index)]);
  } else if (shown_.path == nullptr) {
    const auto& above = scene_.switches[static_cast<std::size_t>(device.index)].above;
    for (std::size_t i = 0; i < std::min<std::size_t>(above.size(), kMostCables); ++i) {
      cable(device, above[i]);
    }
  }
  painter_.setPen(QPen(QColor(kSelected), 3));
  painter_.setBrush(Qt::NoBrush);
  painter_.drawRect(view(scene_.rect(device)).adjusted(-3, -3, 2, 2));
}

void TopologyFrame::cable(const Device& from, int to) {
  if (to < 0) {
    return;
  }
  const SceneSwitch& other = scene_.switches[static_cast<std::size_t>(to)];
  painter_.setPen(QPen(other.load < 0 ? QColor(kSelected) : heat(other.load), 1.5));
  painter_.drawLine(to_view(scene_.rect(from).center()), to_view(other.place.center()));
}

/// A colour bar with numbers: colour alone tells nobody how much.
void TopologyFrame::draw_legend() {
  QFont font = shown_.font;
  font.setPixelSize(12);
  painter_.setFont(font);
  const QString title = scene_.gpu_loads.empty()
                            ? Map::tr("loads unknown: simulate the network (F5)")
                            : Map::tr("load of the busiest link");
  const int text_width =
      std::max(painter_.fontMetrics().horizontalAdvance(title), kLegendWidth) + 16;
  const QRect box(shown_.size.width() - text_width - kMargin, shown_.size.height() - 62, text_width,
                  52);
  QColor back = shown_.palette.color(QPalette::Base);
  back.setAlpha(230);
  painter_.fillRect(box, back);
  painter_.setPen(shown_.palette.color(QPalette::Text));
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

}  // namespace gui
