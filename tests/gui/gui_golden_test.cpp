// Pictures of single widgets against stored ones, in both themes. Tiles of pixels are compared by
// their mean, so that another version of a font does not matter and a lost label or colour does.
// GPUPLAN_UPDATE_GOLDENS=1 writes them anew: look at each before committing it.
#include <cmath>

#include <QDir>
#include <QImage>
#include <QTest>

#include "gui/calibrate/residual_plot.hpp"
#include "gui/theme.hpp"
#include "gui/views/bar_list.hpp"
#include "gui/views/card.hpp"
#include "gui/views/link_matrix.hpp"
#include "gui/views/pareto_chart.hpp"
#include "gui/views/roofline_chart.hpp"
#include "gui/views/table.hpp"
#include "gui/views/timeline_canvas.hpp"
#include "gui/views/topology_canvas.hpp"
#include "gui/words.hpp"
#include "scenarios/catalog.hpp"

#include "tests/gui/some_trace.hpp"

namespace {

constexpr int kTile = 20;        ///< pixels
constexpr int kOneTile = 48;     ///< grey levels of 255 by which a tile may differ
constexpr double kAllTiles = 5;  ///< the same for the mean over all tiles

std::shared_ptr<gui::TopologyScene> loaded_scene() {
  const auto catalog = scenarios::Catalog::open();
  auto scene = gui::make_scene(
      catalog.cluster({.fabric = "superpod-h100", .gpus = 256, .accelerator = {}, .overrides = {}}),
      {}, 1.6);
  scene->gpu_loads.resize(256);
  for (std::size_t i = 0; i < scene->gpu_loads.size(); ++i) {
    scene->gpu_loads[i] = static_cast<float>(i) / 256.0F;
  }
  scene->matrix = gui::LoadMatrix({0, 1, 2, 3}, {4, 5, 6, 7});
  for (int leaf = 0; leaf < 4; ++leaf) {
    for (int spine = 0; spine < 4; ++spine) {
      scene->matrix.raise(leaf, 4 + spine, static_cast<float>(leaf + spine) / 7.0F);
    }
  }
  return scene;
}

std::unique_ptr<QWidget> widget_of(const QString& name) {
  if (name == "card") {
    auto card = std::make_unique<gui::Card>("Step time", gui::Better::Lower);
    card->show_value("5.89 s", "4.80 s to 8.34 s");
    card->show_range(5.89, gui::Range{4.8, 8.34});
    card->show_change(-0.12);
    return card;
  }
  if (name == "bars") {
    auto bars = std::make_unique<gui::BarList>("Memory");
    bars->show_bars({{"Parameters", 0, 30, "30 GiB", gui::part_colour("parameters")},
                     {"Activations", 30, 70, "40 GiB", gui::part_colour("activations"), "memory",
                      gui::Range{60, 85}, "30 GiB to 55 GiB"}},
                    90, 80);
    return bars;
  }
  if (name == "pareto") {
    auto chart = std::make_unique<gui::ParetoChart>("points");
    chart->show_points({{1, 9, "a"}, {2, 5, "b"}, {4, 4, "c"}, {3, 8, "d"}, {2, 2, "e", false}},
                       {"Step time, s"}, {"Memory, GiB"});
    chart->pick({1});
    return chart;
  }
  if (name == "roofline") {
    auto result = std::make_shared<gui::Result>();
    result->roofline = {
        .accelerator = "h100-sxm",
        .stage = 0,
        .memory_bytes_per_s = 3.35e12,
        .memory_source = "data sheet",
        .roofs = {{"bf16", 989e12, "data sheet"}},
        .kernels = {{"MLP up", "gemm", "forward", "m 8192", "bf16", 4, 4e12, 1e9, 6e-3},
                    {"norm", "memory_bound", "forward", "", "", 8, 1e9, 2e9, 9e-4},
                    {"attention", "attention", "backward", "", "bf16", 4, 1e12, 4e9, 3e-3}}};
    auto chart = std::make_unique<gui::RooflineChart>();
    chart->show_roofline(result);
    chart->pick(0);
    return chart;
  }
  if (name == "matrix") {
    auto matrix = std::make_unique<gui::LinkMatrix>();
    matrix->show_scene(loaded_scene());
    matrix->pick(gui::LinkMatrix::Cell{1, 2});
    return matrix;
  }
  if (name == "topology") {
    auto canvas = std::make_unique<gui::TopologyCanvas>();
    canvas->show_scene(loaded_scene());
    return canvas;
  }
  if (name == "timeline") {
    auto canvas = std::make_unique<gui::TimelineCanvas>();
    canvas->show_trace(some_trace(6, 300));
    return canvas;
  }
  if (name == "residuals") {
    auto plot = std::make_unique<gui::ResidualPlot>();
    plot->show_points({{"GEMM", "small", "FLOP", 1e9, 0.3},
                       {"GEMM", "large", "FLOP", 1e12, -0.1},
                       {"GEMM", "large", "FLOP", 1e13, 0.02}});
    return plot;
  }
  auto table = std::make_unique<gui::Table>("table");
  table->show_rows({{"what", "What"}, {"usd", "Cost", &gui::money_text}},
                   {{{"servers"}, {{}, 3.1e8}}, {{"network"}, {{}, 7e7}}, {{"spares"}, {}}});
  return table;
}

/// Mean grey of each tile.
std::vector<double> tiles(const QImage& image) {
  std::vector<double> means;
  for (int y = 0; y < image.height(); y += kTile) {
    for (int x = 0; x < image.width(); x += kTile) {
      double sum = 0;
      int count = 0;
      for (int j = y; j < std::min(y + kTile, image.height()); ++j) {
        for (int i = x; i < std::min(x + kTile, image.width()); ++i) {
          sum += qGray(image.pixel(i, j));
          ++count;
        }
      }
      means.push_back(sum / count);
    }
  }
  return means;
}

}  // namespace

class GuiGoldenTest : public QObject {
  Q_OBJECT

 private slots:
  void a_widget_looks_as_it_did_data() {
    QTest::addColumn<QString>("widget");
    QTest::addColumn<bool>("dark");
    for (const char* widget : {"card", "bars", "pareto", "roofline", "matrix", "topology",
                               "timeline", "residuals", "table"}) {
      QTest::addRow("%s light", widget) << QString(widget) << false;
      QTest::addRow("%s dark", widget) << QString(widget) << true;
    }
  }
  void a_widget_looks_as_it_did() {
    QFETCH(QString, widget);
    QFETCH(bool, dark);
    gui::apply_theme(dark ? gui::Theme::Dark : gui::Theme::Light);
    const auto shown = widget_of(widget);
    shown->resize(widget == "card" ? QSize(200, 100) : QSize(400, 240));
    shown->show();
    QVERIFY(QTest::qWaitForWindowExposed(shown.get()));
    QTest::qWait(50);  // charts draw when the event loop is idle
    const QImage now = shown->grab().toImage().convertToFormat(QImage::Format_RGB32);
    const QString path = QString(GPUPLAN_SOURCE_DIR "/tests/gui/golden/%1-%2.png")
                             .arg(widget, dark ? "dark" : "light");
    if (qEnvironmentVariableIsSet("GPUPLAN_UPDATE_GOLDENS")) {
      QDir().mkpath(GPUPLAN_SOURCE_DIR "/tests/gui/golden");
      QVERIFY(now.save(path));
      return;
    }
    const QImage golden(path);
    QCOMPARE(now.size(), golden.size());
    const std::vector<double> a = tiles(now);
    const std::vector<double> b = tiles(golden);
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double apart = std::abs(a[i] - b[i]);
      QVERIFY2(apart < kOneTile, qPrintable(QString("tile %1 differs by %2").arg(i).arg(apart)));
      sum += apart;
    }
    QVERIFY(sum / static_cast<double>(a.size()) < kAllTiles);
  }
};

QTEST_MAIN(GuiGoldenTest)
#include "gui_golden_test.moc"
