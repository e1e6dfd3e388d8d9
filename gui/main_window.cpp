#include "gui/main_window.hpp"

#include <exception>

#include <QApplication>
#include <QComboBox>
#include <QDockWidget>
#include <QFileInfo>
#include <QLabel>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QStatusBar>
#include <QTabWidget>
#include <QVBoxLayout>

#include "gui/calibrate/calibrate_view.hpp"
#include "gui/explore/explore_view.hpp"
#include "gui/explore/plan_panel.hpp"
#include "gui/explore/sweep_panel.hpp"
#include "gui/explore/what_if_panel.hpp"
#include "gui/forms/fabric_wizard.hpp"
#include "gui/forms/scenario_form.hpp"
#include "gui/forms/text_editor.hpp"
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
#include "scenarios/edit_yaml.hpp"

namespace gui {

namespace {

constexpr int kPause = 150;  ///< ms after the last key before a text is checked
constexpr auto kViews = {"results", "run",       "topology", "timeline", "explore",
                         "compare", "calibrate", "sources",  "roofline"};

}  // namespace

std::optional<View> view_from_name(const QString& name) {
  int i = 0;
  for (const char* known : kViews) {
    if (name == QLatin1String(known)) {
      return static_cast<View>(i);
    }
    ++i;
  }
  return std::nullopt;
}

MainWindow::MainWindow(const Options& options, QWidget* parent)
    : QMainWindow(parent),
      options_(options),
      settings_(options.state_folder + "/settings.ini", QSettings::IniFormat),
      catalog_(scenarios::Catalog::open()),
      simulations_(document_, options.program),
      recovery_(document_, options.state_folder + "/recovery"),
      importer_(options.program),
      reporter_(options.program) {
  setWindowTitle(tr("gpuplan"));
  setAcceptDrops(true);
  resize(1280, 720);
  make_views();
  make_panels();
  make_menus();
  make_status_bar();
  pause_.setSingleShot(true);
  pause_.setInterval(kPause);
  connect(&pause_, &QTimer::timeout, this, &MainWindow::recheck);
  connect(&document_, &Document::text_changed, this, [this](int id) {
    if (document_.current() != nullptr && document_.current()->id == id) {
      text_->show_text(document_.current()->text);
      pause_.start();
      show_results();
    }
  });
  connect(&reporter_, &Command::finished, this, [this](const Answer& answer) {
    answer.good() ? statusBar()->showMessage(tr("Wrote %1").arg(reported_))
                  : complain(answer.complaint);
  });
  connect(&importer_, &Command::finished, this, &MainWindow::topology_imported);
  connect(&document_, &Document::list_changed, this, &MainWindow::show_list);
  connect(&document_, &Document::current_changed, this, &MainWindow::show_current);
  connect(&simulations_, &Simulations::changed, this, [this] {
    show_results();
    show_compared();
    show_explored();
    show_topology();
    show_timeline();
    show_status();
  });
  connect(&simulations_, &Simulations::busy_changed, this, &MainWindow::show_status);
  connect(&simulations_, &Simulations::progress, this, [this](double share, const QString& line) {
    progress_->setRange(0, share < 0 ? 0 : 100);
    progress_->setValue(static_cast<int>(100 * share));
    progress_->setToolTip(line);
  });
  connect(&choices_maker_, &QFutureWatcherBase::finished, this, [this] {
    making_choices_ = false;
    form_->show_choices(choices_maker_.result());
    find_choices();  // of what was typed meanwhile
  });
  connect(&scene_maker_, &QFutureWatcherBase::finished, this, [this] {
    const auto made = scene_maker_.result();
    making_scene_ = false;
    made.drawing ? topology_->show_scene(made.drawing)
                 : topology_->canvas().set_message(made.complaint);
    show_topology();  // what changed meanwhile
  });
  connect(&trace_maker_, &QFutureWatcherBase::finished, this, [this] {
    const auto made = trace_maker_.result();
    making_trace_ = false;
    made.drawing ? timeline_->canvas().show_trace(made.drawing)
                 : timeline_->canvas().set_message(made.complaint);
    show_timeline();
  });
  restoreGeometry(settings_.value("geometry").toByteArray());
  restoreState(settings_.value("state").toByteArray());
  auto_flow_->setChecked(settings_.value("auto_flow", false).toBool());
  show_current();
  recover();
}

MainWindow::~MainWindow() {
  // Their finished() would reach views that are gone.
  choices_maker_.disconnect();
  scene_maker_.disconnect();
  trace_maker_.disconnect();
  choices_maker_.waitForFinished();
  scene_maker_.waitForFinished();
  trace_maker_.waitForFinished();
}

void MainWindow::make_views() {
  results_ = new ResultsView;
  roofline_ = new RooflineView;
  step_ = new QTabWidget;
  step_->setDocumentMode(true);
  step_->addTab(results_, tr("Figures"));
  step_->addTab(roofline_, tr("Roofline"));
  roofline_->setWhatsThis(help_of(View::Roofline));
  topology_ = new TopologyView;
  timeline_ = new TimelineView;
  compare_ = new CompareView;
  sources_ = new SourcesView;
  connect(topology_, &TopologyView::failed, this, &MainWindow::fail);
  connect(timeline_, &TimelineView::other_changed, this, &MainWindow::show_timeline);
  connect(timeline_, &TimelineView::perfetto_wanted, this, &MainWindow::open_in_perfetto);
  run_ = new RunView(options_.program);
  connect(run_, &RunView::edited, this, &MainWindow::edit_value);
  explore_ = new ExploreView(options_.program);
  connect(explore_, &ExploreView::edited, this, &MainWindow::edit_text);
  connect(explore_, &ExploreView::taken, this, &MainWindow::take_over);
  calibrate_ = new CalibrateView(options_.program);
  connect(calibrate_, &CalibrateView::adopted, this, [this](const QString& profile) {
    simulations_.set_profile(profile);
    calibrate_->show_adopted(profile);
    show_explored();
    statusBar()->showMessage(profile.isEmpty() ? tr("All views use the catalog's profiles.")
                                               : tr("All views use the fitted profile."));
  });
  connect(calibrate_, &CalibrateView::save_wanted, this, [this](const QString& profile) {
    save_copy(profile, tr("Save the profile"), tr("Profiles (*.json)"));
  });
  connect(compare_, &CompareView::activated, &document_, &Document::show);
  source_ = new SourceDialog(this);
  connect(source_, &SourceDialog::input_wanted, this, &MainWindow::show_input);
  connect(results_, &ResultsView::asked, this, &MainWindow::show_source);
  connect(run_, &RunView::asked, this, &MainWindow::show_source);
  connect(compare_, &CompareView::asked, this, &MainWindow::show_source);
  views_ = new QTabWidget;
  views_->setDocumentMode(true);
  views_->addTab(step_, tr("Results"));
  views_->addTab(run_, tr("Whole run"));
  views_->addTab(topology_, tr("Topology"));
  views_->addTab(timeline_, tr("Timeline"));
  views_->addTab(explore_, tr("Explore"));
  views_->addTab(compare_, tr("Compare"));
  views_->addTab(calibrate_, tr("Calibrate"));
  views_->addTab(sources_, tr("Sources"));
  for (int i = 0; i < views_->count(); ++i) {
    views_->widget(i)->setWhatsThis(help_of(static_cast<View>(i)));
  }
  connect(views_, &QTabWidget::currentChanged, this, [this] {
    show_topology();
    show_timeline();
  });
  setCentralWidget(views_);
}

void MainWindow::make_panels() {
  list_ = new QListWidget;
  list_->setAccessibleName(tr("Open scenarios"));
  list_->setTextElideMode(Qt::ElideMiddle);
  connect(list_, &QListWidget::currentRowChanged, this, [this](int row) {
    if (row >= 0 && row < static_cast<int>(document_.variants().size())) {
      document_.show(document_.variants()[static_cast<std::size_t>(row)].id);
    }
  });
  form_ = new ScenarioForm(catalog_);
  connect(form_, &ScenarioForm::edited, this, &MainWindow::edit_value);
  connect(form_, &ScenarioForm::picked, this, &MainWindow::pick_degree);
  connect(form_, &ScenarioForm::swept, this, [this](const QString& key, const QString& value) {
    explore_->add_axis(key, value);
    show_view(View::Explore);
  });
  text_ = new TextEditor;
  connect(text_, &TextEditor::edited, this, [this](const QString& text) {
    if (document_.current() != nullptr) {
      document_.edit(document_.current()->id, text, tr("typing"), Document::Merge::Typing);
    }
  });
  editors_ = new QTabWidget;
  editors_->setDocumentMode(true);
  editors_->addTab(form_, tr("Form"));
  editors_->addTab(text_, tr("YAML"));
  auto* split = new QSplitter(Qt::Vertical);
  split->addWidget(list_);
  split->addWidget(editors_);
  split->setStretchFactor(1, 1);
  split->setSizes({90, 600});
  auto* dock = new QDockWidget(tr("Scenarios"), this);
  dock->setObjectName("scenarios");
  dock->setWidget(split);
  dock->setFeatures(QDockWidget::DockWidgetMovable | QDockWidget::DockWidgetFloatable |
                    QDockWidget::DockWidgetClosable);
  addDockWidget(Qt::LeftDockWidgetArea, dock);
  resizeDocks({dock}, {370}, Qt::Horizontal);
}

void MainWindow::make_status_bar() {
  status_ = new QLabel;
  status_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  status_->setMinimumWidth(10);
  progress_ = new QProgressBar;
  progress_->setMaximumWidth(180);
  progress_->setAccessibleName(tr("Progress of the simulation"));
  cancel_ = new QPushButton(tr("Cancel"));
  connect(cancel_, &QPushButton::clicked, this, &MainWindow::cancel);
  statusBar()->addWidget(status_, 1);
  statusBar()->addPermanentWidget(progress_);
  statusBar()->addPermanentWidget(cancel_);
  if (!recovery_.problem().isEmpty()) {
    complain(recovery_.problem());
  }
  show_status();
}

void MainWindow::show_view(View view) {
  if (view == View::Results || view == View::Roofline) {
    step_->setCurrentWidget(view == View::Results ? static_cast<QWidget*>(results_) : roofline_);
    view = View::Results;
  }
  views_->setCurrentIndex(static_cast<int>(view));
}

View MainWindow::shown_view() const {
  const auto view = static_cast<View>(views_->currentIndex());
  return view == View::Results && step_->currentWidget() == roofline_ ? View::Roofline : view;
}

void MainWindow::set_theme(Theme theme) {
  apply_theme(theme);
  dark_->setChecked(theme == Theme::Dark);
  settings_.setValue("theme", theme == Theme::Dark ? "dark" : "light");
  show_current();  // colours that palettes do not carry
}

bool MainWindow::idle() const {
  return !simulations_.busy() && !pause_.isActive() && !making_scene_ && !making_trace_ &&
         !making_choices_ && explore_->idle() && run_->idle() && calibrate_->idle() &&
         !importer_.running() && !reporter_.running();
}

void MainWindow::finish_editing() {
  if (QWidget* focus = QApplication::focusWidget();
      focus != nullptr && form_->isAncestorOf(focus)) {
    focus->clearFocus();
    focus->setFocus();
  }
}

void MainWindow::run() {
  finish_editing();
  recheck();
  if (document_.current() != nullptr && checked_.scenario) {
    simulations_.request(document_.current()->id, Fidelity::Flow);
  }
}

void MainWindow::cancel() {
  simulations_.cancel();
}

void MainWindow::duplicate() {
  if (document_.current() != nullptr) {
    document_.duplicate(document_.current()->id);
  }
}

void MainWindow::edit_value(const QString& key, const QString& value) {
  const Variant* variant = document_.current();
  if (variant == nullptr) {
    return;
  }
  const bool done = guarded([&] {
    const std::string text =
        scenarios::with_value(variant->text.toStdString(), key.toStdString(),
                              value.isEmpty() ? std::nullopt : std::optional(value.toStdString()),
                              variant->path.toStdString());
    document_.edit(variant->id, QString::fromStdString(text), tr("change of %1").arg(key));
  });
  if (!done) {
    form_->show_text(variant->text, checked_);  // what the text still says
  }
}

void MainWindow::pick_degree(const QString& key, int value) {
  const Variant* variant = document_.current();
  if (variant != nullptr) {
    guarded([&] {
      document_.edit(variant->id,
                     with_settings({variant->path, variant->text}, settings_for(key, value)),
                     tr("change of %1").arg(key));
    });
  }
}

std::unique_ptr<FabricWizard> MainWindow::fabric_wizard() {
  const Variant* variant = document_.current();
  return variant == nullptr ? nullptr
                            : std::make_unique<FabricWizard>(Subject{variant->path, variant->text},
                                                             checked_, catalog_, this);
}

void MainWindow::design_fabric() {
  finish_editing();
  const auto wizard = fabric_wizard();
  if (wizard == nullptr) {
    return complain(tr("Open a scenario first: the fabric becomes its cluster."));
  }
  if (wizard->exec() == QDialog::Accepted) {
    take_fabric(*wizard);
  }
}

void MainWindow::take_fabric(const FabricWizard& wizard) {
  const Variant* variant = document_.current();
  if (variant != nullptr) {
    guarded([&] {
      document_.edit(
          variant->id,
          with_settings({variant->path, variant->text}, {{"cluster", wizard.draft().value()}}),
          tr("fabric"));
    });
  }
}

void MainWindow::edit_text(const QString& text, const QString& what) {
  if (document_.current() != nullptr) {
    document_.edit(document_.current()->id, text, what);
    run();
  }
}

void MainWindow::fail(const QString& what) {
  const Variant* variant = document_.current();
  if (variant == nullptr || what.isEmpty()) {
    return;
  }
  guarded([&] {
    const QString text = with_fault({variant->path, variant->text}, what);
    document_.add_variant(variant->id, text, tr("without %1").arg(what));
    run();
  });
}

void MainWindow::take_over(const Subject& of, const QString& name,
                           const std::vector<Setting>& settings) {
  for (const Variant& variant : document_.variants()) {
    if (variant.path == of.path) {
      guarded([&] { document_.add_variant(variant.id, with_settings(of, settings), name); });
      return;
    }
  }
  complain(
      tr("The scenario of this result is closed; open %1 again to take it over.").arg(of.path));
}

void MainWindow::recheck() {
  pause_.stop();
  const Variant* variant = document_.current();
  if (variant == nullptr) {
    return;
  }
  checked_ = check(variant->text, variant->path, catalog_);
  checked_id_ = variant->id;
  form_->show_text(variant->text, checked_);
  text_->mark(checked_.complaint);
  if (checked_.scenario) {
    sources_->show_values(checked_.scenario->values, QFileInfo(variant->path).absolutePath());
    simulations_.request(variant->id, Fidelity::ClosedForm);
    if (auto_flow_->isChecked()) {
      simulations_.request(variant->id, Fidelity::Flow);
    }
  }
  find_choices();
  show_results();
  show_explored();
  show_topology();
  show_status();
}

}  // namespace gui
