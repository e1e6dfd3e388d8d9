// The canvases and what they draw: layouts, loads, pyramids, selection, keys.
#include <cmath>
#include <set>

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "gui/theme.hpp"
#include "gui/views/timeline_canvas.hpp"
#include "gui/views/topology_canvas.hpp"
#include "scenarios/catalog.hpp"
#include "topology/error.hpp"

#include "tests/gui/some_trace.hpp"

using gui::Device;
using gui::TimelineCanvas;
using gui::TopologyCanvas;
using gui::Totals;

namespace {

std::shared_ptr<gui::TopologyScene> scene_of(const char* fabric, int gpus,
                                             const QString& loads = {}) {
  const auto catalog = scenarios::Catalog::open();
  return gui::make_scene(
      catalog.cluster({.fabric = fabric, .gpus = gpus, .accelerator = {}, .overrides = {}}), {},
      1.6, loads);
}

double sum(const Totals& totals) {
  double all = 0;
  for (const double one : totals) {
    all += one;
  }
  return all;
}

}  // namespace

class GuiCanvasTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { gui::apply_theme(gui::Theme::Light); }

  void every_fabric_has_a_place_for_every_device_data() {
    QTest::addColumn<QString>("fabric");
    QTest::addColumn<int>("gpus");
    QTest::newRow("a node") << "dgx-h100" << 8;
    QTest::newRow("rails") << "superpod-h100" << 1024;
    QTest::newRow("three tiers") << "meta-24k-roce" << 2048;
    QTest::newRow("rail only") << "rail-only-h100" << 1024;
    QTest::newRow("dragonfly+") << "dragonfly-plus-h100" << 8192;
    QTest::newRow("torus") << "tpu-v4-pod" << 4096;
    QTest::newRow("nvl72") << "gb200-nvl72" << 72;
    QTest::newRow("dual plane") << "alibaba-hpn7" << 1024;
  }
  void every_fabric_has_a_place_for_every_device() {
    QFETCH(QString, fabric);
    QFETCH(int, gpus);
    const auto scene = scene_of(fabric.toUtf8(), gpus);
    QCOMPARE(scene->gpus, gpus);
    std::size_t nodes = 0;
    std::set<int> drawn(scene->upper.begin(), scene->upper.end());
    for (std::size_t i = 0; i < scene->groups.size(); ++i) {
      const gui::SceneGroup& group = scene->groups[i];
      nodes += group.nodes.size();
      drawn.insert(group.leaves.begin(), group.leaves.end());
      QVERIFY(scene->bounds.contains(group.place));
      for (std::size_t j = i + 1; j < std::min(i + 9, scene->groups.size()); ++j) {
        QVERIFY(!group.place.intersects(scene->groups[j].place));
      }
      for (const int node : group.nodes) {
        QVERIFY(group.place.contains(scene->node_rect(node)));
      }
    }
    QCOMPARE(static_cast<int>(nodes), scene->nodes());
    QCOMPARE(drawn.size(), scene->switches.size());
    for (const gui::SceneSwitch& one : scene->switches) {
      QVERIFY(!one.place.isEmpty());
    }
  }

  void rails_make_groups_of_scalable_units() {
    const auto scene = scene_of("superpod-h100", 1024);
    QCOMPARE(scene->groups.size(), 4U);  // 32 nodes of 8 in each, RA-11333
    for (const gui::SceneGroup& group : scene->groups) {
      QCOMPARE(group.nodes.size(), 32U);
      QCOMPARE(group.leaves.size(), 8U);
    }
  }

  void a_click_finds_what_is_drawn_there() {
    const auto scene = scene_of("superpod-h100", 256);
    for (const int gpu : {0, 7, 100, 255}) {
      const auto device = scene->at(scene->gpu_rect(gpu).center());
      QVERIFY(device && *device == (Device{Device::Kind::Gpu, gpu}));
    }
    const auto device = scene->at(scene->switches[1].place.center());
    QVERIFY(device && *device == (Device{Device::Kind::Switch, 1}));
    QVERIFY(!scene->at({-1e6, 0}));
  }

  void loads_colour_both_ends_of_a_link() {
    QTemporaryDir folder;
    QFile file(folder.filePath("loads.csv"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(
        "link,carried_bytes,utilisation\ngpu 3 -> nic 3,10,0.5\nnic 3 -> leaf 3,10,0.75\n"
        "leaf 3 -> spine 1,10,0.25\n");
    file.close();
    const auto scene = scene_of("superpod-h100", 1024, file.fileName());
    QCOMPARE(scene->gpu_loads[3], 0.75F);
    QCOMPARE(scene->gpu_loads[4], 0.0F);
    QCOMPARE(scene->switches[3].label, QString("leaf 3"));
    QCOMPARE(scene->switches[3].load, 0.75F);
    QCOMPARE(scene->classes.size(), 3U);
    QCOMPARE(scene->classes.front().name, QString("nic -> leaf"));
  }

  void keys_select_zoom_and_fit() {
    TopologyCanvas canvas;
    canvas.resize(800, 600);
    canvas.show_scene(scene_of("superpod-h100", 1024));
    const double fitting = canvas.scale();
    QTest::keyClick(&canvas, Qt::Key_Plus);
    QVERIFY(canvas.scale() > fitting);
    QTest::keyClick(&canvas, Qt::Key_0);
    QCOMPARE(canvas.scale(), fitting);
    QTest::keyClick(&canvas, Qt::Key_Right);
    QTest::keyClick(&canvas, Qt::Key_Right);
    QTest::keyClick(&canvas, Qt::Key_Down);
    QVERIFY(canvas.selection() == (Device{Device::Kind::Gpu, 9}));
    QVERIFY(canvas.facts().startsWith("GPU 9 in node 1"));
    QCOMPARE(canvas.accessibleDescription(), canvas.facts());
    QTest::keyClick(&canvas, Qt::Key_Escape);
    QVERIFY(!canvas.selection());
    QVERIFY(canvas.facts().contains("1,024 accelerators"));
  }

  void a_click_selects_and_a_drag_pans() {
    TopologyCanvas canvas;
    canvas.resize(800, 600);
    const auto scene = scene_of("dgx-h100", 8);
    canvas.show_scene(scene);
    const QPoint at = canvas.to_view(scene->gpu_rect(5).center()).toPoint();
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, at);
    QVERIFY(canvas.selection() == (Device{Device::Kind::Gpu, 5}));
    const QPointF before = canvas.to_scene({0, 0});
    QTest::mousePress(&canvas, Qt::LeftButton, {}, {100, 100});
    QMouseEvent move(QEvent::MouseMove, QPointF(160, 100), canvas.mapToGlobal(QPointF(160, 100)),
                     Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&canvas, &move);
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, {160, 100});
    QVERIFY(canvas.to_scene({0, 0}).x() < before.x());
    QVERIFY(canvas.selection() == (Device{Device::Kind::Gpu, 5}));
  }

  void zoom_keeps_the_point_under_the_pointer() {
    TopologyCanvas canvas;
    canvas.resize(800, 600);
    canvas.show_scene(scene_of("superpod-h100", 1024));
    const QPointF before = canvas.to_scene({200, 300});
    canvas.zoom_at({200, 300}, 3);
    const QPointF after = canvas.to_scene({200, 300});
    QVERIFY((before - after).manhattanLength() < 1e-6);
  }

  void an_empty_canvas_says_why() {
    TopologyCanvas canvas;
    canvas.set_message("nothing yet");
    canvas.grab();
    QCOMPARE(canvas.facts(), QString("nothing yet"));
  }

  void totals_of_a_range_are_exact_where_spans_are_seen() {
    gui::TraceRow row;
    row.spans = {{0, 10, gui::Work::Forward, 0}, {20, 50, gui::Work::Backward, 0}};
    row.summarise(100);
    QCOMPARE(row.totals(5, 30)[static_cast<std::size_t>(gui::Work::Forward)], 5.0);
    QCOMPARE(row.totals(5, 30)[static_cast<std::size_t>(gui::Work::Backward)], 10.0);
    QCOMPARE(sum(row.totals(60, 100)), 0.0);
  }

  /// At every zoom the pixels of a row add up to its busy time: nothing is widened or lost.
  void pixels_add_up_to_the_busy_time_data() {
    QTest::addColumn<double>("share");
    QTest::newRow("whole") << 1.0;
    QTest::newRow("a part") << 0.1;
    QTest::newRow("single spans") << 0.001;
  }
  void pixels_add_up_to_the_busy_time() {
    QFETCH(double, share);
    const auto trace = some_trace(2, 20000);
    const double from = 0.37 * (1 - share) * static_cast<double>(trace->end);
    const double step = share * static_cast<double>(trace->end) / 1600;
    for (const gui::TraceRow& row : trace->rows) {
      std::vector<float> busy;
      row.sample(from, step, 1600, busy);
      double pixels = 0;
      for (const float one : busy) {
        QVERIFY(one >= -0.01F * static_cast<float>(step));
        QVERIFY(one <= 1.01F * static_cast<float>(step));
        pixels += static_cast<double>(one);
      }
      const double truth = sum(row.totals(static_cast<std::int64_t>(from),
                                          static_cast<std::int64_t>(from + 1600 * step)));
      QVERIFY2(std::abs(pixels / truth - 1) < 2e-3, qPrintable(QString::number(pixels / truth)));
    }
  }

  void a_trace_is_read_by_stage_and_stream() {
    QTemporaryDir folder;
    QFile file(folder.filePath("trace.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(R"({"traceEvents":[
      {"ph":"X","name":"F0.0","ts":0.0,"dur":2.0,"pid":0,"tid":0},
      {"ph":"X","name":"dp_comm","ts":2.0,"dur":1.0,"pid":0,"tid":1},
      {"ph":"X","name":"B0.0","ts":3.0,"dur":4.0,"pid":1,"tid":0},
      {"ph":"M","name":"process_name","pid":0,"tid":0,"args":{"name":"stage 0"}}]})");
    file.close();
    const gui::Trace trace = gui::read_trace(file.fileName());
    QCOMPARE(trace.rows.size(), 3U);
    QCOMPARE(trace.end, 7000);
    QCOMPARE(trace.rows[1].label, QString("Stage 0 network"));
    QVERIFY(trace.rows[1].spans.front().work == gui::Work::Data);
    QVERIFY(trace.rows[2].spans.front().work == gui::Work::Backward);
  }

  void what_is_no_trace_is_refused() {
    QTemporaryDir folder;
    QFile file(folder.filePath("trace.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[1, 2");
    file.close();
    QVERIFY_EXCEPTION_THROWN(gui::read_trace(file.fileName()), topology::InputError);
    QVERIFY_EXCEPTION_THROWN(gui::read_trace("/nowhere.json"), topology::InputError);
  }

  void the_timeline_zooms_pans_and_stays_inside() {
    TimelineCanvas canvas;
    canvas.resize(900, 400);
    canvas.show_trace(some_trace(4, 1000));
    const auto whole = canvas.visible();
    QTest::keyClick(&canvas, Qt::Key_W);
    const auto zoomed = canvas.visible();
    QVERIFY(zoomed.second - zoomed.first < whole.second - whole.first);
    for (int i = 0; i < 50; ++i) {
      QTest::keyClick(&canvas, Qt::Key_D);
    }
    QCOMPARE(canvas.visible().second, whole.second);
    QTest::keyClick(&canvas, Qt::Key_0);
    QCOMPARE(canvas.visible(), whole);
  }

  void a_drag_selects_a_range_with_totals() {
    TimelineCanvas canvas;
    canvas.resize(900, 400);
    canvas.show_trace(some_trace(4, 1000));
    QSignalSpy changed(&canvas, &TimelineCanvas::selection_changed);
    canvas.select(5e6, 1e6);
    QCOMPARE(changed.count(), 1);
    QVERIFY(canvas.facts().startsWith("Selected: 4 ms from 1 ms"));
    QVERIFY(canvas.facts().contains("Forward: "));
    QTest::keyClick(&canvas, Qt::Key_Escape);
    QVERIFY(canvas.facts().startsWith("The whole step"));
  }

  /// Half of the time busy must look half busy, however many spans share a pixel.
  void dense_spans_show_their_fraction() {
    auto trace = std::make_shared<gui::Trace>();
    trace->names = {"F0.0"};
    gui::TraceRow row;
    for (int i = 0; i < 200000; ++i) {
      row.spans.push_back({i * 20, i * 20 + 10, gui::Work::Forward, 0});
    }
    trace->rows.push_back(std::move(row));
    trace->summarise();
    TimelineCanvas canvas;
    canvas.resize(900, 200);
    canvas.show_trace(trace);
    const QImage image = canvas.grab().toImage();
    const QColor busy(0x44, 0x77, 0xaa);
    const QColor seen = image.pixelColor(500, 40);
    QVERIFY2(std::abs(seen.red() - (busy.red() + 255) / 2) < 6, qPrintable(seen.name()));
  }

  void heat_rises_in_luminance() {
    int last = -1;
    for (int i = 0; i <= 20; ++i) {
      const int grey = qGray(gui::heat(i / 20.0).rgb());
      QVERIFY(grey > last);
      last = grey;
    }
  }
};

QTEST_MAIN(GuiCanvasTest)
#include "gui_canvas_test.moc"
