#pragma once
// The search for a layout on the scenario's cluster, and for a cluster under limits.
#include <vector>

#include <QWidget>

#include "gui/check.hpp"
#include "gui/command.hpp"
#include "gui/draft.hpp"

class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace gui {

class CandidatesView;

class PlanPanel : public QWidget {
  Q_OBJECT
 public:
  explicit PlanPanel(const QString& program, QWidget* parent = nullptr);

  void show_scenario(const Subject& subject);
  void find_layouts();
  void find_plans();
  void cancel();
  [[nodiscard]] bool idle() const { return !command_.running(); }
  /// The field of a key: "limits.deadline".
  [[nodiscard]] QLineEdit* field(const QString& key) const;
  [[nodiscard]] CandidatesView& candidates() const { return *candidates_; }
  [[nodiscard]] QString state() const;

 signals:
  void taken(const gui::Subject& of, const QString& name,
             const std::vector<gui::Setting>& settings);

 private:
  struct Field {
    QString key;
    QLineEdit* line = nullptr;
    bool list = false;  ///< "a, b" stands for "[a, b]"
    QString hint;       ///< where the scenario says nothing
  };
  void add_field(QGridLayout& grid, const QString& key, const QString& label, const QString& hint,
                 bool list);
  /// What is typed, as the scenario would hold it.
  [[nodiscard]] std::vector<Setting> settings() const;
  void start(const QStringList& arguments);
  void answered(const Answer& answer);

  Command command_;
  Subject subject_, searched_;
  std::vector<Setting> asked_;  ///< the settings of the search that runs, kept by its variants
  bool plans_ = false;          ///< the search that runs is one for plans
  std::vector<Field> fields_;
  QComboBox* goal_ = nullptr;
  QPushButton *layouts_button_ = nullptr, *plans_button_ = nullptr, *cancel_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* state_ = nullptr;
  CandidatesView* candidates_ = nullptr;
};

}  // namespace gui
