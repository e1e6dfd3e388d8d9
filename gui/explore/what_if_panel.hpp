#pragma once
// Sliders over the main numbers of a scenario. While one drags, the closed form answers; when one
// lets go, the scenario takes the value over and the network is simulated.
#include <memory>
#include <optional>
#include <vector>

#include <QWidget>

#include "gui/check.hpp"
#include "gui/command.hpp"
#include "gui/draft.hpp"
#include "gui/result.hpp"

class QGridLayout;
class QLabel;
class QSlider;

namespace gui {

class Card;

class WhatIfPanel : public QWidget {
  Q_OBJECT
 public:
  explicit WhatIfPanel(const QString& program, QWidget* parent = nullptr);

  /// The scenario and what is known of it. `stale`: of an earlier text.
  void show_scenario(const Subject& subject, const Checked& checked);
  void show_result(std::shared_ptr<const Result> result, bool stale, bool busy);
  [[nodiscard]] bool idle() const { return !live_.running(); }
  [[nodiscard]] QSlider* slider(const QString& key) const;
  [[nodiscard]] const Card& step_card() const { return *step_; }
  [[nodiscard]] QString state() const;

 signals:
  void edited(const QString& text, const QString& what);  ///< the slider was let go

 private:
  struct Dial {
    QString key, label;
    QSlider* slider = nullptr;
    QLabel* shown = nullptr;
    QStringList values;
  };

  void add_dial(QGridLayout& grid, const QString& key, const QString& label);
  void set_values(Dial& dial, const QString& value);
  void moved(std::size_t index);
  void released(std::size_t index);
  void answered(const Answer& answer);
  void say(const QString& text);
  /// Changes are told against `before`, where there is one.
  void show_figures(const Result& result, const Result* before);
  [[nodiscard]] std::optional<QString> draft(const Dial& dial) const;

  Command live_;
  std::optional<QString> waiting_;  ///< the newest text that has no answer yet
  bool dragging_ = false, filling_ = false;
  Subject subject_;
  std::vector<Dial> dials_;
  std::shared_ptr<const Result> shown_, before_;  ///< before_: of the text before the last change
  QLabel* state_ = nullptr;
  Card *step_ = nullptr, *mfu_ = nullptr, *tokens_ = nullptr, *memory_ = nullptr, *power_ = nullptr,
       *price_ = nullptr;
};

}  // namespace gui
