// Files in and out of the window: opening, saving, dropping, exporting, recovery.
#include <exception>

#include <QCloseEvent>
#include <QDesktopServices>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QStatusBar>
#include <QTabWidget>
#include <QUrl>

#include "gui/calibrate/calibrate_view.hpp"
#include "gui/dropped.hpp"
#include "gui/explore/explore_view.hpp"
#include "gui/export.hpp"
#include "gui/main_window.hpp"
#include "gui/run/run_view.hpp"
#include "gui/views/compare_view.hpp"
#include "gui/views/results_view.hpp"
#include "gui/views/roofline_view.hpp"
#include "gui/views/sources_view.hpp"
#include "gui/views/table.hpp"
#include "gui/views/timeline_canvas.hpp"
#include "gui/views/timeline_view.hpp"
#include "gui/views/topology_view.hpp"
#include "gui/words.hpp"
#include "scenarios/edit_yaml.hpp"
#include "scenarios/import_hf.hpp"
#include "scenarios/import_nccl.hpp"

namespace gui {

namespace {
constexpr int kMostRecent = 8;
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

void MainWindow::ask_open() {
  open(QFileDialog::getOpenFileNames(this, tr("Open scenarios"), {},
                                     tr("Scenarios (*.yaml *.yml);;All files (*)")));
}

void MainWindow::show_recent() {
  recent_->clear();
  for (const QString& path : settings_.value("recent").toStringList()) {
    recent_->addAction(QFileInfo(path).fileName(), this, [this, path] { open({path}); })
        ->setToolTip(path);
  }
  recent_->setEnabled(!recent_->isEmpty());
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
  take_files(files);
}

void MainWindow::take_files(const QStringList& files) {
  QStringList scenarios;
  QStringList models;
  QStringList topologies;
  QStringList measurements;
  for (const QString& file : files) {
    const Dropped kind = kind_of(file);
    (kind == Dropped::Scenario       ? scenarios
     : kind == Dropped::HfConfig     ? models
     : kind == Dropped::NcclTopology ? topologies
                                     : measurements)
        << file;
  }
  open(scenarios);
  for (const QString& file : models) {
    import_model(file);
  }
  for (const QString& file : topologies) {
    import_topology(file);
  }
  if (!measurements.isEmpty()) {
    calibrate_->add_files(measurements);
    show_view(View::Calibrate);
  }
}

void MainWindow::import_topology(const QString& file) {
  if (document_.current() != nullptr) {
    return take_node(file);
  }
  if (importer_.running()) {
    return complain(tr("An import is running; drop %1 again when it is done.").arg(file));
  }
  const QFileInfo topology(file);
  imported_ = free_name(topology.absolutePath(), topology.completeBaseName() + "-node", "yaml");
  importer_.start({"import", "nccl-topo", file, "--out", imported_});
}

void MainWindow::take_node(const QString& file) {
  const Variant* variant = document_.current();
  guarded([&] {
    const scenarios::NcclNode node = scenarios::read_nccl_node(file.toStdString());
    const QString value = QString::fromStdString(node.value);
    const bool names_fabric =
        scenarios::value_in_text(variant->text.toStdString(), "cluster.fabric").has_value();
    // A variant takes its fabric's name from the scenario below it.
    const std::optional<scenarios::Scenario>& resolved = checked().scenario;
    const Setting setting =
        names_fabric || !resolved
            ? Setting{"cluster.fabric.node", value}
            : Setting{"cluster.fabric",
                      QString("{base: %1, node: %2}")
                          .arg(QString::fromStdString(resolved->cluster.id), value)};
    document_.edit(variant->id, with_settings({variant->path, variant->text}, {setting}),
                   tr("node of %1").arg(QFileInfo(file).fileName()));
    QStringList said{tr("The fabric's nodes are those of %1.").arg(file)};
    for (const std::string& assumed : node.assumed) {
      said << tr("Assumed: %1.").arg(QString::fromStdString(assumed));
    }
    statusBar()->showMessage(said.join(" "));
  });
}

void MainWindow::import_model(const QString& file) {
  const Variant* variant = document_.current();
  if (variant == nullptr) {
    return complain(
        tr("%1 describes a model: open the scenario first that is to have it.").arg(file));
  }
  guarded([&] {
    const scenarios::HfModel found = scenarios::read_hf_config(file.toStdString());
    const QString value = QString::fromStdString(scenarios::model_value(found));
    document_.edit(variant->id, with_settings({variant->path, variant->text}, {{"model", value}}),
                   tr("model of %1").arg(QFileInfo(file).fileName()));
    QStringList said{tr("The model is that of %1: %2 parameters.")
                         .arg(file, count_text(sim::parameters(found.model).total()))};
    for (const std::string& remark : found.remarks) {
      said << QString::fromStdString(remark) + ".";
    }
    statusBar()->showMessage(said.join(" "));
  });
}

void MainWindow::ask_import() {
  take_files(QFileDialog::getOpenFileNames(
      this, tr("Import"), {},
      tr("Hugging Face configurations, NCCL topologies, measurements (*.json *.xml *.jsonl *.txt "
         "*.log *.csv);;All files (*)")));
}

void MainWindow::topology_imported(const Answer& answer) {
  if (!answer.good()) {
    return complain(answer.complaint);
  }
  statusBar()->showMessage(
      tr("Wrote %1, a node for the catalog. Dropped on an open scenario, the topology becomes the "
         "node of its fabric.")
          .arg(imported_));
}

QWidget* MainWindow::current_view() const {
  switch (shown_view()) {
    case View::Topology:
      return topology_->shown();
    case View::Timeline:
      return &timeline_->canvas();
    case View::Results:
      return results_->widget();
    case View::Roofline:
      return roofline_;
    default:
      return views_->currentWidget();
  }
}

void MainWindow::export_view(const QString& file) {
  export_picture(*current_view(), file);
}

void MainWindow::export_table(const QString& file) {
  const View view = shown_view();
  export_text(view == View::Compare    ? compare_->model().csv()
              : view == View::Roofline ? roofline_->table().model().csv()
              : view == View::Explore  ? explore_->csv()
              : view == View::Run      ? run_->csv()
              : view == View::Topology ? topology_->links().model().csv()
              : view == View::Sources  ? sources_->table().model().csv()
                                       : results_->csv(),
              file);
}

void MainWindow::open_in_perfetto() {
  if (drawn_trace_ == nullptr || document_.current() == nullptr) {
    return complain(tr("There is no trace yet: simulate the network first (F5)."));
  }
  const QString file =
      save_copy(drawn_trace_->trace_file, tr("Save the trace"), tr("Traces (*.json)"));
  if (!file.isEmpty()) {
    QDesktopServices::openUrl(QUrl("https://ui.perfetto.dev"));
    statusBar()->showMessage(
        tr("In the page that opened, choose \"Open trace file\" and then %1.").arg(file));
  }
}

QString MainWindow::save_copy(const QString& of, const QString& title, const QString& filter) {
  const QString file = QFileDialog::getSaveFileName(this, title, QFileInfo(of).fileName(), filter);
  return !file.isEmpty() && guarded([&] { copy_file(of, file); }) ? file : QString();
}

void MainWindow::export_report(const QString& file) {
  const Variant* variant = document_.current();
  if (variant == nullptr) {
    return complain(tr("Open a scenario first: the report is of it."));
  }
  if (reporter_.running()) {
    return complain(tr("A report is being written; try again when it is there."));
  }
  reported_ = file;
  statusBar()->showMessage(tr("Writing the report…"));
  const Subject subject{variant->path, variant->text, simulations_.profile()};
  reporter_.start(subject.command("report") + QStringList{"--out", file}, subject.text.toUtf8());
}

void MainWindow::export_as(const QString& filter, void (MainWindow::*write)(const QString&)) {
  const QString file = QFileDialog::getSaveFileName(this, tr("Export"), {}, filter);
  if (!file.isEmpty() && guarded([&] { (this->*write)(file); })) {
    statusBar()->showMessage(tr("Wrote %1").arg(file), 5000);
  }
}

void MainWindow::complain(const QString& sentence) {
  statusBar()->showMessage(sentence);
  if (options_.asks) {
    QMessageBox::warning(this, tr("gpuplan"), sentence);
  }
}

bool MainWindow::guarded(const std::function<void()>& action) {
  try {
    action();
    return true;
  } catch (const std::exception& e) {
    complain(QString::fromUtf8(e.what()));
    return false;
  }
}

}  // namespace gui
