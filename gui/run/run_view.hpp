#pragma once
// The whole training run: when it ends, what it costs, what goes wrong, what it draws.
#include <map>
#include <optional>

#include <QTimer>
#include <QWidget>

#include "gui/command.hpp"
#include "gui/draft.hpp"
#include "gui/result.hpp"
#include "gui/run/run_answer.hpp"
#include "gui/source_dialog.hpp"

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

  /// Runs when it is shown and the text has changed. `valid`: the text is a scenario. `baseline`:
  /// what changes are told against, run once as well; empty: this is the baseline.
  void show_scenario(const Subject& subject, bool valid, const Subject& baseline = {});
  /// The simulated power along the step, where a flow simulation has left it; else the phases.
  void show_flow(std::shared_ptr<const Result> result);
  [[nodiscard]] bool idle() const { return !command_.running() && !pause_.isActive(); }
  [[nodiscard]] QString state() const;
  [[nodiscard]] const std::optional<WholeRun>& whole_run() const { return run_; }
  [[nodiscard]] QLineEdit* tokens_field() const { return tokens_; }
  [[nodiscard]] const Card& finish_card() const { return *finish_; }
  [[nodiscard]] const Card& cost_card() const { return *cost_; }
  [[nodiscard]] Card* card(const QString& figure) const;  ///< null where no card shows it
  [[nodiscard]] BarList& bill() const { return *bill_; }
  [[nodiscard]] Table& failures_table() const { return *failures_; }
  [[nodiscard]] QString csv() const;  ///< of the shown tab's table; of the cost where it has none
  [[nodiscard]] Table& cost_table() const { return *cost_table_; }
  [[nodiscard]] Table& input_table() const { return *input_; }

 signals:
  void edited(const QString& key, const QString& value);
  void asked(const gui::AskedFigure& figure);  ///< where it comes from

 protected:
  void showEvent(QShowEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void make_cards(QGridLayout& grid);
  void start();
  void start_baseline();  ///< where its answer is missing
  void show_changes();
  void ask_card(const QString& figure);
  void ask(const QString& figure, const QString& shown, const QString& row);
  [[nodiscard]] const WholeRun* baseline() const;  ///< null: there is none, or not yet
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
  Subject baseline_, baseline_done_;  ///< done: answered, be it with a complaint
  std::optional<WholeRun> baseline_run_;
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
  std::map<QString, Card*> cards_;  ///< by the figure that it asks about
};

}  // namespace gui
