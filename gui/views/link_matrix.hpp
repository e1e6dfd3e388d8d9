#pragma once
// The cables between the lowest switches and those above them as a matrix of loads: what a drawing
// of thousands of lines hides by the order in which it draws them.
#include <memory>
#include <optional>

#include <QImage>
#include <QWidget>

#include "gui/views/topology_scene.hpp"

namespace gui {

class LinkMatrix : public QWidget {
  Q_OBJECT
 public:
  explicit LinkMatrix(QWidget* parent = nullptr);

  void show_scene(std::shared_ptr<const TopologyScene> scene);
  struct Cell {
    int row = 0, column = 0;
  };
  void pick(std::optional<Cell> cell);
  [[nodiscard]] std::optional<Cell> picked() const { return picked_; }
  /// "leaf 2 <-> spine 1" of the picked cell, as scenarios name links; empty: none is picked.
  [[nodiscard]] QString link() const;
  [[nodiscard]] QString facts() const;

 signals:
  void picked_changed();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  [[nodiscard]] QRect plot() const;
  [[nodiscard]] std::optional<Cell> at(QPoint point) const;
  [[nodiscard]] QString text(const Cell& cell) const;

  std::shared_ptr<const TopologyScene> scene_;
  QImage image_;  ///< a pixel per cell
  std::optional<Cell> picked_;
};

}  // namespace gui
