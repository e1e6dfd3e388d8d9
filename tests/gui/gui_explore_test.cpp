// The Explore view: sliders that answer while one drags, sweeps, tornados, plans, brushing, and
// variants made of what was found.
#include <cmath>

#include <QAbstractItemModelTester>
#include <QFile>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "gui/explore/candidates_view.hpp"
#include "gui/explore/explore_view.hpp"
#include "gui/explore/plan_answer.hpp"
#include "gui/explore/plan_panel.hpp"
#include "gui/explore/sweep_panel.hpp"
#include "gui/explore/what_if_panel.hpp"
#include "gui/forms/scenario_form.hpp"
#include "gui/main_window.hpp"
#include "gui/views/bar_list.hpp"
#include "gui/views/card.hpp"
#include "gui/views/pareto_chart.hpp"
#include "topology/error.hpp"

#include "tests/gui/open_window.hpp"

using gui::Best;
using gui::ChartPoint;
using gui::MainWindow;
using gui::ParetoChart;
using gui::Setting;
using gui::SweepPanel;

namespace {

const QString kExample = GPUPLAN_SOURCE_DIR "/scenarios/examples/llama3-8b-8xh100-fsdp.yaml";
const QString kBuyer = GPUPLAN_SOURCE_DIR "/scenarios/examples/plan-15t-60days.yaml";

}  // namespace

class GuiExploreTest : public QObject, protected OpenWindow {
  Q_OBJECT

  gui::ExploreView& explore() { return *window_->findChild<gui::ExploreView*>(); }

 private slots:
  void initTestCase() { gui::apply_theme(gui::Theme::Light); }
  void cleanup() { close_window(); }

  void values_around_a_number_keep_unit_and_wholeness() {
    QCOMPARE(gui::values_around("4"),
             QStringList({"1", "2", "3", "4", "6", "8", "12", "16", "32"}));
    const QStringList speeds = gui::values_around("400 Gbit/s");
    QVERIFY(speeds.contains("800 Gbit/s") && speeds.contains("50 Gbit/s"));
    QVERIFY(gui::values_around("bf16").isEmpty());
    QVERIFY(gui::values_around("").isEmpty());
  }

  void the_front_is_what_nothing_beats() {
    // (1, 9) and (2, 5) and (4, 4) are best; (3, 6) loses to (2, 5); the last one does not fit.
    const std::vector<ChartPoint> points{
        {3, 6, "c"}, {1, 9, "a"}, {2, 5, "b"}, {4, 4, "d"}, {0, 0, "unfit", false}};
    QCOMPARE(gui::front_of(points, Best::Low, Best::Low), (std::vector<int>{1, 2, 3}));
    QCOMPARE(gui::front_of(points, Best::High, Best::High), (std::vector<int>{1, 0, 3}));
    QVERIFY(gui::front_of({}, Best::Low, Best::Low).empty());
  }

  void dragging_a_frame_picks_points() {
    ParetoChart chart("points");
    chart.resize(500, 400);
    chart.show_points({{1, 9, "a"}, {2, 5, "b"}, {4, 4, "c"}}, {"x"}, {"y"});
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    chart.grab();
    QSignalSpy brushed(&chart, &ParetoChart::brushed);
    QRect around(chart.place(1), chart.place(2));
    chart.brush(around.normalized().adjusted(-3, -3, 3, 3));
    QCOMPARE(chart.picked(), (std::vector<int>{1, 2}));
    QCOMPARE(brushed.count(), 1);
    QTest::keyClick(&chart, Qt::Key_Escape);
    QVERIFY(chart.picked().empty());
    QTest::keyClick(&chart, Qt::Key_Right);
    QTest::keyClick(&chart, Qt::Key_Right);
    QCOMPARE(chart.picked(), (std::vector<int>{1}));
    QVERIFY(chart.accessibleDescription().contains("b: "));
  }

  void a_sweep_file_lets_data_parallel_follow() {
    const QString text = gui::sweep_text("/a \"b\".yaml", {{"layout.tp", "[1, 2]"}}, "grid");
    QVERIFY(text.contains("scenario: \"/a \\\"b\\\".yaml\""));
    QVERIFY(text.contains("set: {layout.dp: null}"));
    QVERIFY(
        !gui::sweep_text("/a.yaml", {{"training.micro_batch", "[1]"}}, "grid").contains("set:"));
  }

  void what_is_no_answer_is_refused() {
    QVERIFY_EXCEPTION_THROWN(gui::read_sweep("[]"), topology::RuntimeFailure);
    QVERIFY_EXCEPTION_THROWN(gui::read_tornado("{}"), topology::RuntimeFailure);
    QVERIFY_EXCEPTION_THROWN(gui::read_plans("nonsense"), topology::RuntimeFailure);
    QVERIFY_EXCEPTION_THROWN(gui::read_layouts("{\"best\":1}"), topology::RuntimeFailure);
  }

  void a_slider_answers_while_one_drags_and_edits_when_let_go() {
    open(kExample, gui::View::Explore);
    auto& panel = explore().what_if();
    QSlider* slider = panel.slider("training.global_batch");
    const QString before = text();
    const QString step = panel.step_card().value();
    slider->setSliderDown(true);
    slider->setValue(slider->value() + 1);
    QVERIFY(QTest::qWaitFor([&] { return panel.step_card().value() != step; }, kLong));
    QCOMPARE(panel.state(), QString("Closed form, while you drag."));
    QVERIFY(panel.step_card().change().contains("to before"));
    QCOMPARE(text(), before);  // not yet
    slider->setSliderDown(false);
    QVERIFY(text().contains("global_batch: 24"));
    QVERIFY(settle());
    QVERIFY2(panel.state().startsWith("Flow simulation"), qPrintable(panel.state()));
    window_->document().undo_stack().undo();
    QCOMPARE(text(), before);
    QVERIFY(settle());
    QCOMPARE(slider->accessibleDescription(), QString("16"));
  }

  void a_slider_takes_the_keyboard() {
    open(kExample, gui::View::Explore);
    QSlider* slider = explore().what_if().slider("training.global_batch");
    QTest::keyClick(slider, Qt::Key_Right);
    QVERIFY(text().contains("global_batch: 24"));
    QVERIFY(settle());
  }

  void sweep_this_beside_a_field_adds_an_axis() {
    open(kExample, gui::View::Explore);
    window_->show_view(gui::View::Results);
    auto* form = window_->findChild<gui::ScenarioForm*>();
    QVERIFY(!form->sweep_button("training.precision")->isVisible());
    form->sweep_button("training.global_batch")->click();
    const auto axes = explore().sweep().axes();
    QCOMPARE(axes.size(), 1U);
    QCOMPARE(axes[0].path, QString("training.global_batch"));
    QCOMPARE(axes[0].values, QString("[8, 16, 32, 64]"));
    form->sweep_button("training.global_batch")->click();
    QCOMPARE(explore().sweep().axes().size(), 1U);
    QVERIFY(explore().isVisible());
  }

  void a_sweep_fills_table_and_chart_and_picking_is_shared() {
    open(kExample, gui::View::Explore);
    SweepPanel& sweep = explore().sweep();
    explore().setCurrentWidget(&sweep);
    sweep.add_axis("training.micro_batch", "1");
    sweep.add_axis("training.global_batch", "16");
    sweep.run();
    QVERIFY(settle());
    auto& table = sweep.candidates().table();
    QAbstractItemModelTester tester(&table.model());
    QCOMPARE(table.model().rowCount(), 12);  // 1, 2, 4 times 8, 16, 32, 64
    QVERIFY2(sweep.state().startsWith("12 points"), qPrintable(sweep.state()));
    QVERIFY(
        table.model().csv().startsWith("training.micro_batch,training.global_batch,step_time_s,"));
    table.pick({2});  // 1 and 32
    QCOMPARE(sweep.candidates().chart().picked(), (std::vector<int>{2}));
    sweep.candidates().take_over();
    QCOMPARE(window_->document().variants().size(), 2U);
    QVERIFY(text().contains("global_batch: 32"));
    QVERIFY(settle());
    window_->document().undo_stack().undo();
    QCOMPARE(window_->document().variants().size(), 1U);
  }

  void a_sweep_of_an_unsaved_text_counts_the_text() {
    open(kExample, gui::View::Explore);
    window_->document().edit(window_->document().current()->id,
                             text().replace("global_batch: 16", "global_batch: 32"), "edit");
    QVERIFY(settle());
    SweepPanel& sweep = explore().sweep();
    sweep.add_axis("training.micro_batch", "1");
    sweep.run();
    QVERIFY(settle());
    const auto& model = sweep.candidates().table().model();
    QCOMPARE(model.rows()[0][0].word, QString("1"));
    const double tokens =
        window_->simulations().shown(window_->document().current()->id).result->tokens_per_s;
    bool found = false;
    for (std::size_t c = 0; c < model.columns().size(); ++c) {
      if (model.columns()[c].key == "tokens_per_s") {
        found = std::abs(model.rows()[0][c].figure / tokens - 1) < 0.2;  // flow beside closed form
      }
    }
    QVERIFY(found);
  }

  void a_tornado_shows_each_value_alone() {
    open(kExample, gui::View::Explore);
    SweepPanel& sweep = explore().sweep();
    sweep.set_tornado("mfu");
    sweep.add_axis("training.micro_batch", "1");
    sweep.add_axis("training.sequence_length", "8192");
    sweep.run();
    QVERIFY(settle());
    QCOMPARE(sweep.tornado().bars().size(), 2U);
    QVERIFY2(sweep.state().startsWith("MFU is "), qPrintable(sweep.state()));
    QVERIFY(sweep.tornado().isVisibleTo(&sweep));
  }

  void a_sweep_without_axes_and_a_wrong_one_say_what_to_do() {
    open(kExample, gui::View::Explore);
    SweepPanel& sweep = explore().sweep();
    sweep.run();
    QVERIFY(sweep.state().contains("Nothing varies yet"));
    sweep.add_axis("training.nonsense", "1");
    sweep.run();
    QVERIFY(settle());
    QVERIFY2(sweep.state().contains("nonsense") || sweep.state().contains("0 fit"),
             qPrintable(sweep.state()));
    QVERIFY(window_->isVisible());
  }

  void a_cancelled_sweep_keeps_what_it_has() {
    open(kExample, gui::View::Explore);
    SweepPanel& sweep = explore().sweep();
    sweep.add_axis("training.global_batch", "16");
    sweep.run_sample("{random: 200000}");  // ended long before it is through
    QVERIFY(QTest::qWaitFor([&] { return sweep.state().contains(" %, about"); }, kLong));
    sweep.cancel();
    QVERIFY(settle());
    QVERIFY2(sweep.state().startsWith("Cancelled"), qPrintable(sweep.state()));
    QVERIFY(sweep.candidates().table().model().rowCount() > 0);
  }

  void layouts_are_found_and_taken_over() {
    open(kExample, gui::View::Explore);
    auto& plan = explore().plan();
    explore().setCurrentWidget(&plan);
    plan.find_layouts();
    QVERIFY(settle());
    QVERIFY2(plan.state().contains("layouts looked at"), qPrintable(plan.state()));
    QVERIFY(plan.candidates().table().model().rowCount() >= 10);
    plan.candidates().table().pick({0});
    plan.candidates().take_over();
    QCOMPARE(window_->document().variants().size(), 2U);
    QVERIFY(window_->document().variants()[1].text.contains("order: tp-cp-ep-dp-pp"));
    QVERIFY(settle());
    QVERIFY2(window_->checked().scenario.has_value(),
             qPrintable(window_->checked().complaint.value_or(gui::Complaint{}).sentence));
  }

  void a_plan_under_limits_is_found_and_taken_over() {
    open(kBuyer, gui::View::Explore);
    auto& plan = explore().plan();
    explore().setCurrentWidget(&plan);
    QTest::keyClicks(plan.field("plan.gpus"), "1024, 1536");
    QTest::keyClicks(plan.field("plan.fabrics"), "superpod-h100, superpod-b200");
    QTest::keyClicks(plan.field("limits.deadline"), "61 days");
    QTest::keyClick(plan.field("limits.deadline"), Qt::Key_Return);
    QVERIFY(!plan.idle());
    QVERIFY(settle());
    QVERIFY2(plan.state().contains("deadline 61.0 days"), qPrintable(plan.state()));
    plan.candidates().table().pick({0});
    plan.candidates().take_over();
    QVERIFY(settle());
    QVERIFY2(window_->checked().scenario.has_value(),
             qPrintable(window_->checked().complaint.value_or(gui::Complaint{}).sentence));
    QVERIFY(text().contains("deadline: 61 days"));
    QVERIFY(window_->checked().scenario->cluster.gpus == 1024 ||
            window_->checked().scenario->cluster.gpus == 1536);
  }

  void limits_that_clash_are_named() {
    open(kBuyer, gui::View::Explore);
    auto& plan = explore().plan();
    plan.field("plan.gpus")->setText("1024");
    plan.field("limits.deadline")->setText("5 days");
    plan.find_plans();
    QVERIFY(settle());
    QVERIFY2(plan.state().contains("No plan meets the limits. Without deadline"),
             qPrintable(plan.state()));
    QVERIFY(plan.candidates().table().model().rowCount() >= 1);
  }

  void a_mistake_in_a_limit_is_a_sentence() {
    open(kBuyer, gui::View::Explore);
    auto& plan = explore().plan();
    plan.field("limits.deadline")->setText("soon");
    plan.find_plans();
    QVERIFY(settle());
    QVERIFY2(plan.state().contains("deadline"), qPrintable(plan.state()));
  }
};

QTEST_MAIN(GuiExploreTest)
#include "gui_explore_test.moc"
