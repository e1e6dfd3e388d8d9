// What fits, marked in the form before anything runs; and fabrics of one's own.
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QTemporaryDir>
#include <QTest>

#include "gui/forms/fabric_wizard.hpp"
#include "gui/forms/layout_choices.hpp"
#include "gui/forms/scenario_form.hpp"
#include "gui/main_window.hpp"
#include "gui/views/roofline_chart.hpp"
#include "gui/views/roofline_view.hpp"
#include "gui/views/table.hpp"
#include "gui/worker.hpp"

#include "tests/gui/open_window.hpp"

using gui::LayoutChoice;
using gui::MainWindow;
using gui::Verdict;

namespace {

const QString kExamples = GPUPLAN_SOURCE_DIR "/scenarios/examples/";
const QString kBig = kExamples + "llama3-405b-16k.yaml";
const QString kMixtral = kExamples + "mixtral-8x7b-64-h100.yaml";

}  // namespace

class GuiLayoutTest : public QObject, protected OpenWindow {
  Q_OBJECT

  /// Mixtral, with accelerators that hold four stages of it (58 GiB), but not two (67 GiB).
  void open_tight() {
    open(kMixtral);
    const gui::Variant& variant = *window_->document().current();
    const QString text = gui::with_settings({variant.path, variant.text},
                                            {{"cluster.overrides.accelerator.memory", "60 GiB"}});
    window_->document().edit(variant.id, text, "edit");
    QVERIFY(settle());
  }
  gui::ScenarioForm& form() { return *window_->findChild<gui::ScenarioForm*>(); }
  gui::LayoutChoices choices() {
    const gui::Variant& variant = *window_->document().current();
    return gui::layout_choices({variant.path, variant.text}, scenarios::Catalog::open());
  }

 private slots:
  void initTestCase() { gui::apply_theme(gui::Theme::Light); }
  void cleanup() {
    window_->close();
    window_.reset();
  }

  void the_marks_are_what_the_command_answers() {
    open_tight();
    const auto all = choices();
    int asked = 0;
    int large = 0;
    for (const LayoutChoice& choice : all.at("layout.pp")) {
      const gui::Variant& variant = *window_->document().current();
      gui::Subject subject{variant.path, variant.text};
      subject.text = gui::with_settings(subject, gui::settings_for("layout.pp", choice.value));
      gui::Worker worker(GPUPLAN_COMMAND);
      gui::Outcome outcome;
      connect(&worker, &gui::Worker::finished, this,
              [&](const gui::Outcome& one) { outcome = one; });
      worker.start({subject, gui::Fidelity::ClosedForm});
      QVERIFY(QTest::qWaitFor([&] { return !worker.running(); }, kLong));
      ++asked;
      if (choice.verdict == Verdict::Impossible) {
        QVERIFY2(outcome.result == nullptr, qPrintable(choice.why));
      } else {
        QVERIFY2(outcome.result != nullptr, qPrintable(outcome.complaint));
        QCOMPARE(outcome.result->fits, choice.verdict == Verdict::Fits);
        large += choice.verdict == Verdict::TooLarge ? 1 : 0;
      }
    }
    QVERIFY(asked >= 4);
    QVERIFY(large > 0);
  }

  void what_does_not_divide_is_told_with_its_reason() {
    open(kBig);
    for (const LayoutChoice& choice : choices().at("layout.pp")) {
      if (choice.verdict == Verdict::Impossible) {
        QVERIFY2(choice.why.contains("layout") || choice.why.contains("batch"),
                 qPrintable(choice.why));
      }
    }
    QVERIFY(choices().at("layout.dp").size() == 1);  // the others decide it
    QVERIFY(choices().count("layout.ep") == 0);      // no experts
  }

  void experts_have_choices_of_their_own() {
    open(kMixtral);
    QVERIFY(choices().at("layout.ep").size() >= 4);  // 1, 2, 4, 8
  }

  void a_mark_is_shown_and_picked_in_one_step() {
    open_tight();
    auto* label = form().choices_label("layout.pp");
    QVERIFY(label != nullptr && !label->isHidden());
    QVERIFY2(label->text().contains("fits: "), qPrintable(label->text()));
    QVERIFY2(label->text().contains("too much memory: "), qPrintable(label->text()));
    QVERIFY2(label->toolTip().contains(" / 60 GiB"), qPrintable(label->toolTip()));
    const QString before = text();
    const int steps = window_->document().undo_stack().count();
    emit label->linkActivated("2");
    QCOMPARE(window_->document().undo_stack().count(), steps + 1);
    QVERIFY(settle());
    QVERIFY2(!window_->checked().complaint, qPrintable(text()));
    QCOMPARE(window_->checked().scenario->layout.pp, 2);
    // 64 accelerators over two stages: the data-parallel degree follows.
    const auto& layout = window_->checked().scenario->layout;
    QCOMPARE(layout.tp * layout.pp * layout.cp * layout.dp, 64);
    window_->document().undo_stack().undo();
    QCOMPARE(text(), before);
  }

  void a_broken_text_has_no_marks() {
    open(kMixtral);
    const int id = window_->document().current()->id;
    window_->document().edit(id, "name: [", "edit");
    QVERIFY(settle());
    QVERIFY(form().choices_label("layout.tp")->isHidden());
  }

  void a_fabric_is_previewed_and_taken_in_one_step() {
    open(kMixtral);
    const QString before = text();
    const auto wizard = window_->fabric_wizard();
    QVERIFY(QTest::qWaitFor([&] { return wizard->idle(); }, kLong));
    QVERIFY2(wizard->preview().complaint.isEmpty(), qPrintable(wizard->preview().complaint));
    wizard->choice("node")->setCurrentText("dgx-h100");
    wizard->choice("kind")->setCurrentText("fat-tree");
    wizard->choice("network")->setCurrentText("infiniband");
    wizard->choice("switch")->setCurrentText("qm9700");
    wizard->line("gpus")->setText("1024");
    wizard->line("nodes_per_leaf")->setText("5");
    wizard->line("leaf_oversubscription")->setText("2");
    QVERIFY(QTest::qWaitFor([&] { return wizard->idle(); }, kLong));
    QVERIFY2(wizard->preview().complaint.isEmpty(), qPrintable(wizard->preview().complaint));
    // The catalog's fat-tree-h100-2to1 is the same fabric: so says the command.
    gui::Command command(GPUPLAN_COMMAND);
    gui::Answer answer;
    connect(&command, &gui::Command::finished, this, [&](const gui::Answer& one) { answer = one; });
    command.start({"topology", "fat-tree-h100-2to1", "--json"});
    QVERIFY(QTest::qWaitFor([&] { return !command.running(); }, kLong));
    QVERIFY2(answer.good(), qPrintable(answer.complaint));
    double leaves = 0;
    for (const auto& row : wizard->preview().rows) {
      leaves += row[0].word == "compute" && row[1].word == "leaf" ? row[3].figure : 0;
    }
    QVERIFY(leaves > 0);
    const QRegularExpression said(
        R"("network": "compute",\s+"role": "leaf",\s+"item": "[^"]*",\s+"where": "[^"]*",\s+"count": (\d+))");
    const auto match = said.match(QString::fromUtf8(answer.output));
    QVERIFY2(match.hasMatch(), answer.output.left(2000).constData());
    QCOMPARE(leaves, match.captured(1).toDouble());
    const int steps = window_->document().undo_stack().count();
    window_->take_fabric(*wizard);
    QCOMPARE(window_->document().undo_stack().count(), steps + 1);
    QVERIFY(settle());
    QVERIFY(text().contains("kind: fat-tree"));
    window_->document().undo_stack().undo();
    QCOMPARE(text(), before);
  }

  void the_dialog_begins_with_the_cluster_of_the_scenario() {
    open(kMixtral);
    const auto wizard = window_->fabric_wizard();
    // Another node of the catalog has the same accelerators and NICs and comes first by name.
    QCOMPARE(wizard->choice("node")->currentText(), QString("dgx-h100"));
    QCOMPARE(wizard->choice("kind")->currentText(), QString("rail-optimised"));
    QCOMPARE(wizard->choice("switch")->currentText(), QString("qm9700"));
    QCOMPARE(wizard->line("gpus")->text(), QString("64"));
    QCOMPARE(wizard->line("nodes_per_leaf")->text(), QString("32"));
    QVERIFY(wizard->line("nic_bandwidth")->text().isEmpty());  // that of the node's NICs
  }

  void tori_and_dragonflies_can_be_made_and_run_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("said");
    QTest::newRow("torus") << "torus"
                           << "torus: [4, 4, 4]";
    QTest::newRow("dragonfly") << "dragonfly"
                               << "dragonfly: {switches: 32, endpoints: 16, global_links: 16}";
    QTest::newRow("dragonfly+") << "dragonfly-plus"
                                << "spines: 32, global_links: 32}";
  }
  void tori_and_dragonflies_can_be_made_and_run() {
    QFETCH(QString, kind);
    QFETCH(QString, said);
    open(kMixtral);
    const auto wizard = window_->fabric_wizard();
    wizard->choice("kind")->setCurrentText(kind);
    if (kind == "torus") {
      wizard->choice("node")->setCurrentText("tpu-v4-host");
      wizard->line("torus")->setText("[4, 4, 4]");
      wizard->line("optical_cube")->setText("4");
    }
    // A dragonfly's groups are proposed for the 64 ports of the switch: Kim et al., ISCA 2008.
    QVERIFY2(wizard->draft().value().contains(said), qPrintable(wizard->draft().value()));
    QVERIFY(QTest::qWaitFor([&] { return wizard->idle(); }, kLong));
    QVERIFY2(wizard->preview().complaint.isEmpty(), qPrintable(wizard->preview().complaint));
    QVERIFY(!wizard->preview().rows.empty());
    window_->take_fabric(*wizard);
    QVERIFY(settle());
    QVERIFY2(!window_->checked().complaint, qPrintable(text()));
    gui::Command command(GPUPLAN_COMMAND);
    gui::Answer answer;
    connect(&command, &gui::Command::finished, this, [&](const gui::Answer& one) { answer = one; });
    command.start({"simulate", kMixtral, "--stdin", "--fidelity", "flow", "--json"},
                  text().toUtf8());
    QVERIFY(QTest::qWaitFor([&] { return !command.running(); }, kLong));
    QVERIFY2(answer.code == 0 || answer.code == 1, qPrintable(answer.complaint));
    QVERIFY(answer.output.contains("\"step_time"));
  }

  void a_dragonfly_beyond_its_switch_says_so_as_the_command_does() {
    open(kMixtral);
    const auto wizard = window_->fabric_wizard();
    wizard->choice("kind")->setCurrentText("dragonfly");
    wizard->line("endpoints")->setText("60");
    QVERIFY(QTest::qWaitFor([&] { return wizard->idle(); }, kLong));
    QVERIFY2(wizard->preview().complaint.contains("ports"),
             qPrintable(wizard->preview().complaint));
  }

  void a_fabric_that_cannot_be_says_why() {
    open(kMixtral);
    const auto wizard = window_->fabric_wizard();
    wizard->line("gpus")->setText("many");
    QVERIFY(QTest::qWaitFor([&] { return wizard->idle(); }, kLong));
    QVERIFY2(wizard->preview().complaint.contains("cluster.gpus"),
             qPrintable(wizard->preview().complaint));
  }

  void kernels_stand_under_the_roofs() {
    open(kBig);
    window_->show_view(gui::View::Roofline);
    QVERIFY(window_->shown_view() == gui::View::Roofline);
    auto& view = *window_->findChild<gui::RooflineView*>();
    QVERIFY(view.isVisible());
    QAbstractItemModelTester tester(&view.table().model());
    const auto shown = window_->simulations().shown(window_->document().current()->id);
    const gui::Roofline& roofline = shown.result->roofline;
    QCOMPARE(view.table().model().rowCount(), static_cast<int>(roofline.kernels.size()));
    QVERIFY(view.chart().points() > 10);
    QVERIFY(view.chart().points() < view.table().model().rowCount());  // some only move data
    QTest::qWait(100);  // the chart draws when the event loop is idle
    // A click on a point picks its row, a row its point, and the arrows go on.
    const int longest = 0;
    QVERIFY(roofline.kernels[longest].flops > 0);
    QCOMPARE(view.chart().near(view.chart().place(longest)), longest);
    QTest::keyClick(&view.chart(), Qt::Key_Right);
    QCOMPARE(view.table().picked(), std::vector<int>{longest});
    QVERIFY(view.chart().accessibleDescription().contains(roofline.kernels[longest].name));
    QTest::keyClick(&view.chart(), Qt::Key_Escape);
    QVERIFY(view.table().picked().empty());
    view.table().pick({longest});
    QCOMPARE(view.chart().picked(), longest);
    for (const char* suffix : {"png", "svg", "pdf"}) {
      const QString file = state_.filePath(QString("roofline.") + suffix);
      window_->export_view(file);
      QVERIFY(QFileInfo(file).size() > 1000);
    }
    const QString table = state_.filePath("roofline.csv");
    window_->export_table(table);
    QFile csv(table);
    QVERIFY(csv.open(QIODevice::ReadOnly));
    QVERIFY(csv.readLine().startsWith("kernel,phase,time_s,flop_per_byte,"));
  }
};

QTEST_MAIN(GuiLayoutTest)
#include "gui_layout_test.moc"
