#pragma once
// One headline figure: value, the range its uncertainty gives it, and the change to the baseline.
#include <optional>

#include <QFrame>

#include "gui/result.hpp"

class QLabel;

namespace gui {

/// A bar from zero to a figure's high end: filled between low and high, with a mark at the value.
class BandBar : public QWidget {
  Q_OBJECT
 public:
  explicit BandBar(QWidget* parent = nullptr);
  void show_band(double value, std::optional<Range> range);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  double value_ = 0;
  std::optional<Range> range_;
};

enum class Better { Lower, Higher, Neither };

class Card : public QFrame {
  Q_OBJECT
 public:
  Card(const QString& title, Better better, QWidget* parent = nullptr);

  /// `note` stands below the value: a range, a limit.
  void show_value(const QString& value, const QString& note, bool bad = false);
  /// `change` is new / old - 1, nothing on the baseline itself; `old` says what it is told against.
  void show_change(std::optional<double> change, const QString& old = tr("baseline"));
  /// Drawn below the note; nothing: the figure has no band.
  void show_range(double value, std::optional<Range> range);
  /// Makes the card answer a click, Enter and its menu with asked(figure).
  void set_figure(const QString& figure);
  [[nodiscard]] QString value() const;
  [[nodiscard]] QString change() const;
  [[nodiscard]] QString title() const { return title_; }

 signals:
  void asked(const QString& figure);  ///< where it comes from

 protected:
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void colour();
  void fit_texts();  ///< to the card's width

  QString title_, figure_;
  Better better_;
  BandBar* band_ = nullptr;
  QLabel *value_ = nullptr, *note_ = nullptr, *change_ = nullptr;
  QFont value_font_, note_font_;  ///< where there is room
  bool bad_ = false;
  double last_ = 0;
};

}  // namespace gui
