#include "gui/views/timeline_view.hpp"

#include <algorithm>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "gui/views/timeline_canvas.hpp"

namespace gui {

TimelineView::TimelineView(QWidget* parent)
    : QWidget(parent),
      canvas_(new TimelineCanvas),
      search_(new QLineEdit),
      other_(new QComboBox),
      facts_(new QLabel),
      found_(new QLabel) {
  search_->setPlaceholderText(
      tr("Find a span: \"B3\", \"pipeline\", \"stage 2\"; Enter: the next"));
  search_->setAccessibleName(tr("Find a span"));
  search_->setClearButtonEnabled(true);
  other_->setAccessibleName(tr("Run beside it"));
  other_->setToolTip(tr("Puts the rows of another simulated scenario under those of this one"));
  other_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  other_->setMinimumContentsLength(18);
  auto* perfetto = new QPushButton(tr("Open in &Perfetto…"));
  perfetto->setToolTip(
      tr("Saves the trace and opens ui.perfetto.dev, where \"Open trace file\" "
         "loads it; nothing is uploaded"));
  facts_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  facts_->setAlignment(Qt::AlignTop);
  facts_->setMinimumWidth(10);
  facts_->setMinimumHeight(facts_->fontMetrics().lineSpacing() * 5);
  auto* hint =
      new QLabel(tr("Wheel or W S: zoom · A D: move · drag: select · click: what waits · 0: all"));
  auto* top = new QHBoxLayout;
  top->addWidget(search_, 1);
  top->addWidget(found_);
  top->addWidget(other_);
  top->addWidget(perfetto);
  auto* layout = new QVBoxLayout(this);
  layout->addLayout(top);
  layout->addWidget(canvas_, 1);
  layout->addWidget(hint);
  layout->addWidget(facts_);
  connect(canvas_, &TimelineCanvas::selection_changed, this,
          [this] { facts_->setText(canvas_->facts()); });
  connect(search_, &QLineEdit::returnPressed, this, &TimelineView::find);
  connect(other_, &QComboBox::currentIndexChanged, this, &TimelineView::other_changed);
  connect(perfetto, &QPushButton::clicked, this, &TimelineView::perfetto_wanted);
  show_others({});
}

void TimelineView::find() {
  found_->setText(canvas_->find(search_->text()) ? QString() : tr("not in this run"));
}

void TimelineView::show_others(const std::vector<Other>& others) {
  const int before = other();
  {
    const QSignalBlocker quiet(other_);
    other_->clear();
    other_->addItem(tr("no run beside it"), 0);
    for (const Other& one : others) {
      other_->addItem(one.title, one.id);
    }
    other_->setCurrentIndex(std::max(0, other_->findData(before)));
  }
  if (other() != before) {
    emit other_changed();
  }
}

int TimelineView::other() const {
  return other_->currentData().toInt();
}

void TimelineView::choose_other(int id) {
  other_->setCurrentIndex(std::max(0, other_->findData(id)));
}

}  // namespace gui
