#pragma once
// From measurements to a profile: measure with gpuplan-runner, here or elsewhere, or add what
// others measured; fit; look at the errors; adopt.
#include <memory>

#include <QTemporaryDir>
#include <QWidget>

#include "gui/calibrate/fit_answer.hpp"
#include "gui/command.hpp"
#include "gui/views/table.hpp"

class QGridLayout;
class QLabel;
class QLineEdit;
class QListWidget;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QSplitter;

namespace gui {

class ResidualPlot;

class CalibrateView : public QWidget {
  Q_OBJECT
 public:
  /// @param program the gpuplan command
  explicit CalibrateView(const QString& program, QWidget* parent = nullptr);

  void add_files(const QStringList& files);
  [[nodiscard]] QStringList files() const;
  void measure();
  void fit();
  void cancel();
  [[nodiscard]] bool idle() const { return !runner_ && !command_.running(); }
  [[nodiscard]] QString state() const;
  [[nodiscard]] Table& residuals() const { return *table_; }
  [[nodiscard]] const ResidualPlot& plot() const { return *plot_; }
  [[nodiscard]] QLineEdit* field(const QString& name) const;
  [[nodiscard]] QString log() const;
  [[nodiscard]] QPushButton* adopt_button() const { return adopt_; }
  void show_adopted(const QString& profile);  ///< empty: the catalog's

 signals:
  /// Simulations are to use this profile; empty: the catalog's again.
  void adopted(const QString& profile);
  void save_wanted(const QString& profile);

 private:
  QWidget* make_measuring();
  QWidget* make_fitting();
  void add_line(QGridLayout& grid, const QString& name, const QString& label, const QString& hint);
  void fitted(const Answer& answer);
  void measured(const Answer& answer);
  void busy(bool running);

  Command command_;
  std::unique_ptr<Command> runner_;
  QTemporaryDir folder_;
  QString profile_;  ///< of the last fit
  QString records_;  ///< that the runner writes
  int fits_ = 0;
  std::vector<std::vector<Cell>> rows_;  ///< of all fits of this session
  QListWidget* list_ = nullptr;
  QPlainTextEdit* log_ = nullptr;
  QLabel* state_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QPushButton *measure_ = nullptr, *fit_ = nullptr, *cancel_ = nullptr, *adopt_ = nullptr,
              *save_ = nullptr, *catalog_ = nullptr;
  Table* table_ = nullptr;
  ResidualPlot* plot_ = nullptr;
  QSplitter* errors_ = nullptr;  ///< table and plot
};

}  // namespace gui
