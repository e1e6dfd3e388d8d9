#include "gui/forms/text_editor.hpp"

#include <algorithm>

#include <QFontDatabase>
#include <QRegularExpression>
#include <QSyntaxHighlighter>
#include <QTextBlock>

#include "gui/theme.hpp"

namespace gui {

namespace {

/// Comments muted, keys in the colour of links.
class YamlColours : public QSyntaxHighlighter {
 public:
  YamlColours(QTextDocument* document, const QWidget& widget)
      : QSyntaxHighlighter(document), widget_(widget) {}

 protected:
  void highlightBlock(const QString& text) override {
    static const QRegularExpression key(R"((?:^\s*(?:- )?|[{,]\s*)([\w.\-]+)(?=:(?:\s|$)))");
    static const QRegularExpression comment(R"((?:^|\s)#.*$)");
    for (auto it = key.globalMatch(text); it.hasNext();) {
      const auto match = it.next();
      setFormat(static_cast<int>(match.capturedStart(1)), static_cast<int>(match.capturedLength(1)),
                widget_.palette().color(QPalette::Link));
    }
    if (const auto match = comment.match(text); match.hasMatch()) {
      setFormat(static_cast<int>(match.capturedStart()), static_cast<int>(match.capturedLength()),
                muted_colour(widget_.palette()));
    }
  }

 private:
  const QWidget& widget_;
};

}  // namespace

TextEditor::TextEditor(QWidget* parent) : QPlainTextEdit(parent) {
  setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  setLineWrapMode(QPlainTextEdit::NoWrap);
  setUndoRedoEnabled(false);  // the document undoes, also what forms changed
  setTabChangesFocus(true);   // YAML allows no tabs, and the keyboard should not be caught here
  setAccessibleName(tr("Scenario as YAML"));
  new YamlColours(document(), *this);
  connect(this, &QPlainTextEdit::textChanged, this, [this] {
    if (!filling_) {
      emit edited(toPlainText());
    }
  });
}

void TextEditor::show_text(const QString& text) {
  const QString old = toPlainText();
  if (old == text) {
    return;
  }
  const auto [a, b] = std::mismatch(old.begin(), old.end(), text.begin(), text.end());
  const auto prefix = a - old.begin();
  auto suffix =
      std::mismatch(old.rbegin(), old.rend() - prefix, text.rbegin(), text.rend() - prefix).first -
      old.rbegin();
  filling_ = true;
  QTextCursor cursor(document());
  cursor.setPosition(static_cast<int>(prefix));
  cursor.setPosition(static_cast<int>(old.size() - suffix), QTextCursor::KeepAnchor);
  cursor.insertText(text.mid(prefix, text.size() - suffix - prefix));
  filling_ = false;
}

void TextEditor::mark(const std::optional<Complaint>& complaint) {
  QList<QTextEdit::ExtraSelection> marks;
  if (complaint && complaint->line > 0) {
    const QTextBlock block = document()->findBlockByNumber(complaint->line - 1);
    if (block.isValid()) {
      QTextEdit::ExtraSelection mark;
      QColor colour = bad_colour(palette());
      colour.setAlpha(60);
      mark.format.setBackground(colour);
      mark.format.setProperty(QTextFormat::FullWidthSelection, true);
      mark.format.setToolTip(complaint->sentence);
      mark.cursor = QTextCursor(block);
      marks << mark;
    }
  }
  setExtraSelections(marks);
}

}  // namespace gui
