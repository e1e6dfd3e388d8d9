#pragma once
// The open scenarios: variants of a baseline, each the text of a YAML file. All edits are commands
// on one undo stack.
#include <vector>

#include <QObject>
#include <QString>
#include <QUndoStack>

namespace gui {

/// One scenario. The text is the truth; forms and editors change it in place.
struct Variant {
  int id = 0;
  QString path;  ///< of its file, or where an unsaved one would stand: paths in it start there
  QString text;
  QString saved;          ///< the text that the file held when it was last read or written
  bool untitled = false;  ///< has no file yet

  [[nodiscard]] bool modified() const { return untitled || text != saved; }
  /// The scenario's name, or the file's where it has none or cannot be read.
  [[nodiscard]] QString title() const;
};

class Document : public QObject {
  Q_OBJECT
 public:
  enum class Merge { Never, Typing };  ///< Typing: edits that follow each other undo as one

  explicit Document(QObject* parent = nullptr);

  [[nodiscard]] const std::vector<Variant>& variants() const { return variants_; }
  [[nodiscard]] const Variant* find(int id) const;
  [[nodiscard]] const Variant* current() const { return find(current_); }
  [[nodiscard]] const Variant* baseline() const;  ///< the first
  [[nodiscard]] bool modified() const;
  [[nodiscard]] QUndoStack& undo_stack() { return undo_; }

  /// Opens a file, or shows it where it is open already. Not undoable. Returns its id.
  /// @throws topology::InputError if it cannot be read.
  int open(const QString& path);
  /// Adds a text that has no file, say a recovered or a new one. Not undoable.
  int adopt(Variant variant);
  /// @throws topology::RuntimeFailure if it cannot be written: nothing is lost, the text stays.
  void save(int id);
  void save_as(int id, const QString& path);
  /// Forgets a scenario. Clears the undo stack where that could bring half of it back.
  void close(int id);

  void show(int id);
  void edit(int id, const QString& text, const QString& what, Merge merge = Merge::Never);
  /// A copy of `id` as a variant without a file; becomes the current one. Undoable.
  int duplicate(int id);
  /// The same with another text, whose name becomes that of `id` and `what`.
  int add_variant(int id, const QString& text, const QString& what);

 signals:
  void text_changed(int id);
  void list_changed();  ///< variants, their titles or whether they are saved
  void current_changed();

 private:
  friend class SetText;
  friend class AddVariant;
  Variant* mutable_find(int id);
  void set_text(int id, const QString& text);
  void insert(const Variant& variant);
  void remove(int id);

  std::vector<Variant> variants_;
  QUndoStack undo_;
  int current_ = 0;
  int next_id_ = 1;
};

}  // namespace gui
