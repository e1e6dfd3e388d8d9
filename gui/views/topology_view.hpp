#pragma once
// The cluster in three ways: the map, the matrix of cables between switches, the busiest links.
// What is selected can be made to fail.
#include <memory>

#include <QWidget>

#include "gui/views/topology_scene.hpp"

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
  /// What "Fail" would take away, as a scenario names it: "spine 3", "leaf 2 <-> spine 1".
  [[nodiscard]] QString target() const;
  [[nodiscard]] QPushButton* fail_button() const { return fail_; }
  [[nodiscard]] QWidget* shown() const;  ///< what an export draws

 signals:
  void failed(const QString& what);

 private:
  void show_facts();

  std::shared_ptr<const TopologyScene> scene_;
  QTabWidget* tabs_;
  TopologyCanvas* canvas_;
  LinkMatrix* matrix_;
  Table* links_;
  QLabel* facts_;
  QPushButton* fail_;
};

}  // namespace gui
