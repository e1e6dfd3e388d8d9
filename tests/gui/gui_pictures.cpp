// The pictures of docs/gui and those one looks at before a commit: every view, in light and dark,
// at two sizes, with something in it. Run by hand: gui_pictures FOLDER [VIEW...]
#include <cstdio>

#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QLineEdit>
#include <QScrollArea>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>

#include "gui/command.hpp"
#include "gui/explore/explore_view.hpp"
#include "gui/explore/plan_panel.hpp"
#include "gui/explore/sweep_panel.hpp"
#include "gui/forms/fabric_wizard.hpp"
#include "gui/forms/scenario_form.hpp"
#include "gui/main_window.hpp"
#include "gui/source_dialog.hpp"
#include "gui/views/card.hpp"
#include "gui/views/link_matrix.hpp"
#include "gui/views/results_view.hpp"
#include "gui/views/timeline_canvas.hpp"
#include "gui/views/timeline_view.hpp"
#include "gui/views/topology_canvas.hpp"
#include "gui/views/topology_view.hpp"

namespace {

const QString kExamples = GPUPLAN_SOURCE_DIR "/scenarios/examples/";

struct Picture {
  const char* name;
  gui::View view;
  const char* file;
  void (*prepare)(gui::MainWindow& window);
};

void settle(gui::MainWindow& window) {
  constexpr int kLong = 120000;  // ms
  [[maybe_unused]] const bool settled = QTest::qWaitFor([&] { return window.idle(); }, kLong);
  QTest::qWait(120);  // charts draw when the event loop is idle
}

gui::ExploreView& explore(gui::MainWindow& window) {
  return *window.findChild<gui::ExploreView*>();
}

void sweep(gui::MainWindow& window) {
  gui::SweepPanel& panel = explore(window).sweep();
  explore(window).setCurrentWidget(&panel);
  panel.add_axis("layout.tp", "8");
  panel.add_axis("training.micro_batch", "1");
  panel.add_axis("cluster.overrides.nic.bandwidth", "400 Gbit/s");
  panel.run();
}

void tornado(gui::MainWindow& window) {
  explore(window).sweep().set_tornado("step_time_s");
  sweep(window);
}

void plan(gui::MainWindow& window) {
  gui::PlanPanel& panel = explore(window).plan();
  explore(window).setCurrentWidget(&panel);
  panel.field("limits.deadline")->setText("90 days");
  panel.find_plans();
}

void matrix(gui::MainWindow& window) {
  auto& view = *window.findChild<gui::TopologyView*>();
  view.findChild<QTabWidget*>()->setCurrentWidget(&view.matrix());
  QTest::keyClick(&view.matrix(), Qt::Key_Right);
}

/// The data-parallel ring of the selected accelerator, and the flows of that one.
void path(gui::MainWindow& window) {
  auto& view = *window.findChild<gui::TopologyView*>();
  view.canvas().select(gui::Device{gui::Device::Kind::Gpu, 5});
  view.collective()->setCurrentIndex(view.collective()->count() - 1);
}

/// A dialog is a window of its own: it is what is drawn.
void fabric(gui::MainWindow& window) {
  constexpr int kLong = 60000;                                   // ms
  gui::FabricWizard* wizard = window.fabric_wizard().release();  // the window's
  wizard->resize(window.width() * 3 / 4, window.height() * 3 / 4);
  wizard->show();
  [[maybe_unused]] const bool counted = QTest::qWaitFor([&] { return wizard->idle(); }, kLong);
}

/// Where the MFU comes from.
void source(gui::MainWindow& window) {
  QTest::keyClick(window.findChild<gui::ResultsView*>()->card("mfu"), Qt::Key_Return);
  window.source_dialog().resize(window.width() * 2 / 3, window.height() * 5 / 6);
}

/// The form's marks of what fits.
void marks(gui::MainWindow& window) {
  auto& form = *window.findChild<gui::ScenarioForm*>();
  form.findChild<QScrollArea*>()->ensureWidgetVisible(form.editor("framework"));
}

void waits(gui::MainWindow& window) {
  window.findChild<gui::TimelineView*>()->canvas().find("B5.0");
}

constexpr auto kBig = "llama3-405b-16k.yaml";
constexpr auto kPath = "mixtral-8x7b-64-h100.yaml";
constexpr auto kNetwork = "network/400g.yaml";
constexpr auto kOwned = "run/h100-8192-on-premises.yaml";
constexpr auto kBuyer = "plan-15t-60days.yaml";

const std::vector<Picture>& pictures() {
  static const std::vector<Picture> all{
      {"results", gui::View::Results, kBig, nullptr},
      {"source", gui::View::Results, kBig, &source},
      {"roofline", gui::View::Roofline, kBig, nullptr},
      {"run", gui::View::Run, kOwned, nullptr},
      {"topology", gui::View::Topology, kBig, nullptr},
      {"path", gui::View::Topology, kPath, &path},
      {"matrix", gui::View::Topology, kNetwork, &matrix},
      {"timeline", gui::View::Timeline, kBig, nullptr},
      {"waits", gui::View::Timeline, kNetwork, &waits},
      {"layout", gui::View::Results, "mixtral-8x7b-64-h100.yaml", &marks},
      {"fabric", gui::View::Results, kBig, &fabric},
      {"what-if", gui::View::Explore, kBig, nullptr},
      {"sweep", gui::View::Explore, kBig, &sweep},
      {"tornado", gui::View::Explore, kBig, &tornado},
      {"plan", gui::View::Explore, kBuyer, &plan},
      {"calibrate", gui::View::Calibrate, kBig, nullptr},
      {"compare", gui::View::Compare, kBig, nullptr},
      {"sources", gui::View::Sources, kBig, nullptr},
  };
  return all;
}

void draw(const Picture& picture, gui::Theme theme, QSize size, const QString& file) {
  gui::apply_theme(theme);
  QTemporaryDir state;
  gui::MainWindow window({state.path(), gui::Command::find_program(), false});
  window.resize(size);
  window.show();
  window.open({kExamples + picture.file});
  window.show_view(picture.view);
  settle(window);
  if (picture.prepare != nullptr) {
    picture.prepare(window);
    settle(window);
  }
  auto* wizard = window.findChild<gui::FabricWizard*>();
  (wizard != nullptr                    ? wizard->grab()
   : window.source_dialog().isVisible() ? window.source_dialog().grab()
                                        : window.grab())
      .save(file);
  std::printf("%s\n", qPrintable(file));
  std::fflush(stdout);
  window.close();
}

}  // namespace

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  qputenv("GPUPLAN_COMMAND", GPUPLAN_COMMAND);
  const QApplication application(argc, argv);
  const QStringList words = QApplication::arguments().mid(1);
  if (words.isEmpty()) {
    std::fprintf(stderr, "usage: gui_pictures FOLDER [VIEW...]\n");
    return 2;
  }
  QDir().mkpath(words[0]);
  for (const Picture& picture : pictures()) {
    if (words.size() > 1 && !words.contains(picture.name)) {
      continue;
    }
    for (const auto theme : {gui::Theme::Light, gui::Theme::Dark}) {
      const char* const name = theme == gui::Theme::Light ? "light" : "dark";
      for (const QSize size : {QSize(1280, 720), QSize(2560, 1440)}) {
        draw(picture, theme, size,
             QString("%1/%2-%3-%4.png").arg(words[0], picture.name, name).arg(size.width()));
      }
    }
  }
  return 0;
}
