// The walk that docs/gui.md tells a newcomer: from a template to the cheapest plan, by the widgets
// that one meets on the way. No step may end in a message without a remedy.
#include <QAction>
#include <QComboBox>
#include <QFile>
#include <QLineEdit>
#include <QMenu>
#include <QStatusBar>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QWhatsThis>

#include "gui/explore/candidates_view.hpp"
#include "gui/explore/explore_view.hpp"
#include "gui/explore/plan_panel.hpp"
#include "gui/forms/scenario_form.hpp"
#include "gui/main_window.hpp"
#include "gui/run/run_view.hpp"
#include "gui/views/compare_view.hpp"
#include "gui/views/results_view.hpp"
#include "gui/views/table.hpp"

using gui::MainWindow;

class GuiWalkTest : public QObject {
  Q_OBJECT

  QTemporaryDir state_;
  std::unique_ptr<MainWindow> window_;

  bool settle() {
    constexpr int kLong = 180000;  // ms
    return QTest::qWaitFor([this] { return window_->idle(); }, kLong);
  }
  QAction* action(const QString& text) {
    for (QAction* one : window_->findChildren<QAction*>()) {
      if (one->text().remove('&') == text) {
        return one;
      }
    }
    return nullptr;
  }
  void type(const QString& key, const QString& value) {
    QWidget* editor = window_->findChild<gui::ScenarioForm*>()->editor(key);
    auto* combo = qobject_cast<QComboBox*>(editor);
    auto* line = combo != nullptr ? combo->lineEdit() : qobject_cast<QLineEdit*>(editor);
    line->selectAll();
    QTest::keyClicks(line, value);
    QTest::keyClick(line, Qt::Key_Return);
    QVERIFY(settle());
    QVERIFY2(!window_->checked().complaint,
             qPrintable(window_->checked().complaint.value_or(gui::Complaint{}).sentence));
  }

 private slots:
  void the_newcomers_walk() {
    gui::apply_theme(gui::Theme::Light);
    window_ =
        std::make_unique<MainWindow>(MainWindow::Options{state_.path(), GPUPLAN_COMMAND, false});
    window_->show();

    // 1. File, New from template.
    QAction* plan_template = action("plan-15t-60days");
    QVERIFY(plan_template != nullptr);
    plan_template->trigger();
    QVERIFY(settle());
    const auto* results = window_->findChild<gui::ResultsView*>();
    QVERIFY2(results->state().isEmpty(), qPrintable(results->state()));

    // 2. A variant with B200 instead of H100 and twice the NIC speed.
    action("New variant")->trigger();
    QVERIFY(settle());
    type("cluster.fabric", "superpod-b200");
    type("cluster.overrides.nic.bandwidth", "800 Gbit/s");
    QCOMPARE(window_->checked().scenario->cluster.accelerator.id, std::string("b200-sxm"));
    QVERIFY2(results->state().isEmpty(), qPrintable(results->state()));

    // 3. Compare.
    action("Compare")->trigger();
    QVERIFY(settle());
    auto& compared = window_->findChild<gui::CompareView*>()->model();
    QCOMPARE(compared.rowCount(), 2);
    QVERIFY(compared.rows()[1].result->step_s < compared.rows()[0].result->step_s);

    // 4. The cheapest plan for a deadline.
    action("Explore")->trigger();
    auto& explore = *window_->findChild<gui::ExploreView*>();
    gui::PlanPanel& plan = explore.plan();
    explore.setCurrentWidget(&plan);
    QTest::keyClicks(plan.field("limits.deadline"), "70 days");
    QTest::keyClick(plan.field("limits.deadline"), Qt::Key_Return);
    QVERIFY(settle());
    QVERIFY2(plan.state().contains("deadline 70.0 days"), qPrintable(plan.state()));
    plan.candidates().table().pick({0});
    plan.candidates().take_over();
    QVERIFY(settle());
    QCOMPARE(window_->document().variants().size(), 3U);

    // 5. Its whole run keeps the limits.
    action("Whole run")->trigger();
    QVERIFY(settle());
    const auto& run = window_->findChild<gui::RunView*>()->whole_run();
    QVERIFY(run.has_value());
    QVERIFY2(run->missed_limits.isEmpty(), qPrintable(run->missed_limits.join(' ')));
    QVERIFY(*run->days_p95 <= 70);

    // 6. The report, of the text as it stands.
    QVERIFY(window_->document().current()->modified());
    window_->export_report(state_.filePath("plan.html"));
    QVERIFY(settle());
    QFile report(state_.filePath("plan.html"));
    QVERIFY2(report.open(QIODevice::ReadOnly), qPrintable(window_->statusBar()->currentMessage()));
    QVERIFY(report.readAll().contains("<html"));

    // 7. And what the view shows.
    window_->export_view(state_.filePath("run.pdf"));
    window_->export_table(state_.filePath("cost.csv"));
    QFile costs(state_.filePath("cost.csv"));
    QVERIFY(costs.open(QIODevice::ReadOnly));
    QVERIFY(costs.readAll().contains("servers"));
    window_->close();
  }

  void every_view_has_help() {
    window_ =
        std::make_unique<MainWindow>(MainWindow::Options{state_.path(), GPUPLAN_COMMAND, false});
    window_->show();
    QTabWidget* views = nullptr;
    for (auto* tabs : window_->findChildren<QTabWidget*>()) {
      views = tabs->count() == 8 ? tabs : views;
    }
    QVERIFY(views != nullptr);
    for (int i = 0; i < views->count(); ++i) {
      QVERIFY(views->widget(i)->whatsThis().startsWith("<b>" + views->tabText(i)));
    }
    window_->help();
    QWhatsThis::hideText();
    window_->close();
  }
};

QTEST_MAIN(GuiWalkTest)
#include "gui_walk_test.moc"
