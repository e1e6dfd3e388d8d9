// Where figures come from: cards, bars, cost lines and cells answer a click and the keyboard.
#include <QSignalSpy>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>

#include "gui/document.hpp"
#include "gui/forms/scenario_form.hpp"
#include "gui/main_window.hpp"
#include "gui/run/run_view.hpp"
#include "gui/simulations.hpp"
#include "gui/source_dialog.hpp"
#include "gui/theme.hpp"
#include "gui/views/bar_list.hpp"
#include "gui/views/card.hpp"
#include "gui/views/results_view.hpp"
#include "gui/views/sources_view.hpp"
#include "gui/views/table.hpp"
#include "gui/words.hpp"

#include "tests/gui/open_window.hpp"

using gui::MainWindow;

namespace {
const QString kExamples = GPUPLAN_SOURCE_DIR "/scenarios/examples/";
const QString kBig = kExamples + "llama3-405b-16k.yaml";
}  // namespace

class GuiSourcesTest : public QObject, protected OpenWindow {
  Q_OBJECT

  gui::ResultsView& results() { return *window_->findChild<gui::ResultsView*>(); }
  gui::RunView& run() { return *window_->findChild<gui::RunView*>(); }
  QString told() { return window_->source_dialog().text(); }

 private slots:
  void initTestCase() { gui::apply_theme(gui::Theme::Light); }
  void cleanup() { close_window(); }

  void a_click_on_a_card_tells_where_its_figure_comes_from() {
    open(kBig, gui::View::Results);
    gui::Card* mfu = results().card("mfu");
    QTest::mouseClick(mfu, Qt::LeftButton);
    QVERIFY(window_->source_dialog().isVisible());
    for (const char* words :
         {"MFU", " %", "arXiv 2204.02311", "gemm bf16: ", "published training runs",
          "cluster.accelerator.peak.bf16", "989.4 TFLOP/s", "llama3-405b-16k.yaml:11"}) {
      QVERIFY2(told().contains(words), qPrintable(QString(words) + " in " + told()));
    }
    QVERIFY(!told().contains(kExamples));  // files by their names
    QTest::keyClick(&window_->source_dialog(), Qt::Key_Escape);
    QVERIFY(!window_->source_dialog().isVisible());
  }

  void the_text_can_be_copied_and_its_links_lead_to_the_inputs() {
    open(kBig, gui::View::Results);
    QTest::mouseClick(results().card("tokens_per_s"), Qt::LeftButton);
    auto* text = window_->source_dialog().findChild<QTextBrowser*>();
    QVERIFY(text->textInteractionFlags().testFlag(Qt::TextSelectableByMouse));
    QVERIFY(text->textInteractionFlags().testFlag(Qt::TextSelectableByKeyboard));
    emit text->anchorClicked(QUrl("training.global_batch"));  // a field of the form
    auto* form = window_->findChild<gui::ScenarioForm*>();
    QVERIFY(QTest::qWaitFor([&] { return form->editor("training.global_batch")->hasFocus(); }));
    emit text->anchorClicked(QUrl("cluster.accelerator.tdp"));  // none there
    QCOMPARE(window_->shown_view(), gui::View::Sources);
    QCOMPARE(window_->findChild<gui::SourcesView*>()->table().QTableView::model()->rowCount(), 1);
  }

  void the_keyboard_reaches_cards_and_bars() {
    open(kBig, gui::View::Results);
    gui::Card* power = results().card("power_w");
    QVERIFY((power->focusPolicy() & Qt::TabFocus) != 0);
    QTest::keyClick(power, Qt::Key_Return);
    QVERIFY(told().contains("arXiv 2412.08602"));
    gui::BarList& breakdown = results().breakdown();
    QTest::keyClick(&breakdown, Qt::Key_Down);
    QTest::keyClick(&breakdown, Qt::Key_Down);
    QTest::keyClick(&breakdown, Qt::Key_Return);
    const gui::Bar& second = breakdown.bars().at(1);
    QVERIFY(told().contains(second.label));
    QVERIFY(breakdown.accessibleDescription().startsWith(second.label));
  }

  void every_figure_of_the_page_has_a_source() {
    open(kBig, gui::View::Results);
    QSignalSpy asked(&results(), &gui::ResultsView::asked);
    int cards = 0;
    for (gui::Card* card : results().findChildren<gui::Card*>()) {
      QTest::keyClick(card, Qt::Key_Return);
      QCOMPARE(asked.count(), ++cards);
    }
    QCOMPARE(cards, 10);
    for (gui::BarList* bars :
         {&results().waterfall(), &results().breakdown(), &results().memory_kinds()}) {
      QVERIFY(bars->bars().size() >= 4);
      asked.clear();
      for (int i = 0; i < static_cast<int>(bars->bars().size()); ++i) {
        QTest::keyClick(bars, Qt::Key_Down);
        QTest::keyClick(bars, Qt::Key_Return);
        QVERIFY2(asked.count() == i + 1,
                 qPrintable(bars->bars().at(static_cast<std::size_t>(i)).label));
      }
    }
  }

  void bands_are_drawn_where_there_are_some_and_spoken() {
    open(kBig, gui::View::Results);
    const gui::Result& r = *window_->simulations().shown(window_->document().current()->id).result;
    const auto step = r.range("step_time_s");
    QVERIFY(step && step->low < r.step_s && r.step_s < step->high);
    QVERIFY(r.range("breakdown_s.gemm") && !r.range("breakdown_s.bubble"));
    QVERIFY(!r.range("memory_bytes") && !r.range("power_w"));
    QCOMPARE(results().card("step_time_s")->accessibleDescription(),
             gui::time_text(step->low).section(' ', 0, 0) + " to " + gui::time_text(step->high));
    const gui::Bar& first = results().breakdown().bars().front();
    QVERIFY(first.range && first.range->low < first.end && first.end < first.range->high);
    QVERIFY(results().breakdown().accessibleDescription().contains(first.range_text));
  }

  void a_run_tells_the_source_of_days_bills_lines_and_failures() {
    open(kBig, gui::View::Run);
    QVERIFY2(run().whole_run().has_value(), qPrintable(run().state()));
    QTest::keyClick(run().card("days_p50"), Qt::Key_Return);
    QVERIFY(told().contains("P5 and P95 of the drawn courses"));
    QTest::keyClick(run().card("cost_run"), Qt::Key_Return);
    QVERIFY2(told().contains("cost_cluster"), qPrintable(told()));  // it is owned
    const auto& cost = run().whole_run()->cost;
    for (int row = 0; row < static_cast<int>(cost.size()); ++row) {
      emit run().cost_table().asked(row);
      QVERIFY(told().startsWith(cost.at(static_cast<std::size_t>(row)).what));
    }
    emit run().failures_table().asked(1);
    QVERIFY2(told().contains("hbm") && told().contains("run.failures.kinds.hbm.per_year"),
             qPrintable(told()));
    QVERIFY(!told().contains("run.failures.kinds.sram"));
    QSignalSpy asked(&run(), &gui::RunView::asked);
    int cards = 0;
    for (gui::Card* card : run().findChildren<gui::Card*>()) {
      QTest::keyClick(card, Qt::Key_Return);
      QCOMPARE(asked.count(), ++cards);
    }
    QCOMPARE(cards, 8);
  }

  void a_run_is_told_against_the_baselines() {
    open(kBig, gui::View::Run);
    QVERIFY(run().finish_card().change().isEmpty());  // this is the baseline
    const gui::Document& document = window_->document();
    window_->duplicate();
    QVERIFY(settle());
    const QString text = QString(document.current()->text).replace("15.6e12", "7.8e12");
    window_->document().edit(document.current()->id, text, "half the tokens");
    // Half the work is half the days, but for what failures do by chance.
    QVERIFY(QTest::qWaitFor(
        [&] {
          const QString change = run().finish_card().change();
          return change.startsWith("▼ -49") || change.startsWith("▼ -50");
        },
        kLong));
  }

  void a_page_shows_the_price_of_an_hour_and_of_tokens() {
    open(kBig, gui::View::Results);
    QVERIFY(results().card("usd_per_hour")->value().endsWith(" USD"));
    const gui::Result& r = *window_->simulations().shown(window_->document().current()->id).result;
    const double expected = *r.usd_per_hour / 3600 / r.tokens_per_s * 1e12;  // definition
    QVERIFY(std::abs(*r.usd_per_trillion_tokens / expected - 1) < 1e-9);
    open(kExamples + "llama3-8b-8xh100-fsdp.yaml", gui::View::Results);
    QCOMPARE(results().card("usd_per_trillion_tokens")->value(), QString("unknown"));
  }
};

QTEST_MAIN(GuiSourcesTest)
#include "gui_sources_test.moc"
