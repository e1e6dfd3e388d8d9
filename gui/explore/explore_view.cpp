#include "gui/explore/explore_view.hpp"

#include "gui/explore/candidates_view.hpp"
#include "gui/explore/plan_panel.hpp"
#include "gui/explore/sweep_panel.hpp"
#include "gui/explore/what_if_panel.hpp"

namespace gui {

ExploreView::ExploreView(const QString& program, QWidget* parent)
    : QTabWidget(parent),
      what_if_(new WhatIfPanel(program)),
      sweep_(new SweepPanel(program)),
      plan_(new PlanPanel(program)) {
  addTab(what_if_, tr("What if"));
  addTab(sweep_, tr("Sweep"));
  addTab(plan_, tr("Plan"));
  connect(what_if_, &WhatIfPanel::edited, this, &ExploreView::edited);
  connect(sweep_, &SweepPanel::taken, this, &ExploreView::taken);
  connect(plan_, &PlanPanel::taken, this, &ExploreView::taken);
}

bool ExploreView::idle() const {
  return what_if_->idle() && sweep_->idle() && plan_->idle();
}

QString ExploreView::csv() const {
  const CandidatesView& shown =
      currentWidget() == plan_ ? plan_->candidates() : sweep_->candidates();
  return shown.table().model().csv();
}

void ExploreView::add_axis(const QString& path, const QString& value) {
  setCurrentWidget(sweep_);
  sweep_->add_axis(path, value);
}

}  // namespace gui
