#include "gui/views/topology_view.hpp"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
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
      fail_(new QPushButton) {
  tabs_->setDocumentMode(true);
  tabs_->addTab(canvas_, tr("Map"));
  tabs_->addTab(matrix_, tr("Lower × upper switches"));
  tabs_->addTab(links_, tr("Busiest links"));
  auto* highlight = new QComboBox;
  highlight->addItems(
      {tr("no group"), tr("tensor-parallel group"), tr("pipeline"), tr("data-parallel group")});
  highlight->setAccessibleName(tr("Outline of the selected accelerator"));
  highlight->setToolTip(tr("Outlines the ranks that the selected accelerator talks to"));
  fail_->setToolTip(
      tr("Makes a variant without it and simulates the network: compare it with the baseline"));
  facts_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  facts_->setAlignment(Qt::AlignTop);
  facts_->setMinimumWidth(10);
  facts_->setMinimumHeight(facts_->fontMetrics().lineSpacing() * 4);
  auto* tools = new QVBoxLayout;
  tools->addWidget(highlight);
  tools->addWidget(fail_);
  tools->addStretch(1);
  auto* row = new QHBoxLayout;
  row->addWidget(facts_, 1);
  row->addLayout(tools);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(tabs_, 1);
  layout->addLayout(row);
  connect(highlight, &QComboBox::currentIndexChanged, this,
          [this](int index) { canvas_->set_highlight(static_cast<RankGroup>(index)); });
  connect(canvas_, &TopologyCanvas::selection_changed, this, &TopologyView::show_facts);
  connect(matrix_, &LinkMatrix::picked_changed, this, &TopologyView::show_facts);
  connect(links_, &Table::picked_changed, this, &TopologyView::show_facts);
  connect(tabs_, &QTabWidget::currentChanged, this, &TopologyView::show_facts);
  connect(fail_, &QPushButton::clicked, this, [this] { emit failed(target()); });
  show_facts();
}

void TopologyView::show_scene(std::shared_ptr<const TopologyScene> scene) {
  scene_ = std::move(scene);
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
  facts_->setText(tabs_->currentWidget() == matrix_ ? matrix_->facts()
                  : tabs_->currentWidget() == links_
                      ? tr("%1 links, busiest first. A link is loaded by what it carries over what "
                           "it could.")
                            .arg(links_->model().rowCount())
                      : canvas_->facts());
  const QString what = target();
  fail_->setEnabled(!what.isEmpty());
  fail_->setText(what.isEmpty() ? tr("&Fail what is selected") : tr("&Fail %1").arg(what));
}

}  // namespace gui
