#pragma once
// The whole training run: when it ends, what it costs, what goes wrong, what it draws.
#include <optional>

#include <QTimer>
#include <QWidget>

#include "gui/command.hpp"
#include "gui/draft.hpp"
#include "gui/result.hpp"
#include "gui/run/run_answer.hpp"

class QCustomPlot;
class QGridLayout;
class QLabel;
class QLineEdit;
class QTabWidget;

namespace gui {

class BarList;
class Card;
class Table;

class RunView : public QWidget {
  Q_OBJECT
 public:
  explicit RunView(const QString& program, QWidget* parent = nullptr);

  /// Runs when it is shown and the text has changed. `valid`: the text is a scenario.
  void show_scenario(const Subject& subject, bool valid);
  /// The simulated power along the step, where a flow simulation has left it; else the phases.
  void show_flow(std::shared_ptr<const Result> result);
  [[nodiscard]] bool idle() const { return !command_.running() && !pause_.isActive(); }
  [[nodiscard]] QString state() const;
  [[nodiscard]] const std::optional<WholeRun>& whole_run() const { return run_; }
  [[nodiscard]] QLineEdit* tokens_field() const { return tokens_; }
  [[nodiscard]] const Card& finish_card() const { return *finish_; }
  [[nodiscard]] const Card& cost_card() const { return *cost_; }
  [[nodiscard]] QString csv() const;  ///< of the shown tab's table; of the cost where it has none
  [[nodiscard]] Table& cost_table() const { return *cost_table_; }
  [[nodiscard]] Table& input_table() const { return *input_; }

 signals:
  void edited(const QString& key, const QString& value);

 protected:
  void showEvent(QShowEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void make_cards(QGridLayout& grid);
  void start();
  void answered(const Answer& answer);
  void say(const QString& sentence);
  void show_run();
  void show_cards();
  void show_bars();
  void show_tables();
  void show_input();  ///< a tab of its own, where the scenario says what is read
  void draw_power();

  Command command_;
  QTimer pause_;  ///< between an edit and its run
  Subject subject_, running_, done_;
  bool valid_ = false;
  std::optional<WholeRun> run_;
  std::shared_ptr<const Result> flow_;
  QLabel* state_ = nullptr;
  QLineEdit* tokens_ = nullptr;
  Card *finish_ = nullptr, *cost_ = nullptr, *rate_ = nullptr, *power_ = nullptr,
       *goodput_ = nullptr, *interruptions_ = nullptr, *energy_ = nullptr, *carbon_ = nullptr;
  BarList *time_ = nullptr, *bill_ = nullptr;
  Table *cost_table_ = nullptr, *failures_ = nullptr, *input_ = nullptr;
  QCustomPlot* power_plot_ = nullptr;
  QLabel* power_note_ = nullptr;
  QTabWidget* tabs_ = nullptr;
};

}  // namespace gui
