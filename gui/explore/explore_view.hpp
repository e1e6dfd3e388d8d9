#pragma once
// The view for trying things: what-if sliders, sweeps, plans.
#include <QTabWidget>

#include "gui/draft.hpp"

namespace gui {

class PlanPanel;
class SweepPanel;
class WhatIfPanel;

class ExploreView : public QTabWidget {
  Q_OBJECT
 public:
  explicit ExploreView(const QString& program, QWidget* parent = nullptr);

  [[nodiscard]] WhatIfPanel& what_if() const { return *what_if_; }
  [[nodiscard]] SweepPanel& sweep() const { return *sweep_; }
  [[nodiscard]] PlanPanel& plan() const { return *plan_; }
  [[nodiscard]] bool idle() const;
  /// Of the panel that is shown, where it has a table.
  [[nodiscard]] QString csv() const;
  void add_axis(const QString& path, const QString& value);

 signals:
  void edited(const QString& text, const QString& what);
  void taken(const gui::Subject& of, const QString& name,
             const std::vector<gui::Setting>& settings);

 private:
  WhatIfPanel* what_if_;
  SweepPanel* sweep_;
  PlanPanel* plan_;
};

}  // namespace gui
