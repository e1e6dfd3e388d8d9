// Files that are dropped on the window, and a window that is killed with what they made unsaved.
#include <QDir>
#include <QDropEvent>
#include <QFile>
#include <QMimeData>
#include <QProcess>
#include <QStatusBar>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

#include "gui/calibrate/calibrate_view.hpp"
#include "gui/dropped.hpp"
#include "gui/main_window.hpp"
#include "gui/views/results_view.hpp"

using gui::Dropped;
using gui::MainWindow;

namespace {

constexpr int kLong = 120000;  // ms
const QString kSource = GPUPLAN_SOURCE_DIR;
const QString kSmall = kSource + "/scenarios/examples/llama3-8b-8xh100-fsdp.yaml";
const QString kMixtral = kSource + "/tests/scenarios/hf/mixtral-8x7b.json";
const QString kTopology = kSource + "/tests/topology/data/nvswitch_dump.xml";
const QString kNcclTests = kSource + "/tests/fuzz/seed_nccl_tests.txt";

QByteArray contents(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class GuiImportTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<MainWindow> window_;

  bool settle() {
    return QTest::qWaitFor([this] { return window_->idle(); }, kLong);
  }
  QString text() { return window_->document().current()->text; }
  QString said() { return window_->statusBar()->currentMessage(); }
  /// As a desktop does it: asks whether files are taken, then hands them over.
  void drop(const QStringList& files) {
    QMimeData data;
    QList<QUrl> urls;
    for (const QString& file : files) {
      urls << QUrl::fromLocalFile(file);
    }
    data.setUrls(urls);
    QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(window_.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event(QPointF(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(window_.get(), &event);
  }

 private slots:
  void init() {
    gui::apply_theme(gui::Theme::Light);
    window_ =
        std::make_unique<MainWindow>(MainWindow::Options{folder_.path(), GPUPLAN_COMMAND, false});
    window_->show();
  }
  void cleanup() {
    window_->close();
    window_.reset();
  }

  void kinds_are_told_by_ending_and_contents() {
    QCOMPARE(gui::kind_of(kSmall), Dropped::Scenario);
    QCOMPARE(gui::kind_of(kMixtral), Dropped::HfConfig);
    QCOMPARE(gui::kind_of("/nowhere/config.json"), Dropped::HfConfig);
    QCOMPARE(gui::kind_of(kTopology), Dropped::NcclTopology);
    QCOMPARE(gui::kind_of(kNcclTests), Dropped::Measurements);
    QCOMPARE(gui::kind_of(kSource + "/tests/fuzz/seed_nccl_tests.json"), Dropped::Measurements);
    QCOMPARE(gui::kind_of(kSource + "/tests/fuzz/seed_kineto.json"), Dropped::Measurements);
  }

  void a_dropped_scenario_opens() {
    drop({kSmall});
    QVERIFY(settle());
    QCOMPARE(window_->document().variants().size(), 1U);
    QVERIFY(!window_->checked().complaint);
  }

  void a_dropped_configuration_becomes_the_model_in_one_step() {
    drop({kSmall});
    QVERIFY(settle());
    const QString before = text();
    drop({kMixtral});
    QVERIFY(settle());
    QVERIFY2(said().contains("46.7 billion parameters"), qPrintable(said()));
    QVERIFY(window_->checked().scenario && window_->checked().scenario->model.moe);
    QCOMPARE(window_->checked().scenario->model.moe->experts, 8);
    QVERIFY(text().contains("# dp is 8 by default"));  // the rest stays as it is
    QCOMPARE(window_->document().undo_stack().count(), 1);
    // Another model takes the place of this one, as it does that of a name.
    drop({kSource + "/tests/scenarios/hf/gpt2.json"});
    QVERIFY(settle());
    QVERIFY(!window_->checked().scenario->model.moe);
    window_->document().undo_stack().undo();
    window_->document().undo_stack().undo();
    QCOMPARE(text(), before);
  }

  void a_model_written_as_a_block_is_replaced_too() {
    const QString file = folder_.filePath("block.yaml");
    QFile out(file);
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write(
        "name: a\nmodel:  # ours\n  base: llama3.1-8b\n  layers: 16\n"
        "cluster: {fabric: dgx-h100}\ntraining: {sequence_length: 4096, global_batch: 8}\n");
    out.close();
    drop({file, kMixtral});
    QVERIFY(settle());
    QVERIFY2(window_->checked().scenario.has_value(), qPrintable(text()));
    QCOMPARE(window_->checked().scenario->model.layers, 32);
    QVERIFY(window_->checked().scenario->model.moe.has_value());
  }

  void a_configuration_without_a_scenario_or_of_another_kind_says_what_to_do() {
    drop({kMixtral});
    QVERIFY2(said().contains("open the scenario first"), qPrintable(said()));
    drop({kSmall});
    QVERIFY(settle());
    const QString before = text();
    QFile bert(folder_.filePath("config.json"));
    QVERIFY(bert.open(QIODevice::WriteOnly));
    bert.write("{\"model_type\": \"bert\"}");
    bert.close();
    drop({bert.fileName()});
    QVERIFY2(said().contains("\"bert\" is none of the architectures"), qPrintable(said()));
    QCOMPARE(text(), before);
  }

  void a_dropped_topology_becomes_the_node_of_the_open_scenario() {
    drop({kSource + "/scenarios/examples/mixtral-8x7b-64-h100.yaml"});
    QVERIFY(settle());
    const QString before = text();
    drop({kTopology});
    QVERIFY(settle());
    QVERIFY2(said().contains("The fabric's nodes are those of"), qPrintable(said()));
    QVERIFY2(text().contains("accelerators"), qPrintable(text()));
    QVERIFY2(window_->checked().scenario.has_value(), qPrintable(text()));
    QCOMPARE(window_->checked().scenario->cluster.gpus_per_node, 2);
    window_->document().undo_stack().undo();
    QCOMPARE(text(), before);
  }

  void a_dropped_topology_becomes_a_node_beside_it() {
    const QString dump = folder_.filePath("machine.xml");
    QVERIFY(QFile::copy(kTopology, dump));
    for (const char* node : {"machine-node.yaml", "machine-node-2.yaml"}) {  // none is overwritten
      drop({dump});
      QVERIFY(settle());
      QVERIFY2(said().contains(node), qPrintable(said()));
      QVERIFY(contents(folder_.filePath(node)).contains("accelerators: {value: 2"));
    }
    QFile broken(folder_.filePath("broken.xml"));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write("<system><cpu></system>");
    broken.close();
    drop({broken.fileName()});
    QVERIFY(settle());
    QVERIFY2(said().contains("broken.xml:1"), qPrintable(said()));
  }

  void dropped_nccl_tests_output_is_ready_to_be_fitted() {
    drop({kNcclTests});
    auto& view = *window_->findChild<gui::CalibrateView*>();
    QCOMPARE(view.files(), QStringList{kNcclTests});
    QVERIFY(view.isVisible());
    view.fit();
    QVERIFY(settle());
    // Two sizes are no profile, but they are read: the sentence is about them.
    QVERIFY2(!view.state().isEmpty(), qPrintable(view.state()));
    QVERIFY2(!view.state().contains("is not"), qPrintable(view.state()));
  }

  void a_killed_process_gives_its_unsaved_edit_back() {
    const QString state = folder_.filePath("killed");
    const QString recovery = state + "/recovery";
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert("GPUPLAN_COMMAND", GPUPLAN_COMMAND);
    environment.insert("GPUPLAN_GUI_STATE", state);
    const auto unsaved = [&recovery] {
      const QStringList files = QDir(recovery).entryList({"*.json"}, QDir::Files);
      return files.isEmpty() ? QString() : recovery + "/" + files.front();
    };
    QProcess first;
    first.setProcessEnvironment(environment);
    // The edit: the scenario's model is replaced, and not saved.
    first.start(GPUPLAN_GUI, {kSmall, kMixtral});
    QVERIFY(QTest::qWaitFor([&] { return !unsaved().isEmpty(); }, kLong));
    const QString copy = unsaved();
    QVERIFY(contents(copy).contains("experts: 8"));
    first.kill();  // SIGKILL
    QVERIFY(first.waitForFinished(kLong));
    QCOMPARE(first.exitStatus(), QProcess::CrashExit);
    QVERIFY(QFile::exists(copy));

    QProcess second;
    second.setProcessEnvironment(environment);
    second.start(GPUPLAN_GUI, {});
    QVERIFY(QTest::qWaitFor([&] { return !unsaved().isEmpty() && unsaved() != copy; }, kLong));
    QVERIFY(!QFile::exists(copy));  // taken over, into the copy of the session that has it now
    QVERIFY(contents(unsaved()).contains("experts: 8"));
    second.kill();
    QVERIFY(second.waitForFinished(kLong));

    // A third start, in this process, shows what the second would have shown.
    MainWindow third({state, GPUPLAN_COMMAND, false});
    QCOMPARE(third.document().variants().size(), 1U);
    QVERIFY(third.document().current()->modified());
    QVERIFY(third.document().current()->text.contains("experts: 8"));
    QVERIFY(third.statusBar()->currentMessage().contains("Recovered unsaved changes of 1"));
    QVERIFY(QTest::qWaitFor([&] { return third.idle(); }, kLong));
    third.close();
    QVERIFY(unsaved().isEmpty());
  }
};

QTEST_MAIN(GuiImportTest)
#include "gui_import_test.moc"
