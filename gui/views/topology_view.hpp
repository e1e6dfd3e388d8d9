#pragma once
// The cluster in three ways: the map, the matrix of cables between switches, the busiest links.
// What is selected can be made to fail; its flows are listed, and the path of a collective is
// shown.
#include <cstdint>
#include <memory>
#include <vector>

#include <QWidget>

#include "gui/views/device_flows.hpp"
#include "gui/views/topology_scene.hpp"

class QComboBox;
class QLabel;
class QPushButton;
class QTabWidget;

namespace gui {

class LinkMatrix;
class Table;
class TopologyCanvas;

class TopologyView : public QWidget {
  Q_OBJECT
 public:
  explicit TopologyView(QWidget* parent = nullptr);

  void show_scene(std::shared_ptr<const TopologyScene> scene);
  [[nodiscard]] TopologyCanvas& canvas() const { return *canvas_; }
  [[nodiscard]] LinkMatrix& matrix() const { return *matrix_; }
  [[nodiscard]] Table& links() const { return *links_; }
  /// Of the selected device, by role; a picked row shows its collective's path.
  [[nodiscard]] Table& flows() const { return *flows_; }
  /// "no collective" and those of the layout; the data of an item is its role, or -1.
  [[nodiscard]] QComboBox* collective() const { return collective_; }
  /// What "Fail" would take away, as a scenario names it: "spine 3", "leaf 2 <-> spine 1".
  [[nodiscard]] QString target() const;
  [[nodiscard]] QPushButton* fail_button() const { return fail_; }
  [[nodiscard]] QWidget* shown() const;  ///< what an export draws

 signals:
  void failed(const QString& what);

 private:
  void show_facts();
  void show_collectives();
  void show_flows();
  void show_path();
  void show_path_of(int gpu, std::uint32_t role);
  void pick_flow();
  [[nodiscard]] QString remark() const;

  std::shared_ptr<const TopologyScene> scene_;
  QTabWidget* tabs_;
  TopologyCanvas* canvas_;
  LinkMatrix* matrix_;
  Table* links_;
  QLabel* facts_;
  Table* flows_;
  std::vector<DeviceFlow> shown_flows_;  ///< rows of the table
  QComboBox* collective_;
  QPushButton* fail_;
};

}  // namespace gui
