#include "gui/views/topology_view.hpp"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QTabWidget>
#include <QVBoxLayout>

#include "gui/views/link_matrix.hpp"
#include "gui/views/table.hpp"
#include "gui/views/topology_canvas.hpp"
#include "gui/words.hpp"

namespace gui {

TopologyView::TopologyView(QWidget* parent)
    : QWidget(parent),
      tabs_(new QTabWidget),
      canvas_(new TopologyCanvas),
      matrix_(new LinkMatrix),
      links_(new Table(tr("Busiest links"))),
      facts_(new QLabel),
      flows_(new Table(tr("Flows of what is selected"))),
      collective_(new QComboBox),
      fail_(new QPushButton) {
  tabs_->setDocumentMode(true);
  tabs_->addTab(canvas_, tr("Map"));
  tabs_->addTab(matrix_, tr("Lower × upper switches"));
  tabs_->addTab(links_, tr("Busiest links"));
  collective_->setAccessibleName(tr("Collective of the selected accelerator"));
  collective_->setToolTip(
      tr("Shows every device and link that this collective of the selected accelerator travels"));
  collective_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  collective_->setMinimumContentsLength(22);
  flows_->setToolTip(tr("A row shows the path of its collective; Esc in the map clears it"));
  fail_->setToolTip(
      tr("Makes a variant without it and simulates the network: compare it with the baseline"));
  facts_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  facts_->setAlignment(Qt::AlignTop);
  facts_->setMinimumWidth(10);
  const int least = facts_->fontMetrics().lineSpacing() * 7;
  facts_->setMinimumHeight(facts_->fontMetrics().lineSpacing() * 4);
  flows_->setFixedHeight(least);
  auto* tools = new QVBoxLayout;
  tools->addWidget(collective_);
  tools->addWidget(fail_);
  tools->addStretch(1);
  auto* row = new QHBoxLayout;
  row->addWidget(facts_, 1);
  row->addWidget(flows_, 3);
  row->addLayout(tools);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(tabs_, 1);
  layout->addLayout(row);
  connect(collective_, &QComboBox::currentIndexChanged, this, &TopologyView::show_path);
  connect(canvas_, &TopologyCanvas::cleared, this, [this] { collective_->setCurrentIndex(0); });
  connect(flows_, &Table::picked_changed, this, &TopologyView::pick_flow);
  connect(canvas_, &TopologyCanvas::selection_changed, this, [this] {
    show_flows();
    show_path();
  });
  connect(matrix_, &LinkMatrix::picked_changed, this, &TopologyView::show_facts);
  connect(links_, &Table::picked_changed, this, &TopologyView::show_facts);
  connect(tabs_, &QTabWidget::currentChanged, this, &TopologyView::show_facts);
  connect(fail_, &QPushButton::clicked, this, [this] { emit failed(target()); });
  show_collectives();
  show_flows();
  show_facts();
}

void TopologyView::show_scene(std::shared_ptr<const TopologyScene> scene) {
  scene_ = std::move(scene);
  show_collectives();
  canvas_->show_scene(scene_);
  matrix_->show_scene(scene_);
  std::vector<std::vector<Cell>> rows;
  for (const LinkLoad& one : scene_->busiest) {
    rows.push_back({{one.link}, {{}, one.load}, {{}, one.bytes}});
  }
  links_->show_rows({{"link", tr("Link")},
                     {"utilisation", tr("Load over the step"), &percent_text},
                     {"carried_bytes", tr("Carried in a step"), &bytes_text}},
                    std::move(rows));
  show_facts();
}

void TopologyView::show_collectives() {
  const QVariant chosen = collective_->currentData();
  const QSignalBlocker quiet(collective_);
  collective_->clear();
  collective_->addItem(tr("no collective"), -1);
  for (const std::uint32_t role :
       scene_ ? scene_->traffic->roles() : std::vector<std::uint32_t>()) {
    collective_->addItem(role == sim::Role::kForward ? tr("pipeline") : role_text(role),
                         static_cast<int>(role));
  }
  collective_->setCurrentIndex(std::max(0, collective_->findData(chosen)));
}

void TopologyView::show_path() {
  const auto device = canvas_->selection();
  const int role = collective_->currentData().toInt();
  if (role < 0 || !scene_) {
    canvas_->show_path(nullptr);
  } else {
    int gpu = canvas_->path() != nullptr ? canvas_->path()->gpu : scene_->traffic->gpu_of(0);
    if (device && device->kind == Device::Kind::Gpu) {
      gpu = device->index;
    }
    show_path_of(gpu, static_cast<std::uint32_t>(role));
  }
  show_facts();
}

void TopologyView::show_path_of(int gpu, std::uint32_t role) {
  const CollectivePath* now = canvas_->path();
  if (now != nullptr && now->gpu == gpu && now->role == role) {
    return;
  }
  canvas_->show_path(scene_->traffic->rank_on(gpu) < 0 ? nullptr
                                                       : std::make_shared<const CollectivePath>(
                                                             collective_path(*scene_, gpu, role)));
}

/// A flow shows its collective's path: of the selected accelerator, or of one whose flows cross the
/// selected switch.
void TopologyView::pick_flow() {
  const std::vector<int> rows = flows_->picked();
  const auto device = canvas_->selection();
  if (rows.empty() || !scene_ || !device) {
    return;
  }
  const DeviceFlow& flow = shown_flows_[static_cast<std::size_t>(rows.front())];
  if (flow.role == LinkBytes::kNeighbours) {
    return collective_->setCurrentIndex(0);
  }
  const int gpu = flow.gpu >= 0 ? flow.gpu : gpu_through(*scene_, device->index, flow.role);
  const std::uint32_t role = flow.role == sim::Role::kBackward ? sim::Role::kForward : flow.role;
  if (gpu >= 0) {
    const QSignalBlocker quiet(collective_);
    collective_->setCurrentIndex(std::max(0, collective_->findData(static_cast<int>(role))));
    show_path_of(gpu, role);
    show_facts();
  }
}

void TopologyView::show_flows() {
  const auto device = canvas_->selection();
  shown_flows_ = scene_ && device ? device_flows(*scene_, *device) : std::vector<DeviceFlow>();
  std::vector<std::vector<Cell>> rows;
  for (const DeviceFlow& flow : shown_flows_) {
    rows.push_back({{role_text(flow.role)},
                    {flow.out ? tr("out") : tr("in")},
                    {{}, flow.bytes},
                    {{}, flow.share},
                    {peers_text(flow.peers)},
                    {flow.over},
                    {{}, static_cast<double>(flow.links)},
                    {{}, static_cast<double>(flow.alike)}});
  }
  flows_->show_rows({{"flow", tr("Flow")},
                     {"direction", tr("Way")},
                     {"bytes", tr("In a step"), &bytes_text},
                     {"share", tr("Of the load"), &percent_text},
                     {"peers", tr("Other end")},
                     {"busiest_link", tr("Over, busiest")},
                     {"links", tr("Links"), &count_text},
                     {"alike", tr("Simulated as one"), &count_text}},
                    std::move(rows));
}

/// Why there are no flows, or which groups of the accelerator have none.
QString TopologyView::remark() const {
  const auto device = canvas_->selection();
  if (!device || !scene_) {
    return {};
  }
  if (scene_->gpu_loads.empty()) {
    return tr("Simulate the network (F5) to see its flows.");
  }
  QStringList inside;
  if (device->kind == Device::Kind::Gpu) {
    for (const std::uint32_t role : scene_->traffic->roles()) {
      if (scene_->traffic->rank_on(device->index) >= 0 &&
          scene_->traffic->targets(device->index, role).empty() &&
          sim::Role::axis(role) != sim::Axis::Pipeline) {
        inside << role_text(role);
      }
    }
  }
  if (!inside.isEmpty()) {
    return tr("Inside the scale-up domain, timed without flows: %1.").arg(inside.join(", "));
  }
  return shown_flows_.empty() ? tr("Nothing crosses it in a step.") : QString();
}

QString TopologyView::target() const {
  if (tabs_->currentWidget() == matrix_) {
    return matrix_->link();
  }
  if (tabs_->currentWidget() == links_) {
    const std::vector<int> rows = links_->picked();
    return rows.empty() ? QString()
                        : links_->model().rows()[static_cast<std::size_t>(rows.front())][0].word;
  }
  const auto device = canvas_->selection();
  if (!device || !scene_) {
    return {};
  }
  return device->kind == Device::Kind::Switch
             ? scene_->switches[static_cast<std::size_t>(device->index)].label
             : QString("nic %1").arg(device->index);
}

QWidget* TopologyView::shown() const {
  return tabs_->currentWidget();
}

void TopologyView::show_facts() {
  const bool on_map = tabs_->currentWidget() == canvas_;
  const QString remarked = on_map ? remark() : QString();
  facts_->setText(tabs_->currentWidget() == matrix_ ? matrix_->facts()
                  : tabs_->currentWidget() == links_
                      ? tr("%1 links, busiest first. A link is loaded by what it carries over what "
                           "it could.")
                            .arg(links_->model().rowCount())
                      : canvas_->facts() + (remarked.isEmpty() ? QString() : "\n" + remarked));
  flows_->setVisible(on_map && !shown_flows_.empty());
  facts_->setWordWrap(flows_->isVisibleTo(this));
  const QString what = target();
  fail_->setEnabled(!what.isEmpty());
  fail_->setText(what.isEmpty() ? tr("&Fail what is selected") : tr("&Fail %1").arg(what));
}

}  // namespace gui
