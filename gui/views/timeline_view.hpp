#pragma once
// The timeline with its tools: search, another run beside it, Perfetto.
#include <vector>

#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace gui {

class TimelineCanvas;

class TimelineView : public QWidget {
  Q_OBJECT
 public:
  explicit TimelineView(QWidget* parent = nullptr);

  [[nodiscard]] TimelineCanvas& canvas() const { return *canvas_; }
  [[nodiscard]] QLineEdit* search() const { return search_; }
  /// The scenarios that can stand beside the current one, by id; keeps what is chosen.
  struct Other {
    int id = 0;
    QString title;
  };
  void show_others(const std::vector<Other>& others);
  [[nodiscard]] int other() const;  ///< chosen id; 0: none
  void choose_other(int id);

 signals:
  void other_changed();
  void perfetto_wanted();

 private:
  void find();

  TimelineCanvas* canvas_;
  QLineEdit* search_;
  QComboBox* other_;
  QLabel *facts_, *found_;
};

}  // namespace gui
