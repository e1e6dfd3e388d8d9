// What the window offers: menus, shortcuts, the tool bar.
#include <QDir>
#include <QDockWidget>
#include <QFileDialog>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QTabWidget>
#include <QToolBar>
#include <QWhatsThis>

#include "gui/main_window.hpp"
#include "scenarios/version.hpp"

namespace gui {

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
  file->addAction(tr("&Import…"), QKeySequence(Qt::CTRL | Qt::Key_I), this,
                  &MainWindow::ask_import);
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
  file->addAction(tr("Export &report…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R), this,
                  [this] {
                    const QString page = QFileDialog::getSaveFileName(
                        this, tr("Export"), {}, tr("Web pages (*.html);;Markdown (*.md)"));
                    if (!page.isEmpty()) {
                      export_report(page);
                    }
                  });
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
  edit->addAction(tr("&Fabric…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F), this,
                  &MainWindow::design_fabric);
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
                    [this, i] { show_view(static_cast<View>(i)); });
  }
  view->addAction(step_->tabText(1), QKeySequence(Qt::CTRL | Qt::Key_9), this,
                  [this] { show_view(View::Roofline); });
  view->addSeparator();
  dark_ = view->addAction(tr("&Dark"));
  dark_->setCheckable(true);
  dark_->setChecked(is_dark(palette()));
  connect(dark_, &QAction::toggled, this,
          [this](bool on) { set_theme(on ? Theme::Dark : Theme::Light); });
  if (auto* dock = findChild<QDockWidget*>("scenarios")) {
    view->addAction(dock->toggleViewAction());
  }
  QMenu* help_menu = menuBar()->addMenu(tr("&Help"));
  help_menu->addAction(tr("&Help on this view"), QKeySequence(Qt::Key_F1), this, &MainWindow::help);
  help_menu->addAction(QWhatsThis::createAction(this));
  help_menu->addSeparator();
  help_menu->addAction(tr("&About gpuplan"), this, [this] {
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

void MainWindow::help() {
  QWidget* shown = views_->currentWidget();
  QWhatsThis::showText(shown->mapToGlobal(shown->rect().center()), help_of(shown_view()), shown);
}

}  // namespace gui
