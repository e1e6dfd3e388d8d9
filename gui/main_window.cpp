#include "gui/main_window.hpp"

#include <algorithm>
#include <exception>

#include <QApplication>
#include <QCloseEvent>
#include <QComboBox>
#include <QDir>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QListWidget>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QStatusBar>
#include <QTabWidget>
#include <QToolBar>
#include <QVBoxLayout>
#include <QtConcurrentRun>

#include "gui/export.hpp"
#include "gui/forms/scenario_form.hpp"
#include "gui/forms/text_editor.hpp"
#include "gui/views/compare_view.hpp"
#include "gui/views/results_view.hpp"
#include "gui/views/sources_view.hpp"
#include "gui/views/timeline_canvas.hpp"
#include "gui/views/topology_canvas.hpp"
#include "scenarios/edit_yaml.hpp"
#include "scenarios/version.hpp"

namespace gui {

namespace {

constexpr int kPause = 150;  ///< ms after the last key before a text is checked
constexpr int kMostRecent = 8;
constexpr auto kViews = {"results", "topology", "timeline", "compare", "sources"};

/// What a drawing of the cluster depends on; null pointers in it are no matter.
QString cluster_key(const scenarios::Scenario& s) {
  const auto& c = s.cluster;
  return QString("%1 %2 %3 %4 %5 %6 %7 %8/%9")
      .arg(QString::fromStdString(c.id))
      .arg(c.gpus)
      .arg(c.gpus_per_node)
      .arg(static_cast<int>(c.fabric))
      .arg(c.leaf_oversubscription)
      .arg(c.nodes_per_leaf)
      .arg(c.planes)
      .arg(s.layout.tp)
      .arg(s.layout.pp);
}

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
      recovery_(document_, options.state_folder + "/recovery") {
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
  connect(&document_, &Document::list_changed, this, &MainWindow::show_list);
  connect(&document_, &Document::current_changed, this, &MainWindow::show_current);
  connect(&simulations_, &Simulations::changed, this, [this] {
    show_results();
    show_compared();
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
  connect(&scene_maker_, &QFutureWatcherBase::finished, this, [this] {
    const auto made = scene_maker_.result();
    making_scene_ = false;
    made.drawing ? topology_->show_scene(made.drawing) : topology_->set_message(made.complaint);
    show_topology();  // what changed meanwhile
  });
  connect(&trace_maker_, &QFutureWatcherBase::finished, this, [this] {
    const auto made = trace_maker_.result();
    making_trace_ = false;
    made.drawing ? timeline_->show_trace(made.drawing) : timeline_->set_message(made.complaint);
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
  scene_maker_.disconnect();
  trace_maker_.disconnect();
  scene_maker_.waitForFinished();
  trace_maker_.waitForFinished();
}

void MainWindow::make_views() {
  results_ = new ResultsView;
  topology_ = new TopologyCanvas;
  timeline_ = new TimelineCanvas;
  compare_ = new CompareView;
  sources_ = new SourcesView;
  topology_facts_ = new QLabel;
  timeline_facts_ = new QLabel;
  auto* highlight = new QComboBox;
  highlight->addItems(
      {tr("no group"), tr("tensor-parallel group"), tr("pipeline"), tr("data-parallel group")});
  highlight->setAccessibleName(tr("Outline of the selected accelerator"));
  highlight->setToolTip(tr("Outlines the ranks that the selected accelerator talks to"));
  connect(highlight, &QComboBox::currentIndexChanged, this,
          [this](int index) { topology_->set_highlight(static_cast<RankGroup>(index)); });
  connect(topology_, &TopologyCanvas::selection_changed, this,
          [this] { topology_facts_->setText(topology_->facts()); });
  connect(timeline_, &TimelineCanvas::selection_changed, this,
          [this] { timeline_facts_->setText(timeline_->facts()); });
  connect(compare_, &CompareView::activated, &document_, &Document::show);
  auto* hint =
      new QLabel(tr("Wheel or W S: zoom · A D: move · drag: select · Shift+drag: pan · 0: all"));
  hint->setEnabled(true);
  views_ = new QTabWidget;
  views_->setDocumentMode(true);
  views_->addTab(results_, tr("Results"));
  views_->addTab(with_facts(topology_, topology_facts_, highlight), tr("Topology"));
  views_->addTab(with_facts(timeline_, timeline_facts_, hint), tr("Timeline"));
  views_->addTab(compare_, tr("Compare"));
  views_->addTab(sources_, tr("Sources"));
  connect(views_, &QTabWidget::currentChanged, this, [this] {
    show_topology();
    show_timeline();
  });
  setCentralWidget(views_);
}

QWidget* MainWindow::with_facts(QWidget* canvas, QLabel* facts, QWidget* tools) {
  facts->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  facts->setAlignment(Qt::AlignTop);
  facts->setMinimumWidth(10);
  facts->setMinimumHeight(facts->fontMetrics().lineSpacing() * 4);
  auto* row = new QHBoxLayout;
  row->addWidget(facts, 1);
  row->addWidget(tools, 0, Qt::AlignTop);
  auto* page = new QWidget;
  auto* layout = new QVBoxLayout(page);
  layout->addWidget(canvas, 1);
  layout->addLayout(row);
  return page;
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

void MainWindow::make_file_menu() {
  QMenu* file = menuBar()->addMenu(tr("&File"));
  QMenu* templates = file->addMenu(tr("&New from template"));
  const QDir examples(QString::fromStdString(catalog_.directory().string()) + "/../examples");
  for (const QString& name : examples.entryList({"*.yaml"}, QDir::Files, QDir::Name)) {
    templates->addAction(QString(name).chopped(5), this,
                         [this, path = examples.filePath(name)] { new_from(path); });
  }
  templates->setEnabled(!templates->isEmpty());
  file->addAction(tr("&Open…"), QKeySequence::Open, this, &MainWindow::ask_open);
  recent_ = file->addMenu(tr("Open &recent"));
  show_recent();
  file->addAction(tr("&Save"), QKeySequence::Save, this, &MainWindow::save);
  file->addAction(tr("Save &as…"), QKeySequence::SaveAs, this, &MainWindow::save_as);
  file->addAction(tr("&Close scenario"), QKeySequence::Close, this, &MainWindow::close_current);
  file->addSeparator();
  file->addAction(tr("Export &picture…"), QKeySequence(Qt::CTRL | Qt::Key_E), this, [this] {
    export_as(tr("Pictures (*.png *.svg *.pdf)"), &MainWindow::export_view);
  });
  file->addAction(tr("Export &table…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E), this,
                  [this] { export_as(tr("Tables (*.csv)"), &MainWindow::export_table); });
  file->addSeparator();
  file->addAction(tr("&Quit"), QKeySequence::Quit, this, &QWidget::close);
}

void MainWindow::make_menus() {
  make_file_menu();
  QMenu* edit = menuBar()->addMenu(tr("&Edit"));
  QAction* undo = document_.undo_stack().createUndoAction(this, tr("&Undo"));
  undo->setShortcut(QKeySequence::Undo);
  QAction* redo = document_.undo_stack().createRedoAction(this, tr("&Redo"));
  redo->setShortcut(QKeySequence::Redo);
  edit->addActions({undo, redo});
  QAction* variant = edit->addAction(tr("New &variant"), QKeySequence(Qt::CTRL | Qt::Key_D), this,
                                     &MainWindow::duplicate);
  QMenu* simulate = menuBar()->addMenu(tr("&Simulate"));
  QAction* run_action = simulate->addAction(tr("Simulate &network"), QKeySequence(Qt::Key_F5), this,
                                            &MainWindow::run);
  simulate->addAction(tr("&Cancel"), QKeySequence(Qt::CTRL | Qt::Key_Period), this,
                      &MainWindow::cancel);
  auto_flow_ = simulate->addAction(tr("Network after &each change"));
  auto_flow_->setCheckable(true);
  connect(auto_flow_, &QAction::toggled, this,
          [this](bool on) { settings_.setValue("auto_flow", on); });
  QMenu* view = menuBar()->addMenu(tr("&View"));
  for (int i = 0; i < views_->count(); ++i) {
    view->addAction(views_->tabText(i), QKeySequence(Qt::CTRL | (Qt::Key_1 + i)), this,
                    [this, i] { views_->setCurrentIndex(i); });
  }
  view->addSeparator();
  dark_ = view->addAction(tr("&Dark"));
  dark_->setCheckable(true);
  dark_->setChecked(is_dark(palette()));
  connect(dark_, &QAction::toggled, this,
          [this](bool on) { set_theme(on ? Theme::Dark : Theme::Light); });
  if (auto* dock = findChild<QDockWidget*>("scenarios")) {
    view->addAction(dock->toggleViewAction());
  }
  QMenu* help = menuBar()->addMenu(tr("&Help"));
  help->addAction(tr("&About gpuplan"), this, [this] {
    QMessageBox::about(
        this, tr("About gpuplan"),
        tr("gpuplan %1: simulator and capacity planner for AI training clusters.\nSources: "
           "Apache-2.0. This program links QCustomPlot and is distributed under the GPL, version "
           "3 or later.")
            .arg(QString::fromStdString(std::string(scenarios::version()))));
  });
  auto* bar = addToolBar(tr("Main"));
  bar->setObjectName("main");
  bar->setMovable(false);
  bar->setToolButtonStyle(Qt::ToolButtonTextOnly);
  bar->addActions({run_action, variant, undo, redo});
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

void MainWindow::recover() {
  const auto left = recovery_.recovered();
  for (Variant variant : left) {
    document_.adopt(variant);
  }
  if (!left.empty()) {
    recovery_.store();
    statusBar()->showMessage(
        tr("Recovered unsaved changes of %1 scenario(s) from a session that ended unexpectedly.")
            .arg(left.size()));
  }
}

void MainWindow::open(const QStringList& files) {
  for (const QString& file : files) {
    guarded([&] {
      const int id = document_.open(file);
      QStringList recent = settings_.value("recent").toStringList();
      recent.removeAll(document_.find(id)->path);
      recent.prepend(document_.find(id)->path);
      settings_.setValue("recent", QStringList(recent.mid(0, kMostRecent)));
      show_recent();
      recheck();
      if (checked_.scenario) {
        simulations_.request(id, Fidelity::Flow);
      }
    });
  }
}

void MainWindow::new_from(const QString& file) {
  guarded([&] {
    const int id = document_.open(file);
    document_.duplicate(id);
    document_.close(id);
  });
}

void MainWindow::show_view(View view) {
  views_->setCurrentIndex(static_cast<int>(view));
}

void MainWindow::set_theme(Theme theme) {
  apply_theme(theme);
  dark_->setChecked(theme == Theme::Dark);
  settings_.setValue("theme", theme == Theme::Dark ? "dark" : "light");
  show_current();  // colours that palettes do not carry
}

bool MainWindow::idle() const {
  return !simulations_.busy() && !pause_.isActive() && !making_scene_ && !making_trace_;
}

QWidget* MainWindow::current_view() const {
  switch (static_cast<View>(views_->currentIndex())) {
    case View::Topology:
      return topology_;
    case View::Timeline:
      return timeline_;
    case View::Results:
      return results_->widget();
    default:
      return views_->currentWidget();
  }
}

void MainWindow::export_view(const QString& file) {
  export_picture(*current_view(), file);
}

void MainWindow::export_table(const QString& file) {
  const auto view = static_cast<View>(views_->currentIndex());
  export_text(view == View::Compare   ? compare_->model().csv()
              : view == View::Sources ? sources_->model().csv()
                                      : results_->csv(),
              file);
}

void MainWindow::export_as(const QString& filter, void (MainWindow::*write)(const QString&)) {
  const QString file = QFileDialog::getSaveFileName(this, tr("Export"), {}, filter);
  if (!file.isEmpty() && guarded([&] { (this->*write)(file); })) {
    statusBar()->showMessage(tr("Wrote %1").arg(file), 5000);
  }
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
    sources_->show_values(checked_.scenario->values);
    simulations_.request(variant->id, Fidelity::ClosedForm);
    if (auto_flow_->isChecked()) {
      simulations_.request(variant->id, Fidelity::Flow);
    }
  }
  show_results();
  show_topology();
  show_status();
}

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
    topology_->set_message(tr("Open a scenario to see its cluster."));
    timeline_->set_message(tr("Open a scenario to see its step."));
    results_->show_result(nullptr, nullptr,
                          tr("Open a scenario (Ctrl+O), drop a YAML file here, or take one from "
                             "File, New from template."));
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
}

void MainWindow::show_compared() {
  std::vector<Compared> rows;
  for (const Variant& variant : document_.variants()) {
    const Shown shown = simulations_.shown(variant.id);
    rows.push_back({variant.id, variant.title(), shown.result, shown.stale && shown.result});
  }
  compare_->show_rows(std::move(rows));
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
  const double aspect = static_cast<double>(topology_->width()) / std::max(1, topology_->height());
  making_scene_ = true;
  scene_maker_.setFuture(QtConcurrent::run(
      [cluster = checked_.scenario->cluster, layout = checked_.scenario->layout, aspect, loads] {
        Made<TopologyScene> made;
        try {
          made.drawing = make_scene(cluster, layout, aspect, loads ? loads->loads_file : QString());
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
    timeline_->set_message(simulations_.flow_busy()
                               ? tr("The network is being simulated…")
                               : tr("Simulate the network (F5) to see the step."));
    return;
  }
  if (shown.result == drawn_trace_) {
    return;
  }
  drawn_trace_ = shown.result;
  making_trace_ = true;
  trace_maker_.setFuture(QtConcurrent::run([result = shown.result] {
    Made<Trace> made;
    try {
      made.drawing = std::make_shared<const Trace>(read_trace(result->trace_file));
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

void MainWindow::show_recent() {
  recent_->clear();
  for (const QString& path : settings_.value("recent").toStringList()) {
    recent_->addAction(QFileInfo(path).fileName(), this, [this, path] { open({path}); })
        ->setToolTip(path);
  }
  recent_->setEnabled(!recent_->isEmpty());
}

void MainWindow::ask_open() {
  open(QFileDialog::getOpenFileNames(this, tr("Open scenarios"), {},
                                     tr("Scenarios (*.yaml *.yml);;All files (*)")));
}

bool MainWindow::save() {
  finish_editing();
  const Variant* variant = document_.current();
  if (variant == nullptr || variant->untitled) {
    return variant != nullptr && save_as();
  }
  return guarded([&] { document_.save(variant->id); });
}

bool MainWindow::save_as() {
  const Variant* variant = document_.current();
  if (variant == nullptr) {
    return false;
  }
  const QString file = QFileDialog::getSaveFileName(this, tr("Save scenario"), variant->path,
                                                    tr("Scenarios (*.yaml *.yml)"));
  return !file.isEmpty() && guarded([&] { document_.save_as(variant->id, file); });
}

void MainWindow::close_current() {
  const Variant* variant = document_.current();
  if (variant == nullptr) {
    return;
  }
  if (options_.asks && variant->modified() &&
      QMessageBox::question(
          this, tr("Close scenario"),
          tr("%1 has changes that are not saved. Close it without them?").arg(variant->title())) !=
          QMessageBox::Yes) {
    return;
  }
  document_.close(variant->id);
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (options_.asks && document_.modified() &&
      QMessageBox::question(this, tr("Quit"),
                            tr("Some scenarios have changes that are not saved. Quit without "
                               "them?")) != QMessageBox::Yes) {
    event->ignore();
    return;
  }
  settings_.setValue("geometry", saveGeometry());
  settings_.setValue("state", saveState());
  simulations_.cancel();
  recovery_.finish();
  event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) {
    event->acceptProposedAction();
  }
}

void MainWindow::dropEvent(QDropEvent* event) {
  QStringList files;
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile()) {
      files << url.toLocalFile();
    }
  }
  open(files);
}

void MainWindow::complain(const QString& sentence) {
  statusBar()->showMessage(sentence);
  if (options_.asks) {
    QMessageBox::warning(this, tr("gpuplan"), sentence);
  }
}

template <class Action>
bool MainWindow::guarded(Action action) {
  try {
    action();
    return true;
  } catch (const std::exception& e) {
    complain(QString::fromUtf8(e.what()));
    return false;
  }
}

}  // namespace gui
