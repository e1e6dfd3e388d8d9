#pragma once
// The scenario as its YAML text, with the line that a complaint names marked.
#include <QPlainTextEdit>

#include "gui/check.hpp"

namespace gui {

class TextEditor : public QPlainTextEdit {
  Q_OBJECT
 public:
  explicit TextEditor(QWidget* parent = nullptr);

  /// Changes what differs and leaves the cursor where it is.
  void show_text(const QString& text);
  void mark(const std::optional<Complaint>& complaint);

 signals:
  void edited(const QString& text);

 private:
  bool filling_ = false;
};

}  // namespace gui
