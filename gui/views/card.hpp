#pragma once
// One headline figure: value, the range its uncertainty gives it, and the change to the baseline.
#include <optional>

#include <QFrame>

class QLabel;

namespace gui {

enum class Better { Lower, Higher, Neither };

class Card : public QFrame {
  Q_OBJECT
 public:
  Card(const QString& title, Better better, QWidget* parent = nullptr);

  /// `note` stands below the value: a range, a limit.
  void show_value(const QString& value, const QString& note, bool bad = false);
  /// `change` is new / old - 1, nothing on the baseline itself; `old` says what it is told against.
  void show_change(std::optional<double> change, const QString& old = tr("baseline"));
  [[nodiscard]] QString value() const;
  [[nodiscard]] QString change() const;

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void colour();

  QString title_;
  Better better_;
  QLabel *value_ = nullptr, *note_ = nullptr, *change_ = nullptr;
  bool bad_ = false;
  double last_ = 0;
};

}  // namespace gui
