#pragma once
// A scenario as fields. Every field shows its value as the text writes it, or, greyed, the default
// with its source; an edit changes that one value in the text.
#include <vector>

#include <QWidget>

#include "gui/check.hpp"
#include "gui/forms/layout_choices.hpp"
#include "scenarios/catalog.hpp"

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QToolButton;

namespace gui {

class ScenarioForm : public QWidget {
  Q_OBJECT
 public:
  explicit ScenarioForm(const scenarios::Catalog& catalog, QWidget* parent = nullptr);

  /// `text` must outlive nothing: it is read here and now.
  void show_text(const QString& text, const Checked& checked);
  /// Marks the degrees of parallelism by what fits; none: nothing is known.
  void show_choices(const LayoutChoices& choices);
  /// What stands under a degree: "fits: 4, 8 ...", as rich text with a link per value.
  [[nodiscard]] QLabel* choices_label(const QString& key) const;
  /// The editor of a key, for tests and for jumping to a complaint.
  [[nodiscard]] QWidget* editor(const QString& key) const;
  [[nodiscard]] QToolButton* sweep_button(const QString& key) const;

 signals:
  /// One value as a file would write it; empty: the default.
  void edited(const QString& key, const QString& value);
  /// A degree of parallelism that was picked among the choices under its field.
  void picked(const QString& key, int value);
  /// "Sweep this" beside a number: its key and its value, given or by default.
  void swept(const QString& key, const QString& value);

 private:
  struct Field {
    QString key, label;
    QLineEdit* line = nullptr;  ///< one of the two
    QComboBox* combo = nullptr;
    QToolButton* sweep = nullptr;  ///< where there is something to vary
    QLabel* complaint = nullptr;
    QLabel* choices = nullptr;  ///< of degrees of parallelism
    QString shown;              ///< as the text has it
  };

  void add_section(const QString& title);
  void add_line(const QString& key, const QString& label, const QString& hint);
  void add_choice(const QString& key, const QString& label, const QStringList& values);
  void add(Field field, QWidget* editor, const QString& label);
  void commit(std::size_t index);
  [[nodiscard]] static QString value_of(const Field& field);
  void show_field(Field& field, const std::string& text, const Checked& checked);

  std::vector<Field> fields_;
  QFormLayout* form_ = nullptr;
  bool filling_ = false;  ///< changes of widgets are ours, not the user's
};

}  // namespace gui
