// The window as a user drives it: keyboard, forms, variants, simulation, export, pictures.
#include <QAbstractItemModelTester>
#include <QAction>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QImage>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "gui/forms/scenario_form.hpp"
#include "gui/forms/text_editor.hpp"
#include "gui/main_window.hpp"
#include "gui/views/card.hpp"
#include "gui/views/compare_view.hpp"
#include "gui/views/results_view.hpp"
#include "gui/views/sources_view.hpp"
#include "gui/views/table.hpp"
#include "gui/views/timeline_canvas.hpp"
#include "gui/views/topology_canvas.hpp"

using gui::MainWindow;

namespace {

constexpr int kLong = 60000;  // ms
const QString kExample = GPUPLAN_SOURCE_DIR "/scenarios/examples/llama3-8b-8xh100-fsdp.yaml";

}  // namespace

class GuiWindowTest : public QObject {
  Q_OBJECT

  QTemporaryDir state_;
  std::unique_ptr<MainWindow> window_;

  bool settle() {
    return QTest::qWaitFor([this] { return window_->idle(); }, kLong);
  }
  QString text() { return window_->document().current()->text; }
  QLineEdit* line(const QString& key) {
    auto* widget = window_->findChild<gui::ScenarioForm*>()->editor(key);
    auto* combo = qobject_cast<QComboBox*>(widget);
    return combo != nullptr ? combo->lineEdit() : qobject_cast<QLineEdit*>(widget);
  }
  void type(const QString& key, const QString& value) {
    line(key)->selectAll();
    QTest::keyClick(line(key), Qt::Key_Delete);
    QTest::keyClicks(line(key), value);
    QTest::keyClick(line(key), Qt::Key_Return);
  }

 private slots:
  void init() {
    gui::apply_theme(gui::Theme::Light);
    window_ =
        std::make_unique<MainWindow>(MainWindow::Options{state_.path(), GPUPLAN_COMMAND, false});
    window_->show();
    window_->open({kExample});
    QVERIFY(settle());
  }
  void cleanup() {
    window_->close();
    window_.reset();
  }

  void opening_shows_a_result() {
    const auto* results = window_->findChild<gui::ResultsView*>();
    QVERIFY(results->step_card().value().endsWith(" s"));
    QVERIFY(results->state().isEmpty());
    QVERIFY(results->csv().contains("step_time,"));
  }

  void a_field_changes_its_value_and_keeps_comments() {
    type("training.global_batch", "32");
    QVERIFY(text().contains("global_batch: 32"));
    QVERIFY(text().contains("# dp is 8 by default"));
    window_->document().undo_stack().undo();
    QVERIFY(text().contains("global_batch: 16"));
    QVERIFY(settle());
    QCOMPARE(line("training.global_batch")->text(), QString("16"));
  }

  void an_empty_field_shows_the_default_and_takes_units() {
    QVERIFY(line("layout.dp")->text().isEmpty());
    QCOMPARE(line("layout.dp")->placeholderText(), QString("8"));
    type("cluster.overrides.accelerator.memory", "40 GiB");
    QVERIFY(text().contains("accelerator.memory: 40 GiB"));
    QVERIFY(settle());
    type("cluster.overrides.accelerator.memory", "");
    QVERIFY(!text().contains("accelerator.memory"));
  }

  void a_mistake_is_said_where_it_stands() {
    type("training.global_batch", "many");
    QVERIFY(settle());
    QVERIFY(window_->checked().complaint);
    const auto* results = window_->findChild<gui::ResultsView*>();
    QVERIFY(results->state().contains("training.global_batch"));
    QVERIFY(results->state().contains("Out of date"));
  }

  void broken_yaml_disables_the_form_until_it_is_repaired() {
    auto* editor = window_->findChild<gui::TextEditor*>();
    const QString before = text();
    editor->setPlainText("name: [");
    QVERIFY(settle());
    QVERIFY(!line("name")->isEnabled());
    window_->document().undo_stack().undo();
    QVERIFY(settle());
    QCOMPARE(text(), before);
    QVERIFY(line("name")->isEnabled());
    QCOMPARE(editor->toPlainText(), before);
  }

  void a_variant_is_compared_with_the_baseline() {
    window_->duplicate();
    type("training.micro_batch", "2");
    QVERIFY(settle());
    const auto* results = window_->findChild<gui::ResultsView*>();
    QVERIFY(!results->step_card().change().isEmpty());
    auto& model = window_->findChild<gui::CompareView*>()->model();
    QAbstractItemModelTester tester(&model);
    QCOMPARE(model.rowCount(), 2);
    QVERIFY(model.csv().count('\n') == 3);
    QVERIFY(
        model.index(1, gui::CompareModel::Step).data(Qt::DisplayRole).toString().contains(" %"));
  }

  void f5_simulates_the_network_again() {
    type("training.micro_batch", "2");
    QVERIFY(settle());
    const int id = window_->document().current()->id;
    QVERIFY(window_->simulations().shown_flow(id).stale);
    window_->run();
    QVERIFY(settle());
    QVERIFY(!window_->simulations().shown_flow(id).stale);
  }

  void cancel_leaves_the_window_alive() {
    type("training.micro_batch", "2");
    window_->run();
    window_->cancel();
    QVERIFY(settle());
    QVERIFY(window_->isVisible());
  }

  void topology_and_timeline_are_drawn() {
    window_->show_view(gui::View::Topology);
    QVERIFY(settle());
    QVERIFY(window_->findChild<gui::TopologyCanvas*>()->scene() != nullptr);
    window_->show_view(gui::View::Timeline);
    QVERIFY(settle());
    QVERIFY(window_->findChild<gui::TimelineCanvas*>()->trace() != nullptr);
  }

  void sources_can_be_read() {
    const auto& model = window_->findChild<gui::SourcesView*>()->table().model();
    QVERIFY(model.rowCount() > 50);
    QVERIFY(model.csv().contains("catalog h100-sxm"));
  }

  void views_are_exported_data() {
    QTest::addColumn<QString>("suffix");
    QTest::addColumn<QByteArray>("start");
    QTest::newRow("png") << "png" << QByteArray("\x89PNG");
    QTest::newRow("svg") << "svg" << QByteArray("<?xml");
    QTest::newRow("pdf") << "pdf" << QByteArray("%PDF");
  }
  void views_are_exported() {
    QFETCH(QString, suffix);
    QFETCH(QByteArray, start);
    for (const auto view : {gui::View::Results, gui::View::Topology, gui::View::Compare}) {
      window_->show_view(view);
      QVERIFY(settle());
      const QString path = state_.filePath("view." + suffix);
      window_->export_view(path);
      QFile file(path);
      QVERIFY(file.open(QIODevice::ReadOnly));
      QVERIFY(file.readAll().startsWith(start));
    }
  }

  void tables_are_exported() {
    window_->show_view(gui::View::Sources);
    window_->export_table(state_.filePath("sources.csv"));
    QFile file(state_.filePath("sources.csv"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll().startsWith("path,value,source\n"));
  }

  void whatever_takes_the_focus_has_a_name() {
    for (const QWidget* widget : window_->findChildren<QWidget*>()) {
      const bool part_of_another =
          widget->parentWidget()->inherits("QAbstractScrollArea") ||
          widget->parentWidget()->inherits("QComboBox") ||
          widget->parentWidget()->inherits("QAbstractSpinBox") || widget->inherits("QTabBar") ||
          widget->inherits("QComboBoxListView") || widget->inherits("QLabel") ||
          widget->inherits("QAbstractButton") || widget->inherits("QMenu") ||
          widget->inherits("QMenuBar") || widget->inherits("QHeaderView") ||
          widget->inherits("QTabWidget") || widget->inherits("QScrollBar") ||
          widget->inherits("QScrollArea");
      if ((widget->focusPolicy() & Qt::TabFocus) != 0 && !part_of_another) {
        QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
      }
    }
  }

  void dark_reaches_every_view() {
    window_->set_theme(gui::Theme::Dark);
    for (const auto view : {gui::View::Results, gui::View::Topology, gui::View::Timeline,
                            gui::View::Compare, gui::View::Sources}) {
      window_->show_view(view);
      QVERIFY(settle());
      QTest::qWait(20);  // the chart draws when the event loop is idle
      const QImage image = window_->grab().toImage();
      qint64 dark = 0;
      qint64 all = 0;
      for (int y = 0; y < image.height(); y += 7) {
        for (int x = 0; x < image.width(); x += 7) {
          dark += qGray(image.pixel(x, y)) < 100 ? 1 : 0;
          ++all;
        }
      }
      QVERIFY2(dark * 10 > all * 7, qPrintable(QString::number(static_cast<int>(view))));
    }
  }

  void a_dropped_file_opens_and_a_bad_one_does_no_harm() {
    window_->open({"/nowhere.yaml"});
    QCOMPARE(window_->document().variants().size(), 1U);
    window_->open({QString(GPUPLAN_SOURCE_DIR "/scenarios/examples/mixtral-8x7b-64-h100.yaml")});
    QVERIFY(settle());
    QCOMPARE(window_->document().variants().size(), 2U);
  }

  void german_is_spoken_where_the_system_does() {
    QProcess process;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert("LC_ALL", "de_DE.UTF-8");
    environment.insert("LANGUAGE", "de");
    process.setProcessEnvironment(environment);
    process.start(GPUPLAN_GUI, {"--help"});
    QVERIFY(process.waitForFinished(kLong));
    const QString said = QString::fromUtf8(process.readAllStandardOutput());
#ifdef GPUPLAN_GUI_GERMAN
    QVERIFY2(said.contains("KI-Trainingscluster planen"), qPrintable(said));
#else
    QVERIFY2(said.contains("plan AI training clusters"), qPrintable(said));
#endif
  }

  void a_killed_window_gives_its_unsaved_text_back() {
    // The window of a process that was killed leaves what this one's recovery finds.
    const QString state = state_.filePath("killed");
    auto first = std::make_unique<MainWindow>(MainWindow::Options{state, GPUPLAN_COMMAND, false});
    first->open({kExample});
    const int id = first->document().current()->id;
    first->document().edit(id, first->document().current()->text + "# unsaved\n", "edit");
    QTest::qWait(1500);  // longer than the pause before the copy is written
    QVERIFY(first->document().modified());
    const QString folder = state + "/recovery";
    QStringList left = QDir(folder).entryList({"*"}, QDir::Files);
    QVERIFY(!left.isEmpty());
    // What kill -9 leaves: the copies, and a lock of a process that is gone.
    const QString after = state_.filePath("after");
    QVERIFY(QDir().mkpath(after + "/recovery"));
    for (const QString& name : left) {
      if (!name.endsWith(".lock")) {
        QVERIFY(QFile::copy(folder + "/" + name, after + "/recovery/" + name));
      }
    }
    first->close();
    first.reset();
    MainWindow second({after, GPUPLAN_COMMAND, false});
    QCOMPARE(second.document().variants().size(), 1U);
    QVERIFY(second.document().current()->text.endsWith("# unsaved\n"));
    QVERIFY(QTest::qWaitFor([&] { return second.idle(); }, kLong));
    second.close();
  }

  void screenshot_draws_a_view_and_leaves() {
    const QString path = state_.filePath("shot.png");
    QProcess process;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert("GPUPLAN_COMMAND", GPUPLAN_COMMAND);
    environment.insert("GPUPLAN_GUI_STATE", state_.filePath("other"));
    process.setProcessEnvironment(environment);
    process.start(GPUPLAN_GUI, {kExample, "--screenshot", "timeline", path, "--size", "900x600"});
    QVERIFY(process.waitForFinished(kLong));
    QCOMPARE(process.exitCode(), 0);
    QCOMPARE(QImage(path).size(), QSize(900, 600));
  }
};

QTEST_MAIN(GuiWindowTest)
#include "gui_window_test.moc"
