// Who uses a device in a step, and which way a collective takes.
#include <map>
#include <set>

#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QTemporaryDir>
#include <QTest>

#include "gui/command.hpp"
#include "gui/theme.hpp"
#include "gui/views/collective_path.hpp"
#include "gui/views/device_flows.hpp"
#include "gui/views/table.hpp"
#include "gui/views/topology_canvas.hpp"
#include "gui/views/topology_view.hpp"
#include "scenarios/catalog.hpp"
#include "scenarios/run_flow.hpp"
#include "scenarios/scenario.hpp"

using gui::Device;
using sim::Axis;
using sim::Collective;
using sim::Role;

namespace {

constexpr int kLong = 120000;  // ms
const QString kMixtral = GPUPLAN_SOURCE_DIR "/scenarios/examples/mixtral-8x7b-64-h100.yaml";
constexpr std::uint32_t kTensorRing = Role::collective(Axis::Tensor, Collective::AllReduce);
constexpr std::uint32_t kDataRing = Role::collective(Axis::Data, Collective::AllReduce);

topology::ClusterSpec cluster_of(const char* fabric, int gpus) {
  return scenarios::Catalog::open().cluster(
      {.fabric = fabric, .gpus = gpus, .accelerator = {}, .overrides = {}});
}

std::shared_ptr<gui::TopologyScene> scene_of(const char* fabric, int gpus,
                                             const gui::JobOnFabric& job) {
  return gui::make_scene(cluster_of(fabric, gpus), job, 1.6);
}

std::set<std::string> labels_of(const gui::TopologyScene& scene, const gui::CollectivePath& path) {
  std::set<std::string> labels;
  for (const topology::LinkId link : path.links) {
    labels.insert(scene.traffic->cluster().channel_label(link));
  }
  return labels;
}

/// A row of the file of link loads.
struct Row {
  QString from, to;
  std::map<std::string, double> bytes;  // by kind
};

std::vector<Row> rows_of(const QString& name) {
  QFile file(name);
  if (!file.open(QIODevice::ReadOnly)) {
    return {};
  }
  const QStringList head = QString::fromUtf8(file.readLine()).trimmed().split(',');
  std::vector<Row> rows;
  while (!file.atEnd()) {
    const QStringList cells = QString::fromUtf8(file.readLine()).trimmed().split(',');
    Row row{cells[0].section(" -> ", 0, 0), cells[0].section(" -> ", 1, 1), {}};
    for (qsizetype i = 4; i < cells.size(); ++i) {
      row.bytes[head[i].chopped(6).toStdString()] = cells[i].toDouble();
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

class GuiFlowsTest : public QObject {
  Q_OBJECT

 private:
  /// The scene of an example with the loads that the command wrote.
  std::shared_ptr<gui::TopologyScene> simulated() {
    gui::Command command(GPUPLAN_COMMAND);
    gui::Answer answer;
    connect(&command, &gui::Command::finished, this, [&](const gui::Answer& one) { answer = one; });
    command.start({"simulate", kMixtral, "--fidelity", "flow", "--link-loads", loads()});
    if (!QTest::qWaitFor([&] { return !command.running(); }, kLong) || !answer.good()) {
      return nullptr;
    }
    const auto catalog = scenarios::Catalog::open();
    const auto scenario = scenarios::load_scenario(kMixtral.toStdString(), {}, catalog);
    const scenarios::Seats seats = scenarios::seats(scenario, catalog);
    return gui::make_scene(seats.fabric,
                           {.layout = scenario.layout,
                            .gpus = seats.gpus,
                            .routing = scenario.network.routing,
                            .faults = scenario.network.faults},
                           1.6, loads());
  }
  [[nodiscard]] QString loads() const { return folder_.filePath("loads.csv"); }

  QTemporaryDir folder_;
  std::shared_ptr<gui::TopologyScene> simulated_;

 private slots:
  void initTestCase() {
    gui::apply_theme(gui::Theme::Light);
    simulated_ = simulated();
    QVERIFY(simulated_ != nullptr);
  }

  void groups_follow_the_order_of_ranks() {
    sim::Layout layout;
    layout.tp = 2, layout.dp = 4, layout.pp = 2;
    const auto scene = scene_of("superpod-h100", 16, {.layout = layout});
    const gui::StepTraffic& traffic = *scene->traffic;
    QCOMPARE(traffic.members(5, kTensorRing), (std::vector<int>{4, 5}));
    QCOMPARE(traffic.members(5, kDataRing), (std::vector<int>{1, 3, 5, 7}));
    QCOMPARE(traffic.members(5, Role::kForward), (std::vector<int>{5, 13}));
    QCOMPARE(traffic.targets(5, Role::kForward), (std::vector<int>{13}));
    QCOMPARE(traffic.sources(13, Role::kForward), (std::vector<int>{5}));
    QVERIFY(traffic.targets(13, Role::kForward).empty());  // the last of two stages
    QVERIFY(traffic.targets(5, kDataRing).empty());        // one node holds the group
  }

  /// Four nodes, which one leaf of 64 ports holds: from each GPU over its NIC and the leaf to the
  /// next node.
  void a_ring_is_exactly_its_links() {
    sim::Layout layout;
    layout.tp = 8, layout.dp = 4;
    const auto scene = scene_of("superpod-h100", 32, {.layout = layout});
    const gui::CollectivePath path = gui::collective_path(*scene, 9, kDataRing);
    QCOMPARE(path.members, (std::vector<int>{1, 9, 17, 25}));
    std::set<std::string> ring;
    for (const int gpu : {1, 9, 17, 25}) {
      const std::string number = std::to_string(gpu);
      ring.insert("gpu " + number + " -> nic " + number);
      ring.insert("nic " + number + " -> leaf 0");
      ring.insert("leaf 0 -> nic " + number);
      ring.insert("nic " + number + " -> gpu " + number);
    }
    QCOMPARE(labels_of(*scene, path), ring);
    QVERIFY(path.on_gpu[17] && !path.on_gpu[16]);
    QCOMPARE(path.gpu_lines.size(), 4U);    // a cable each
    QCOMPARE(path.group_lines.size(), 1U);  // all in one group
    QVERIFY2(path.summary.contains("4 ranks, 16 links, 1 switches"), qPrintable(path.summary));
  }

  void inside_a_node_the_ring_takes_the_scale_up_switch() {
    sim::Layout layout;
    layout.tp = 4, layout.dp = 2;
    const auto scene = scene_of("dgx-h100", 8, {.layout = layout});
    const gui::CollectivePath path = gui::collective_path(*scene, 2, kTensorRing);
    QCOMPARE(path.members, (std::vector<int>{0, 1, 2, 3}));
    QCOMPARE(path.links.size(), 8U);  // to the switch and back, of four GPUs
    QVERIFY(path.on_gpu[3] && !path.on_gpu[4]);
  }

  void a_pipeline_goes_both_ways() {
    sim::Layout layout;
    layout.tp = 8, layout.pp = 2;
    const auto scene = scene_of("superpod-h100", 16, {.layout = layout});
    const auto labels = labels_of(*scene, gui::collective_path(*scene, 3, Role::kForward));
    QCOMPARE(labels.size(), 8U);  // two NICs under the one leaf, both directions of two cables each
    QVERIFY(labels.count("nic 11 -> leaf 0") == 1 && labels.count("leaf 0 -> nic 11") == 1);
  }

  void a_path_avoids_what_is_lost() {
    sim::Layout layout;
    layout.tp = 8, layout.dp = 64;
    gui::JobOnFabric job{.layout = layout, .routing = topology::Routing::Adaptive};
    const auto whole = scene_of("superpod-h100", 512, job);
    const auto all = gui::collective_path(*whole, 0, kDataRing);
    job.faults.emplace_back().what = "spine 0";  // from the start to the end, nothing left
    const auto lost = scene_of("superpod-h100", 512, job);
    const auto rest = gui::collective_path(*lost, 0, kDataRing);
    const auto crosses = [](const gui::TopologyScene& scene, const gui::CollectivePath& path) {
      for (std::size_t i = 0; i < scene.switches.size(); ++i) {
        if (scene.switches[i].label == "spine 0") {
          return static_cast<bool>(path.on_switch[i]);
        }
      }
      return false;
    };
    QVERIFY(crosses(*whole, all));
    QVERIFY(!crosses(*lost, rest));
    QVERIFY(!rest.links.empty() && rest.links.size() < all.links.size());
  }

  void on_a_torus_and_a_dragonfly_there_is_a_way() {
    sim::Layout layout;
    layout.tp = 4, layout.dp = 16;
    for (const char* fabric : {"tpu-v4-pod", "dragonfly-plus-h100"}) {
      const auto scene = scene_of(fabric, 64, {.layout = layout});
      const auto path = gui::collective_path(*scene, 5, kDataRing);
      QCOMPARE(path.members.size(), 16U);
      QVERIFY2(!path.links.empty(), fabric);
    }
  }

  /// What goes in and out of a device, added up from the file by this test's own rule.
  void flows_of_a_device_are_those_of_the_file_data() {
    QTest::addColumn<bool>("is_switch");
    QTest::addColumn<QStringList>("parts");
    QTest::newRow("a GPU and its NIC") << false << QStringList{"gpu 5", "nic 5"};
    QTest::newRow("a leaf") << true << QStringList{"leaf 0"};
  }
  void flows_of_a_device_are_those_of_the_file() {
    QFETCH(bool, is_switch);
    QFETCH(QStringList, parts);
    Device device{Device::Kind::Gpu, 5};
    if (is_switch) {
      const auto vertex = simulated_->traffic->cluster().find("leaf 0");
      QVERIFY(vertex.has_value());
      device = *simulated_->device_of(*vertex);
    }
    std::map<std::pair<std::string, bool>, double> expected;
    double out = 0;
    for (const Row& row : rows_of(loads())) {
      if (parts.contains(row.from) != parts.contains(row.to)) {
        for (const auto& [kind, bytes] : row.bytes) {
          expected[{kind, parts.contains(row.from)}] += bytes;
          out += parts.contains(row.from) ? bytes : 0;
        }
      }
    }
    const auto flows = gui::device_flows(*simulated_, device);
    QVERIFY(!flows.empty());
    double shares = 0;
    double last = flows.front().bytes;
    for (const gui::DeviceFlow& flow : flows) {
      const auto key = std::pair(sim::name_of_role(flow.role), flow.out);
      QCOMPARE(flow.bytes, expected[key]);
      expected.erase(key);
      QVERIFY(flow.bytes <= last);
      last = flow.bytes;
      shares += flow.out ? flow.bytes / out : 0;
      QVERIFY(flow.alike >= 1 && flow.links >= 1);
    }
    QVERIFY(std::abs(shares - 1) < 1e-9);
    for (const auto& [key, bytes] : expected) {
      QCOMPARE(bytes, 0.0);
    }
  }

  void a_flow_names_its_peers() {
    for (const gui::DeviceFlow& flow : gui::device_flows(*simulated_, {Device::Kind::Gpu, 5})) {
      if (flow.role == Role::kForward && flow.out) {
        // 64 ranks, four stages of 16, packed: the next stage's rank sits 16 GPUs on.
        QCOMPARE(flow.peers, (std::vector<int>{21}));
        QCOMPARE(gui::peers_text(flow.peers), QString("GPU 21"));
        return;
      }
    }
    QFAIL("no forward sends");
  }

  void nothing_is_listed_before_the_network_was_simulated() {
    gui::TopologyView view;
    sim::Layout layout;
    layout.tp = 8, layout.dp = 4;
    view.show_scene(scene_of("superpod-h100", 32, {.layout = layout}));
    view.canvas().select(Device{Device::Kind::Gpu, 3});
    QCOMPARE(view.flows().model().rowCount(), 0);
    bool said = false;
    for (const QLabel* label : view.findChildren<QLabel*>()) {
      said = said || label->text().contains("(F5)");
    }
    QVERIFY(said);
  }

  void a_picked_flow_shows_its_path_and_escape_clears_it() {
    gui::TopologyView view;
    view.resize(1000, 700);
    view.show_scene(simulated_);
    view.canvas().select(Device{Device::Kind::Gpu, 5});
    QVERIFY(view.flows().model().rowCount() > 0);
    view.flows().pick({0});
    const gui::CollectivePath* path = view.canvas().path();
    QVERIFY(path != nullptr);
    QCOMPARE(path->gpu, 5);
    QVERIFY(view.collective()->currentIndex() > 0);
    QVERIFY2(view.canvas().accessibleDescription().startsWith(path->summary),
             qPrintable(view.canvas().accessibleDescription()));
    QTest::keyClick(&view.canvas(), Qt::Key_Escape);
    QVERIFY(view.canvas().path() == nullptr);
    QCOMPARE(view.collective()->currentIndex(), 0);
    QVERIFY(!view.canvas().accessibleDescription().contains("Path of"));
  }

  void the_list_of_collectives_works_by_keyboard_and_follows_the_selection() {
    gui::TopologyView view;
    view.resize(1000, 700);
    view.show_scene(simulated_);
    QTest::keyClick(view.collective(), Qt::Key_Down);
    QVERIFY(view.canvas().path() != nullptr);
    QCOMPARE(view.canvas().path()->gpu, 0);  // none is selected: the first rank's
    QTest::keyClick(&view.canvas(), Qt::Key_Right);
    QTest::keyClick(&view.canvas(), Qt::Key_Right);
    QCOMPARE(view.canvas().path()->gpu, 1);
  }

  void a_switch_shows_a_group_that_crosses_it() {
    const auto vertex = simulated_->traffic->cluster().find("leaf 0");
    const Device leaf = *simulated_->device_of(*vertex);
    gui::TopologyView view;
    view.show_scene(simulated_);
    view.canvas().select(leaf);
    QVERIFY(view.flows().model().rowCount() > 0);
    view.flows().pick({0});
    QVERIFY(view.canvas().path() != nullptr);
    QVERIFY(view.canvas().path()->on_switch[static_cast<std::size_t>(leaf.index)]);
  }

  void the_rest_is_dimmed_at_every_zoom() {
    sim::Layout layout;
    layout.tp = 8, layout.dp = 4;
    const auto scene = scene_of("superpod-h100", 1024, {.layout = layout});
    scene->gpu_loads.assign(1024, 0.5F);
    gui::TopologyCanvas canvas;
    canvas.resize(900, 600);
    canvas.show_scene(scene);
    for (const double factor : {1.0, 4.0, 4.0, 0.01}) {
      canvas.zoom_at(canvas.to_view(scene->gpu_rect(4).center()), factor);
      const QPoint member = canvas.to_view(scene->gpu_rect(0).center()).toPoint();
      const QPoint other = canvas.to_view(scene->gpu_rect(300).center()).toPoint();
      canvas.show_path(nullptr);
      const QImage before = canvas.grab().toImage();
      canvas.show_path(
          std::make_shared<const gui::CollectivePath>(gui::collective_path(*scene, 0, kDataRing)));
      const QImage after = canvas.grab().toImage();
      QVERIFY(before != after);
      if (canvas.scale() > 1 && canvas.rect().contains(member)) {
        const QPoint inside = member + QPoint(static_cast<int>(3 * canvas.scale()), 0);
        QCOMPARE(after.pixelColor(inside), before.pixelColor(inside));
      }
      if (canvas.rect().contains(other)) {
        QVERIFY(after.pixelColor(other) != before.pixelColor(other));
      }
    }
  }
};

QTEST_MAIN(GuiFlowsTest)
#include "gui_flows_test.moc"
