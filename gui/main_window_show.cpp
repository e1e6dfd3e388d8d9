// What is known of the scenarios, shown in every view.
#include <algorithm>
#include <exception>

#include <QFileInfo>
#include <QLabel>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QTabWidget>
#include <QtConcurrentRun>

#include "gui/explore/explore_view.hpp"
#include "gui/explore/plan_panel.hpp"
#include "gui/explore/sweep_panel.hpp"
#include "gui/explore/what_if_panel.hpp"
#include "gui/forms/scenario_form.hpp"
#include "gui/forms/text_editor.hpp"
#include "gui/main_window.hpp"
#include "gui/run/run_view.hpp"
#include "gui/source_dialog.hpp"
#include "gui/views/compare_view.hpp"
#include "gui/views/results_view.hpp"
#include "gui/views/roofline_view.hpp"
#include "gui/views/sources_view.hpp"
#include "gui/views/timeline_canvas.hpp"
#include "gui/views/timeline_view.hpp"
#include "gui/views/topology_canvas.hpp"
#include "gui/views/topology_view.hpp"
#include "scenarios/run_flow.hpp"
#include "sim/plan/rank_order.hpp"

namespace gui {

namespace {

/// What decides how the map looks and which ways flows take; a change draws it anew.
QString cluster_key(const scenarios::Scenario& s) {
  const topology::ClusterSpec& c = s.cluster;
  const sim::Layout& l = s.layout;
  const scenarios::NetworkConditions& n = s.network;
  QStringList key{QString::fromStdString(c.id)};
  for (const int part : {c.gpus,
                         c.gpus_per_node,
                         static_cast<int>(c.fabric),
                         c.nodes_per_leaf,
                         c.planes,
                         c.switch_ports,
                         c.dragonfly.switches,
                         c.dragonfly.endpoints,
                         c.dragonfly.spines,
                         c.dragonfly.global_links,
                         l.tp,
                         l.cp,
                         l.ep,
                         l.dp,
                         l.pp,
                         l.virtual_stages,
                         l.shard_degree,
                         n.fabric_gpus,
                         static_cast<int>(n.routing),
                         static_cast<int>(n.placement.rule),
                         static_cast<int>(n.neighbours.size())}) {
    key << QString::number(part);
  }
  for (const std::vector<int>* list : {&c.torus, &n.placement.nodes}) {
    for (const int one : *list) {
      key << QString::number(one);
    }
  }
  for (const scenarios::FaultWords& fault : n.faults) {
    key << QString::fromStdString(fault.what);
  }
  key << QString::number(c.leaf_oversubscription) << QString::number(c.spine_oversubscription)
      << QString::fromStdString(sim::name(l.order));
  return key.join('/');
}

}  // namespace

void MainWindow::show_list() {
  const QSignalBlocker quiet(list_);
  list_->clear();
  int row = 0;
  for (const Variant& variant : document_.variants()) {
    const QString title = (variant.modified() ? "● " : "") + variant.title();
    auto* item = new QListWidgetItem(row == 0 ? tr("%1 (baseline)").arg(title) : title, list_);
    item->setToolTip(variant.path);
    if (&variant == document_.current()) {
      list_->setCurrentRow(row);
    }
    ++row;
  }
  setWindowModified(document_.modified());
  show_compared();
}

void MainWindow::show_current() {
  const Variant* variant = document_.current();
  editors_->setEnabled(variant != nullptr);
  show_list();
  if (variant == nullptr) {
    text_->show_text({});
    checked_ = {};
    topology_->canvas().set_message(tr("Open a scenario to see its cluster."));
    timeline_->canvas().set_message(tr("Open a scenario to see its step."));
    find_choices();
    results_->show_result(nullptr, nullptr,
                          tr("Open a scenario (Ctrl+O), drop a YAML file here, or take one from "
                             "File, New from template."));
    roofline_->show_result(nullptr);
    setWindowTitle(tr("gpuplan"));
    return;
  }
  setWindowTitle(tr("%1[*] – gpuplan").arg(QFileInfo(variant->path).fileName()));
  text_->show_text(variant->text);
  recheck();
  show_timeline();
}

void MainWindow::show_results() {
  const Variant* variant = document_.current();
  if (variant == nullptr) {
    return;
  }
  const Shown shown = simulations_.shown(variant->id);
  const bool is_baseline = document_.baseline() == variant;
  const Shown baseline = is_baseline ? Shown{} : simulations_.shown(document_.baseline()->id);
  QString state;
  if (checked_id_ == variant->id && checked_.complaint) {
    state = checked_.complaint->sentence;
  } else if (!simulations_.complaint(variant->id).isEmpty()) {
    state = simulations_.complaint(variant->id);
  }
  if (shown.stale && shown.result) {
    state += (state.isEmpty() ? "" : "\n") + tr("Out of date: the figures are of an earlier text.");
  }
  results_->show_result(shown.result, baseline.result, state);
  roofline_->show_result(shown.result);
}

void MainWindow::show_compared() {
  std::vector<Compared> rows;
  std::vector<TimelineView::Other> others;
  for (const Variant& variant : document_.variants()) {
    const Shown shown = simulations_.shown(variant.id);
    rows.push_back({variant.id, variant.title(), shown.result, shown.stale && shown.result});
    if (&variant != document_.current() && simulations_.shown_flow(variant.id).result) {
      others.push_back({variant.id, variant.title()});
    }
  }
  timeline_->show_others(others);
  compare_->show_rows(std::move(rows));
}

void MainWindow::show_explored() {
  const Variant* variant = document_.current();
  if (variant == nullptr) {
    return;
  }
  const Subject subject{variant->path, variant->text, simulations_.profile()};
  const bool checked = checked_id_ == variant->id;
  explore_->what_if().show_scenario(subject, checked ? checked_ : Checked{});
  explore_->sweep().show_scenario(subject);
  explore_->plan().show_scenario(subject);
  const Variant* first = document_.baseline();
  run_->show_scenario(
      subject, checked && checked_.scenario.has_value(),
      first == variant ? Subject{} : Subject{first->path, first->text, simulations_.profile()});
  const Shown flow = simulations_.shown_flow(variant->id);
  run_->show_flow(flow.stale ? nullptr : flow.result);
  const Shown shown = simulations_.shown(variant->id);
  explore_->what_if().show_result(shown.result, shown.stale && shown.result, simulations_.busy());
}

void MainWindow::show_source(const AskedFigure& figure) {
  const Variant* variant = document_.current();
  source_->show_figure(figure,
                       variant == nullptr ? QString() : QFileInfo(variant->path).absolutePath());
}

void MainWindow::show_input(const QString& path) {
  if (QWidget* field = form_->editor(path)) {
    editors_->setCurrentWidget(form_);
    if (auto* area = form_->findChild<QScrollArea*>()) {
      area->ensureWidgetVisible(field);
    }
    activateWindow();
    field->setFocus();
  } else {
    show_view(View::Sources);
    sources_->filter(path);
  }
}

void MainWindow::find_choices() {
  const Variant* variant = document_.current();
  const Subject wanted = variant == nullptr ? Subject{} : Subject{variant->path, variant->text};
  if (making_choices_ || wanted == choices_of_) {
    return;
  }
  choices_of_ = wanted;
  if (wanted.empty()) {
    return form_->show_choices({});
  }
  making_choices_ = true;
  choices_maker_.setFuture(QtConcurrent::run([this, wanted] {
    if (choices_catalog_ == nullptr) {
      choices_catalog_ = std::make_shared<const scenarios::Catalog>(scenarios::Catalog::open());
    }
    return layout_choices(wanted, *choices_catalog_);
  }));
}

void MainWindow::show_topology() {
  if (views_->currentIndex() != static_cast<int>(View::Topology) || making_scene_ ||
      !checked_.scenario || document_.current() == nullptr) {
    return;
  }
  const Shown shown = simulations_.shown_flow(document_.current()->id);
  const auto loads = shown.stale ? nullptr : shown.result;  // loads of another cluster mislead
  const QString key = cluster_key(*checked_.scenario);
  if (key == drawn_cluster_ && loads == drawn_loads_) {
    return;
  }
  drawn_cluster_ = key;
  drawn_loads_ = loads;
  const double aspect =
      static_cast<double>(topology_->canvas().width()) / std::max(1, topology_->canvas().height());
  making_scene_ = true;
  scene_maker_.setFuture(QtConcurrent::run([this, scenario = *checked_.scenario, aspect, loads] {
    Made<TopologyScene> made;
    try {
      if (scene_catalog_ == nullptr) {
        scene_catalog_ = std::make_shared<const scenarios::Catalog>(scenarios::Catalog::open());
      }
      scenarios::Seats seats = scenarios::seats(scenario, *scene_catalog_);
      made.drawing = make_scene(seats.fabric,
                                {.layout = scenario.layout,
                                 .gpus = std::move(seats.gpus),
                                 .routing = scenario.network.routing,
                                 .faults = scenario.network.faults},
                                aspect, loads ? loads->loads_file : QString());
    } catch (const std::exception& e) {
      made.complaint = QString::fromUtf8(e.what());
    }
    return made;
  }));
}

void MainWindow::show_timeline() {
  if (views_->currentIndex() != static_cast<int>(View::Timeline) || making_trace_ ||
      document_.current() == nullptr) {
    return;
  }
  const Shown shown = simulations_.shown_flow(document_.current()->id);
  if (!shown.result) {
    drawn_trace_.reset();
    timeline_->canvas().set_message(simulations_.flow_busy()
                                        ? tr("The network is being simulated…")
                                        : tr("Simulate the network (F5) to see the step."));
    return;
  }
  const Shown beside =
      timeline_->other() > 0 ? simulations_.shown_flow(timeline_->other()) : Shown{};
  if (shown.result == drawn_trace_ && beside.result == drawn_beside_) {
    return;
  }
  drawn_trace_ = shown.result;
  drawn_beside_ = beside.result;
  making_trace_ = true;
  trace_maker_.setFuture(QtConcurrent::run([result = shown.result, other = beside.result] {
    Made<Trace> made;
    try {
      Trace trace = read_trace(result->trace_file);
      made.drawing = std::make_shared<const Trace>(
          other ? side_by_side(trace, read_trace(other->trace_file), "①", "②") : std::move(trace));
    } catch (const std::exception& e) {
      made.complaint = QString::fromUtf8(e.what());
    }
    return made;
  }));
}

void MainWindow::show_status() {
  const bool busy = simulations_.busy();
  progress_->setVisible(busy);
  cancel_->setVisible(busy);
  if (!busy) {
    progress_->setRange(0, 0);
  }
  QPalette palette = this->palette();
  if (checked_.complaint) {
    palette.setColor(QPalette::WindowText, bad_colour(palette));
    status_->setText(checked_.complaint->sentence);
  } else {
    status_->setText(busy ? tr("Simulating…") : document_.current() ? tr("Valid") : QString());
  }
  status_->setPalette(palette);
  status_->setToolTip(status_->text());
}

}  // namespace gui
