// Whole run, link matrix, failing a switch, the timeline's search and arrows, calibration.
#include <cmath>

#include <QAbstractItemModelTester>
#include <QFile>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>

#include "gui/calibrate/calibrate_view.hpp"
#include "gui/calibrate/residual_plot.hpp"
#include "gui/draft.hpp"
#include "gui/explore/explore_view.hpp"
#include "gui/explore/plan_panel.hpp"
#include "gui/explore/sweep_panel.hpp"
#include "gui/main_window.hpp"
#include "gui/run/run_view.hpp"
#include "gui/views/card.hpp"
#include "gui/views/link_matrix.hpp"
#include "gui/views/table.hpp"
#include "gui/views/timeline_canvas.hpp"
#include "gui/views/timeline_view.hpp"
#include "gui/views/topology_canvas.hpp"
#include "gui/views/topology_view.hpp"
#include "topology/error.hpp"

#include "tests/gui/open_window.hpp"

using gui::LoadMatrix;
using gui::MainWindow;
using gui::SpanPlace;
using gui::Trace;
using gui::TraceRow;
using gui::Work;

namespace {

const QString kExamples = GPUPLAN_SOURCE_DIR "/scenarios/examples/";
const QString kSmall = kExamples + "llama3-8b-8xh100-fsdp.yaml";

/// Two stages: F0 on stage 0 until 10, sent until 14, then F0 on stage 1 until 24.
Trace pipeline() {
  Trace trace;
  trace.names = {"F0.0", "pp_comm"};
  TraceRow compute0;
  compute0.label = "Stage 0 compute";
  compute0.spans = {{0, 1000, Work::Forward, 0}};
  TraceRow network0;
  network0.label = "Stage 0 network";
  network0.spans = {{1000, 1400, Work::Pipeline, 1}};
  TraceRow compute1;
  compute1.label = "Stage 1 compute";
  compute1.spans = {{1400, 2400, Work::Forward, 0}};
  trace.rows = {compute0, network0, compute1};
  trace.summarise();
  return trace;
}

}  // namespace

class GuiViewsTest : public QObject, protected OpenWindow {
  Q_OBJECT

  QString script(const QString& name, const QString& body) {
    QFile file(state_.filePath(name));
    [[maybe_unused]] const bool opened = file.open(QIODevice::WriteOnly);
    file.write(("#!/bin/sh\n" + body + "\n").toUtf8());
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return file.fileName();
  }

  struct Answers {
    double run_days = 0;
    QString sweep, layouts;
  };
  /// What Whole run, Sweep and Plan say now.
  Answers answers() {
    Answers all;
    window_->show_view(gui::View::Run);
    settle();
    const auto& run = window_->findChild<gui::RunView*>()->whole_run();
    all.run_days = run ? run->days : 0;
    auto& explore = *window_->findChild<gui::ExploreView*>();
    explore.setCurrentWidget(&explore.sweep());
    explore.sweep().run();
    settle();
    all.sweep = explore.csv();
    explore.setCurrentWidget(&explore.plan());
    explore.plan().find_layouts();
    settle();
    all.layouts = explore.csv();
    return all;
  }

 private slots:
  void initTestCase() { gui::apply_theme(gui::Theme::Light); }
  void cleanup() { close_window(); }

  void a_whole_run_shows_days_money_and_failures() {
    open(kExamples + "run/h100-8192-on-premises.yaml", gui::View::Run);
    auto& run = *window_->findChild<gui::RunView*>();
    QVERIFY2(run.whole_run().has_value(), qPrintable(run.state()));
    QVERIFY(run.finish_card().value().endsWith(" days"));
    QVERIFY(run.cost_card().value().contains("million USD"));
    QAbstractItemModelTester tester(&run.cost_table().model());
    QVERIFY(run.csv().contains("servers"));
    // The lines below the cluster's bill add up to it.
    double bill = 0;
    double sum = 0;
    for (const gui::CostLine& line : run.whole_run()->cost) {
      if (line.what == "run") {
        break;
      }
      bill += line.depth == 0 ? line.usd : 0;
      sum += line.depth == 1 ? line.usd : 0;
    }
    QVERIFY(bill > 1e6 && std::abs(sum - bill) < 0.01);
    QVERIFY(run.whole_run()->failures.size() > 10);
  }

  void tokens_are_asked_for_where_they_are_missing() {
    open(kSmall, gui::View::Run);
    auto& run = *window_->findChild<gui::RunView*>();
    QVERIFY2(run.state().contains("type the tokens"), qPrintable(run.state()));
    QTest::keyClicks(run.tokens_field(), "1e9");
    QTest::keyClick(run.tokens_field(), Qt::Key_Return);
    QVERIFY(settle());
    QVERIFY(text().contains("tokens: 1e9"));
    QVERIFY2(run.whole_run().has_value(), qPrintable(run.state()));
  }

  void a_run_shows_what_it_reads_where_that_is_said() {
    open(kExamples + "data/8b-part-synthetic.yaml", gui::View::Run);
    auto& run = *window_->findChild<gui::RunView*>();
    QVERIFY2(run.whole_run().has_value(), qPrintable(run.state()));
    const QString csv = run.input_table().model().csv();
    QVERIFY2(csv.contains("made by people") && csv.contains("75.0 %"), qPrintable(csv));
    open(kSmall, gui::View::Run);
    const auto& silent = *window_->findChild<gui::RunView*>();
    const auto* tabs = silent.findChild<QTabWidget*>();
    QVERIFY(!tabs->isTabVisible(tabs->indexOf(&silent.input_table())));
  }

  void what_is_no_run_is_refused() {
    QVERIFY_EXCEPTION_THROWN(gui::read_run("{}"), topology::RuntimeFailure);
    QVERIFY_EXCEPTION_THROWN(gui::read_fit("[1]", ""), topology::RuntimeFailure);
  }

  void a_matrix_holds_cables_and_their_loads() {
    LoadMatrix matrix({3, 5}, {7, 8, 9});
    QCOMPARE(matrix.rows(), 2);
    QCOMPARE(matrix.columns(), 3);
    matrix.raise(5, 8, 0.5F);
    matrix.raise(5, 8, 0.25F);
    matrix.raise(3, 7, 0.1F);
    matrix.raise(4, 7, 0.9F);  // no row of this matrix
    QCOMPARE(matrix.load(1, 1), 0.5F);
    QCOMPARE(matrix.load(0, 0), 0.1F);
    QVERIFY(matrix.load(0, 1) < 0);
    QVERIFY(std::abs(matrix.mean() - 0.3) < 1e-6);
    QCOMPARE(matrix.most(), 0.5);
  }

  void the_matrix_and_the_list_show_the_loads_and_fail_a_link() {
    open(kExamples + "network/400g.yaml", gui::View::Topology);
    auto& view = *window_->findChild<gui::TopologyView*>();
    QVERIFY(view.canvas().scene() != nullptr);
    QVERIFY(!view.canvas().scene()->matrix.empty());
    QVERIFY(view.links().model().rowCount() > 10);
    const auto& rows = view.links().model().rows();
    QVERIFY(rows[0][1].figure >= rows[1][1].figure);
    auto* tabs = view.findChild<QTabWidget*>();
    tabs->setCurrentWidget(&view.matrix());
    QVERIFY(!view.fail_button()->isEnabled());
    QTest::keyClick(&view.matrix(), Qt::Key_Right);
    QCOMPARE(view.target(), QString("leaf 0 <-> spine 0"));
    QVERIFY(view.matrix().accessibleDescription().contains("leaf 0 and spine 0"));
    const double before =
        window_->simulations().shown(window_->document().current()->id).result->step_s;
    view.fail_button()->click();
    QVERIFY(settle());
    QCOMPARE(window_->document().variants().size(), 2U);
    QVERIFY(text().contains("faults: [{what: leaf 0 <-> spine 0}]"));
    const auto now = window_->simulations().shown_flow(window_->document().current()->id);
    QVERIFY(now.result && !now.stale);
    QVERIFY(now.result->step_s >= before);
    window_->document().undo_stack().undo();
    QCOMPARE(window_->document().variants().size(), 1U);
  }

  void a_second_fault_joins_the_first() {
    const gui::Subject subject{"/job.yaml", "name: x\nnetwork: {faults: [{what: spine 3}]}\n"};
    QVERIFY(gui::with_fault(subject, "leaf 1 <-> spine 0")
                .contains("faults: [{what: spine 3}, {what: leaf 1 <-> spine 0}]"));
  }

  void search_walks_through_the_matches() {
    gui::TimelineCanvas canvas;
    canvas.resize(800, 300);
    canvas.show_trace(std::make_shared<const Trace>(pipeline()));
    QVERIFY(canvas.find("f0"));
    QVERIFY(canvas.picked() == (SpanPlace{0, 0}));
    QVERIFY(canvas.find("f0"));
    QVERIFY(canvas.picked() == (SpanPlace{2, 0}));
    QVERIFY(canvas.find("f0"));  // from the start again
    QVERIFY(canvas.picked() == (SpanPlace{0, 0}));
    QVERIFY(canvas.find("Pipeline"));  // as people call it
    QVERIFY(canvas.picked() == (SpanPlace{1, 0}));
    QVERIFY(!canvas.find("nothing like it"));
  }

  void a_span_says_what_it_waited_for() {
    const Trace trace = pipeline();
    QVERIFY(trace.waited_for({1, 0}) == (std::vector<SpanPlace>{{0, 0}}));
    QVERIFY(trace.waited_for_it({1, 0}) == (std::vector<SpanPlace>{{2, 0}}));
    QVERIFY(trace.waited_for({0, 0}).empty());
    gui::TimelineCanvas canvas;
    canvas.resize(800, 300);
    canvas.show_trace(std::make_shared<const Trace>(trace));
    canvas.pick(SpanPlace{1, 0});
    canvas.grab();
    QVERIFY2(canvas.facts().contains("began as this ended: Stage 0 compute"),
             qPrintable(canvas.facts()));
    QVERIFY(canvas.facts().contains("as it ended, this began: Stage 1 compute"));
    QTest::keyClick(&canvas, Qt::Key_Escape);
    QVERIFY(!canvas.picked());
  }

  void a_click_picks_the_span_under_it() {
    gui::TimelineCanvas canvas;
    canvas.resize(800, 300);
    canvas.show_trace(std::make_shared<const Trace>(pipeline()));
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, {200, 40});
    QVERIFY(canvas.picked() == (SpanPlace{0, 0}));
  }

  void two_runs_stand_row_by_row() {
    const Trace one = pipeline();
    const Trace both = gui::side_by_side(one, one, "A", "B");
    QCOMPARE(both.rows.size(), 6U);
    QCOMPARE(both.rows[0].label, QString("A Stage 0 compute"));
    QCOMPARE(both.rows[1].label, QString("B Stage 0 compute"));
    QCOMPARE(both.names.size(), 4U);
    QCOMPARE(both.end, one.end);
  }

  void the_baseline_stands_beside_a_variant() {
    open(kSmall, gui::View::Timeline);
    const int baseline = window_->document().current()->id;
    auto& view = *window_->findChild<gui::TimelineView*>();
    const std::size_t rows = view.canvas().trace()->rows.size();
    window_->duplicate();
    window_->run();
    QVERIFY(settle());
    view.choose_other(baseline);
    QVERIFY(QTest::qWaitFor(
        [&] { return view.canvas().trace() && view.canvas().trace()->rows.size() == 2 * rows; },
        kLong));
  }

  void measurements_are_fitted_and_the_profile_adopted() {
    open(kSmall, gui::View::Calibrate);
    const int edited = window_->document().current()->id;
    window_->document().edit(edited, text() + "run: {tokens: 1e9}\n", "edit");
    window_->findChild<gui::ExploreView*>()->sweep().add_axis("training.micro_batch", "1");
    QVERIFY(settle());
    const Answers shipped = answers();
    window_->show_view(gui::View::Calibrate);
    auto& view = *window_->findChild<gui::CalibrateView*>();
    QFile records(state_.filePath("r.jsonl"));
    QVERIFY(records.open(QIODevice::WriteOnly));
    records.write(
        "{\"type\":\"run\",\"schema\":\"gpuplan.records/1\",\"run\":\"a\",\"source\":\"test\","
        "\"started\":\"2026-11-21T10:00:00Z\",\"machine\":{\"accelerator\":\"h100-sxm\"}}\n");
    for (int i = 0; i < 40; ++i) {  // twice as slow as 3.35 TB/s allows, and 5 us to start
      const double bytes = 1e6 * (1 << (i % 12));
      records.write(
          QString(
              "{\"type\":\"memory_bound\",\"run\":\"a\",\"operator\":\"copy\","
              "\"precision\":\"bf16\",\"rows\":1024,\"columns\":1024,\"bytes\":%1,\"time_s\":%2}\n")
              .arg(bytes, 0, 'f', 0)
              .arg(5e-6 + bytes / 1.67e12, 0, 'g', 10)
              .toUtf8());
    }
    records.write("{\"type\":\"end\",\"run\":\"a\",\"complete\":true}\n");
    records.close();
    window_->take_files({records.fileName()});
    QCOMPARE(view.files(), QStringList{records.fileName()});
    view.fit();
    QVERIFY(settle());
    QVERIFY2(view.state().startsWith("Profile of h100-sxm"), qPrintable(view.state()));
    QVERIFY(view.residuals().model().rowCount() > 0);
    QVERIFY(view.plot().plots() > 0);
    const int id = window_->document().current()->id;
    const double before = window_->simulations().shown(id).result->step_s;
    view.adopt_button()->click();
    QVERIFY(settle());
    QVERIFY(!window_->simulations().profile().isEmpty());
    const auto now = window_->simulations().shown(id);
    QVERIFY2(now.result && !now.stale, qPrintable(window_->simulations().complaint(id)));
    QVERIFY(now.result->step_s > before);  // memory-bound operators are slower now
    const Answers fitted = answers();
    QVERIFY2(fitted.run_days > 1.0001 * shipped.run_days,
             qPrintable(QString("%1 against %2").arg(fitted.run_days).arg(shipped.run_days)));
    QVERIFY(fitted.sweep != shipped.sweep && fitted.sweep.contains("step_time_s"));
    QVERIFY(fitted.layouts != shipped.layouts && !fitted.layouts.isEmpty());
    emit view.adopted({});  // back to the catalog's
    QVERIFY(settle());
    const Answers back = answers();
    QCOMPARE(back.run_days, shipped.run_days);
    QCOMPARE(back.sweep, shipped.sweep);
    QCOMPARE(back.layouts, shipped.layouts);
  }

  void a_runner_is_started_with_its_prefix_and_its_records_are_added() {
    open(kSmall, gui::View::Calibrate);
    auto& view = *window_->findChild<gui::CalibrateView*>();
    // A prefix such as ssh gets the whole command; this one says that it was asked and runs it.
    view.field("prefix")->setText(script("prefix", "echo 'on the node' >&2; exec \"$@\""));
    view.field("runner")->setText(
        script("runner",
               "echo 'gemm: 40 %, about 3 s left' >&2; sleep 0.2\n"
               "while [ \"$1\" != --out ]; do shift; done; echo '{}' > \"$2\"; echo done"));
    view.field("options")->setText("--quick --only gemm");
    view.measure();
    QVERIFY(!view.idle());
    QVERIFY(settle());
    QVERIFY2(view.state().startsWith("Measured"), qPrintable(view.state()));
    QVERIFY(view.log().contains("40 %") && view.log().contains("done"));
    QCOMPARE(view.files().size(), 1);
  }

  void a_missing_runner_and_a_bad_file_say_what_to_do() {
    open(kSmall, gui::View::Calibrate);
    auto& view = *window_->findChild<gui::CalibrateView*>();
    view.field("runner")->setText("/nowhere/gpuplan-runner");
    view.measure();
    QVERIFY(settle());
    QVERIFY2(view.state().contains("GPUPLAN_RUNNER"), qPrintable(view.state()));
    view.add_files({kSmall});
    view.fit();
    QVERIFY(settle());
    QVERIFY2(view.state().contains("llama3-8b"), qPrintable(view.state()));
    QVERIFY(window_->isVisible());
  }
};

QTEST_MAIN(GuiViewsTest)
#include "gui_views_test.moc"
