#pragma once
// A sweep put together from values of the form, run by `gpuplan sweep`, shown as a table, a chart
// and, where each value varied alone, as a tornado.
#include <memory>

#include <QTemporaryDir>
#include <QWidget>

#include "gui/command.hpp"
#include "gui/draft.hpp"
#include "gui/explore/sweep_file.hpp"

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QStackedWidget;
class QTableWidget;

namespace gui {

class BarList;
class CandidatesView;

class SweepPanel : public QWidget {
  Q_OBJECT
 public:
  explicit SweepPanel(const QString& program, QWidget* parent = nullptr);

  void show_scenario(const Subject& subject);
  /// "Sweep this": adds a value with some around its present one; a second time does nothing.
  void add_axis(const QString& path, const QString& value);
  [[nodiscard]] std::vector<SweepAxis> axes() const;
  /// As a sweep file writes it.
  [[nodiscard]] QString sample() const;
  void set_tornado(const QString& metric);
  void run();
  /// The same with another choice of points than the panel's.
  void run_sample(const QString& sample);
  void cancel();
  [[nodiscard]] bool idle() const { return !running_; }
  [[nodiscard]] CandidatesView& candidates() const { return *candidates_; }
  [[nodiscard]] const BarList& tornado() const { return *tornado_; }
  [[nodiscard]] QString state() const;

 signals:
  void taken(const gui::Subject& of, const QString& name,
             const std::vector<gui::Setting>& settings);

 private:
  enum class Step { Sweep, Export, Sensitivity };
  QWidget* make_controls();
  void next(Step step);
  void answered(const Answer& answer);
  void end(const QString& sentence);
  void show_points(const SweepResult& sweep);
  void show_tornado(const Tornado& tornado);

  Command command_;
  Step step_ = Step::Sweep;
  bool running_ = false;
  std::unique_ptr<QTemporaryDir> files_;
  Subject subject_, swept_;  ///< swept_: as it was when the sweep began
  QString summary_;          ///< of the sweep, while its results are read
  QTableWidget* axes_ = nullptr;
  QComboBox *sample_ = nullptr, *metric_ = nullptr;
  QSpinBox* points_ = nullptr;
  QPushButton *run_ = nullptr, *cancel_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* state_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  CandidatesView* candidates_ = nullptr;
  BarList* tornado_ = nullptr;
};

}  // namespace gui
