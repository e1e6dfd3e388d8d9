#pragma once
// The window: scenarios and their form on the left, what is known of the current one in the middle.
// It connects; documents, simulations and views do the work.
#include <functional>
#include <memory>

#include <QFutureWatcher>
#include <QMainWindow>
#include <QSettings>
#include <QTimer>

#include "gui/check.hpp"
#include "gui/command.hpp"
#include "gui/document.hpp"
#include "gui/draft.hpp"
#include "gui/forms/layout_choices.hpp"
#include "gui/help.hpp"
#include "gui/recovery.hpp"
#include "gui/simulations.hpp"
#include "gui/theme.hpp"
#include "scenarios/catalog.hpp"

class QLabel;
class QListWidget;
class QMenu;
class QProgressBar;
class QPushButton;
class QTabWidget;

namespace gui {

class CalibrateView;
class CompareView;
class ExploreView;
class FabricWizard;
class ResultsView;
class RooflineView;
class RunView;
class ScenarioForm;
class SourceDialog;
class SourcesView;
class TextEditor;
class TimelineView;
class TopologyView;
struct AskedFigure;
struct TopologyScene;
struct Trace;

std::optional<View> view_from_name(const QString& name);  ///< "topology"

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  struct Options {
    QString state_folder;  ///< settings and recovery
    QString program;       ///< the gpuplan command
    bool asks = true;      ///< about unsaved changes and with warnings in boxes; tests do not
  };

  explicit MainWindow(const Options& options, QWidget* parent = nullptr);
  ~MainWindow() override;

  /// Opens files, simulates them and says what could not be opened.
  void open(const QStringList& files);
  void show_view(View view);
  void set_theme(Theme theme);
  /// Nothing runs and nothing waits to be drawn: what a screenshot waits for.
  [[nodiscard]] bool idle() const;
  [[nodiscard]] Document& document() { return document_; }
  [[nodiscard]] Simulations& simulations() { return simulations_; }
  [[nodiscard]] const Checked& checked() const { return checked_; }
  [[nodiscard]] View shown_view() const;
  [[nodiscard]] QWidget* current_view() const;
  void export_view(const QString& file);
  /// One page of the current scenario as it stands in the window, by gpuplan report: HTML, or
  /// Markdown for a file .md; says when it is there.
  void export_report(const QString& file);
  void export_table(const QString& file);
  /// The field of a value, where the form has one; else its row among the sources.
  void show_input(const QString& path);
  [[nodiscard]] SourceDialog& source_dialog() const { return *source_; }
  /// What was dropped: scenarios open, a Hugging Face config.json becomes the model of the current
  /// one, measurements go to Calibrate, topologies become nodes.
  void take_files(const QStringList& files);

 public slots:
  void run();  ///< the network, in flow simulation
  void cancel();
  void duplicate();
  /// A dialog for a fabric of one's own, which becomes the cluster of the current scenario.
  void design_fabric();
  /// What that dialog is opened with; null: there is no scenario.
  [[nodiscard]] std::unique_ptr<FabricWizard> fabric_wizard();
  /// One undo step.
  void take_fabric(const FabricWizard& wizard);
  void help();  ///< on the view that is shown

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  /// What a background thread made: a drawing or why there is none.
  template <class Drawing>
  struct Made {
    std::shared_ptr<const Drawing> drawing;
    QString complaint;
  };

  void make_menus();
  void make_file_menu();
  void make_panels();
  void make_views();
  void make_status_bar();
  void recover();

  void show_source(const AskedFigure& figure);
  void finish_editing();  ///< takes over what stands half-typed in a field
  void edit_value(const QString& key, const QString& value);
  void pick_degree(const QString& key, int value);
  void edit_text(const QString& text, const QString& what);
  void fail(const QString& what);  ///< a variant without a device or link
  void open_in_perfetto();
  /// A variant of the scenario that was explored.
  void take_over(const Subject& of, const QString& name, const std::vector<Setting>& settings);
  void recheck();  ///< and simulate what changed
  void show_list();
  void show_current();
  void show_results();
  void show_compared();
  void show_explored();
  void show_topology();
  void show_timeline();
  void show_status();
  void show_recent();
  void find_choices();  ///< of the layout, in the background

  void new_from(const QString& file);
  void ask_open();
  bool save();
  bool save_as();
  void close_current();
  void import_topology(const QString& file);
  void take_node(const QString& file);  ///< of a topology, into the current scenario
  void import_model(const QString& file);
  void ask_import();
  void topology_imported(const Answer& answer);
  /// Asks where to; empty: nowhere.
  QString save_copy(const QString& of, const QString& title, const QString& filter);
  void export_as(const QString& filter, void (MainWindow::*write)(const QString&));
  void complain(const QString& sentence);
  /// Does it, or complains and returns false.
  bool guarded(const std::function<void()>& action);

  Options options_;
  QSettings settings_;
  scenarios::Catalog catalog_;
  Document document_;
  Simulations simulations_;
  Recovery recovery_;
  Checked checked_;
  int checked_id_ = 0;
  Command importer_, reporter_;
  QString imported_, reported_;  ///< the files that they write
  QTimer pause_;                 ///< between an edit and its check

  QListWidget* list_ = nullptr;
  QTabWidget* editors_ = nullptr;
  ScenarioForm* form_ = nullptr;
  TextEditor* text_ = nullptr;
  QTabWidget* views_ = nullptr;
  QTabWidget* step_ = nullptr;  ///< the pages of the tab Results
  ResultsView* results_ = nullptr;
  RooflineView* roofline_ = nullptr;
  RunView* run_ = nullptr;
  TopologyView* topology_ = nullptr;
  TimelineView* timeline_ = nullptr;
  ExploreView* explore_ = nullptr;
  CompareView* compare_ = nullptr;
  CalibrateView* calibrate_ = nullptr;
  SourcesView* sources_ = nullptr;
  SourceDialog* source_ = nullptr;  ///< where a figure comes from
  QLabel* status_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QPushButton* cancel_ = nullptr;
  QMenu* recent_ = nullptr;
  QAction *auto_flow_ = nullptr, *dark_ = nullptr;

  std::shared_ptr<const Result> drawn_trace_, drawn_beside_, drawn_loads_;
  QString drawn_cluster_;  ///< what the scene on the canvas is of
  /// From the start of a drawing until it is shown, which is later than the thread's end.
  bool making_scene_ = false, making_trace_ = false;
  Subject choices_of_;  ///< what the marks in the form are of
  bool making_choices_ = false;
  std::shared_ptr<const scenarios::Catalog> choices_catalog_;  ///< of the thread that makes them
  QFutureWatcher<LayoutChoices> choices_maker_;
  std::shared_ptr<const scenarios::Catalog> scene_catalog_;  ///< of the thread that makes the map
  QFutureWatcher<Made<TopologyScene>> scene_maker_;
  QFutureWatcher<Made<Trace>> trace_maker_;
};

}  // namespace gui
