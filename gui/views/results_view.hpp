#pragma once
// What a simulation found: headline cards, the way from peak to achieved, where the step's time and
// the memory go.
#include <map>
#include <memory>

#include <QScrollArea>

#include "gui/result.hpp"
#include "gui/source_dialog.hpp"

class QLabel;

namespace gui {

class BarList;
class Card;
struct Bar;

class ResultsView : public QScrollArea {
  Q_OBJECT
 public:
  explicit ResultsView(QWidget* parent = nullptr);

  /// `baseline` is null where `result` is the baseline's. `state` says what is not as it should be
  /// ("out of date ..."); empty: all is.
  void show_result(std::shared_ptr<const Result> result, std::shared_ptr<const Result> baseline,
                   const QString& state);
  [[nodiscard]] const Card& step_card() const { return *step_; }
  [[nodiscard]] QString state() const;
  /// Every figure as CSV: figure, value, unit.
  [[nodiscard]] QString csv() const;
  /// Of a figure by its name in the command's answer; null where no card shows it.
  [[nodiscard]] Card* card(const QString& figure) const;
  [[nodiscard]] BarList& waterfall() const { return *waterfall_; }
  [[nodiscard]] BarList& breakdown() const { return *breakdown_; }
  [[nodiscard]] BarList& memory_kinds() const { return *kinds_; }

 signals:
  void asked(const gui::AskedFigure& figure);  ///< where it comes from

 private:
  void ask_card(const QString& figure);
  void ask_bar(const Bar& bar);
  void show_cards(const Result& result, const Result* baseline);
  void show_prices(const Result& result, const Result* baseline);
  void show_bars(const Result& result);
  void show_notes(const Result& result);

  std::shared_ptr<const Result> result_;
  QLabel *state_, *title_, *notes_;
  Card *step_, *mfu_, *tokens_, *memory_, *power_, *energy_, *flops_, *gpus_, *rate_, *price_;
  std::map<QString, Card*> cards_;  ///< by figure
  BarList *waterfall_, *breakdown_, *kinds_;
};

}  // namespace gui
