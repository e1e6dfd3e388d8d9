#pragma once
// What a simulation found: headline cards, the way from peak to achieved, where the step's time and
// the memory go.
#include <memory>

#include <QScrollArea>

#include "gui/result.hpp"

class QLabel;

namespace gui {

class BarList;
class Card;

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

 private:
  void show_cards(const Result& result, const Result* baseline);
  void show_bars(const Result& result);
  void show_notes(const Result& result);

  std::shared_ptr<const Result> result_;
  QLabel *state_, *title_, *notes_;
  Card *step_, *mfu_, *tokens_, *memory_, *power_, *energy_, *flops_, *gpus_;
  BarList *waterfall_, *breakdown_, *kinds_;
};

}  // namespace gui
