// Frame times of the canvases, offscreen and single-threaded: median, p95 and maximum over all zoom
// levels, in milliseconds of CPU time: the wall's on a machine of one's own, and on a shared one
// not that of the neighbours. Bound by the raster painter's fills.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include <QApplication>
#include <QElapsedTimer>
#include <QImage>

#include "gui/theme.hpp"
#include "gui/views/timeline_canvas.hpp"
#include "gui/views/topology_canvas.hpp"
#include "scenarios/catalog.hpp"

#include "tests/gui/some_trace.hpp"

namespace {

constexpr int kRepeats = 5, kZooms = 14;

struct Times {
  std::vector<double> ms;
  void print(const char* what) {
    std::sort(ms.begin(), ms.end());
    const auto at = [&](double share) {
      return ms[static_cast<std::size_t>(share * static_cast<double>(ms.size() - 1))];
    };
    std::printf("%-44s p50 %6.2f ms  p95 %6.2f ms  max %6.2f ms\n", what, at(0.5), at(0.95),
                ms.back());
    std::fflush(stdout);
  }
};

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

double frame(QWidget& widget, QImage& image) {
  const double start = cpu_ms();
  widget.render(&image, {}, {}, QWidget::DrawChildren);
  return cpu_ms() - start;
}

enum class Shown { Map, Path };

/// With a path: the data-parallel ring over all nodes, one rank of each, and all its links.
void bench_topology(const char* fabric, int gpus, QSize size, Shown shown = Shown::Map) {
  const auto catalog = scenarios::Catalog::open();
  QElapsedTimer timer;
  timer.start();
  gui::JobOnFabric job{.routing = topology::Routing::Adaptive};
  job.layout.tp = 8;
  job.layout.dp = gpus / 8;
  auto scene = gui::make_scene(
      catalog.cluster({.fabric = fabric, .gpus = gpus, .accelerator = {}, .overrides = {}}), job,
      1.6);
  const double build = static_cast<double>(timer.elapsed());
  scene->gpu_loads.resize(static_cast<std::size_t>(gpus));
  for (std::size_t i = 0; i < scene->gpu_loads.size(); ++i) {
    scene->gpu_loads[i] = static_cast<float>(i * 7919 % 1000) / 1000.0F;  // neighbours differ
  }
  gui::TopologyCanvas canvas;
  canvas.resize(size);
  canvas.show_scene(scene);
  if (shown == Shown::Path) {
    timer.start();
    canvas.show_path(std::make_shared<const gui::CollectivePath>(gui::collective_path(
        *scene, 0, sim::Role::collective(sim::Axis::Data, sim::Collective::AllReduce))));
    std::printf("%s, looked up in %lld ms\n", qPrintable(canvas.path()->summary),
                static_cast<long long>(timer.elapsed()));
  }
  QImage image(size, QImage::Format_RGB32);
  frame(canvas, image);
  Times times;
  canvas.fit();
  for (int zoom = 0; zoom < kZooms; ++zoom) {
    for (int i = 0; i < kRepeats; ++i) {
      times.ms.push_back(frame(canvas, image));
    }
    canvas.zoom_at({size.width() * 0.4, size.height() * 0.6}, 1.45);
  }
  char what[100];
  std::snprintf(what, sizeof what, "%s %d GPUs, %dx%d", shown == Shown::Path ? "path" : "topology",
                gpus, size.width(), size.height());
  times.print(what);
  std::printf("%-44s %.0f ms\n", "  graph and layout", build);
}

void bench_timeline(int rows, int spans, QSize size) {
  QElapsedTimer timer;
  timer.start();
  const auto trace = some_trace(rows, spans);
  std::printf("timeline: %zu spans made and summarised in %lld ms\n", trace->spans(),
              static_cast<long long>(timer.elapsed()));
  gui::TimelineCanvas canvas;
  canvas.resize(size);
  canvas.show_trace(trace);
  QImage image(size, QImage::Format_RGB32);
  frame(canvas, image);
  Times all;
  for (int zoom = 0; zoom < kZooms; ++zoom) {
    Times times;
    for (int i = 0; i < kRepeats; ++i) {
      times.ms.push_back(frame(canvas, image));
    }
    all.ms.insert(all.ms.end(), times.ms.begin(), times.ms.end());
    const auto [from, to] = canvas.visible();
    char what[100];
    std::snprintf(what, sizeof what, "  %.4g %% of the step",
                  100 * (to - from) / static_cast<double>(trace->end));
    times.print(what);
    canvas.zoom_at(size.width() * 0.4, 2.5);
  }
  char what[100];
  std::snprintf(what, sizeof what, "timeline %zu spans, %dx%d", trace->spans(), size.width(),
                size.height());
  all.print(what);
}

}  // namespace

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  const QApplication application(argc, argv);
  gui::apply_theme(gui::Theme::Light);
  bench_topology("superpod-h100", 16384, {1600, 900});
  bench_topology("superpod-h100", 16384, {2560, 1440});
  bench_topology("colossus-roce", 98304, {1600, 900});
  bench_topology("superpod-h100", 16384, {1600, 900}, Shown::Path);
  bench_topology("superpod-h100", 16384, {2560, 1440}, Shown::Path);
  bench_topology("colossus-roce", 98304, {1600, 900}, Shown::Path);
  bench_timeline(256, 3907, {1600, 900});
  return 0;
}
