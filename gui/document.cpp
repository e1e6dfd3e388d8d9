#include "gui/document.hpp"

#include <algorithm>
#include <exception>

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QUndoCommand>

#include "scenarios/atomic_file.hpp"
#include "scenarios/edit_yaml.hpp"
#include "topology/error.hpp"

namespace gui {

namespace {

constexpr qint64 kTypingPause = 1500;              ///< ms after which typing begins a new undo step
constexpr qint64 kLargestFile = qint64{16} << 20;  ///< what the reader of scenarios takes

QString read_file(const QString& path) {
  const std::string name = path.toStdString();
  if (QFileInfo(path).isDir()) {
    throw topology::InputError({name}, {}, "this is a directory, expected a scenario file");
  }
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) {
    throw topology::InputError({name}, {},
                               file.exists() ? "the file cannot be opened, check its permissions"
                                             : "there is no such file");
  }
  const QByteArray bytes = file.read(kLargestFile + 1);
  if (bytes.size() > kLargestFile) {
    throw topology::InputError({name}, {},
                               "the file is larger than 16 MiB; a scenario is a few kB");
  }
  const QString text = QString::fromUtf8(bytes);
  if (text.toUtf8() != bytes) {
    throw topology::InputError({name}, {}, "the file is not text; expected a YAML file in UTF-8");
  }
  return text;
}

}  // namespace

QString Variant::title() const {
  try {
    if (const auto name = scenarios::value_in_text(text.toStdString(), "name")) {
      QString title = QString::fromStdString(*name);
      if (title.size() > 1 && (title.front() == '"' || title.front() == '\'')) {
        title = title.mid(1, title.size() - 2);
      }
      return title;
    }
  } catch (const std::exception&) {  // half-typed YAML: the file's name will do
  }
  return QFileInfo(path).completeBaseName();
}

class SetText : public QUndoCommand {
 public:
  SetText(Document& document, int id, const QString& text, const QString& what,
          Document::Merge merge)
      : QUndoCommand(what),
        document_(document),
        variant_(id),
        before_(document.find(id)->text),
        after_(text),
        merge_(merge),
        time_(QDateTime::currentMSecsSinceEpoch()) {}

  [[nodiscard]] int id() const override { return merge_ == Document::Merge::Typing ? 1 : -1; }
  bool mergeWith(const QUndoCommand* other) override {
    const auto* next = dynamic_cast<const SetText*>(other);
    if (next == nullptr || next->variant_ != variant_ || next->time_ - time_ > kTypingPause) {
      return false;
    }
    after_ = next->after_;
    time_ = next->time_;
    return true;
  }
  void undo() override { document_.set_text(variant_, before_); }
  void redo() override { document_.set_text(variant_, after_); }

 private:
  Document& document_;
  int variant_;
  QString before_, after_;
  Document::Merge merge_;
  qint64 time_;
};

class AddVariant : public QUndoCommand {
 public:
  AddVariant(Document& document, Variant variant, const QString& what)
      : QUndoCommand(what), document_(document), variant_(std::move(variant)) {}
  void undo() override { document_.remove(variant_.id); }
  void redo() override {
    document_.insert(variant_);
    document_.show(variant_.id);
  }

 private:
  Document& document_;
  Variant variant_;
};

Document::Document(QObject* parent) : QObject(parent) {}

const Variant* Document::find(int id) const {
  const auto it = std::find_if(variants_.begin(), variants_.end(),
                               [id](const Variant& variant) { return variant.id == id; });
  return it == variants_.end() ? nullptr : &*it;
}

Variant* Document::mutable_find(int id) {
  const auto it = std::find_if(variants_.begin(), variants_.end(),
                               [id](const Variant& variant) { return variant.id == id; });
  return it == variants_.end() ? nullptr : &*it;
}

const Variant* Document::baseline() const {
  return variants_.empty() ? nullptr : &variants_.front();
}

bool Document::modified() const {
  return std::any_of(variants_.begin(), variants_.end(),
                     [](const Variant& variant) { return variant.modified(); });
}

int Document::open(const QString& path) {
  const QString absolute = QDir::cleanPath(QFileInfo(path).absoluteFilePath());
  for (const Variant& variant : variants_) {
    if (!variant.untitled && variant.path == absolute) {
      show(variant.id);
      return variant.id;
    }
  }
  const QString text = read_file(absolute);
  return adopt({0, absolute, text, text, false});
}

int Document::adopt(Variant variant) {
  variant.id = next_id_++;
  insert(variant);
  show(variant.id);
  return variant.id;
}

void Document::save(int id) {
  save_as(id, find(id)->path);
}

void Document::save_as(int id, const QString& path) {
  Variant* variant = mutable_find(id);
  const QString absolute = QDir::cleanPath(QFileInfo(path).absoluteFilePath());
  scenarios::write_file(absolute.toStdString(), variant->text.toStdString());
  const bool moved = variant->path != absolute;
  variant->path = absolute;
  variant->saved = variant->text;
  variant->untitled = false;
  emit list_changed();
  if (moved) {
    emit text_changed(id);  // relative paths in it mean other files now
  }
}

void Document::close(int id) {
  undo_.clear();
  remove(id);
}

void Document::show(int id) {
  if (id != current_ && find(id) != nullptr) {
    current_ = id;
    emit current_changed();
  }
}

void Document::edit(int id, const QString& text, const QString& what, Merge merge) {
  const Variant* variant = find(id);
  if (variant != nullptr && variant->text != text) {
    undo_.push(new SetText(*this, id, text, what, merge));
  }
}

int Document::duplicate(int id) {
  return add_variant(id, find(id)->text, tr("variant %1").arg(variants_.size()));
}

int Document::add_variant(int id, const QString& text, const QString& what) {
  Variant copy = *find(id);
  const QString title = tr("%1, %2").arg(copy.title(), what);
  copy.id = next_id_++;
  copy.text = text;
  const QFileInfo file(copy.path);
  copy.path = file.dir().filePath(
      QString("%1-variant-%2.yaml").arg(file.completeBaseName()).arg(variants_.size()));
  copy.untitled = true;
  copy.saved.clear();
  try {
    copy.text = QString::fromStdString(
        scenarios::with_value(copy.text.toStdString(), "name", title.toStdString()));
  } catch (const topology::InputError&) {  // half-typed YAML is copied as it is
  }
  undo_.push(new AddVariant(*this, copy, tr("new variant")));
  return copy.id;
}

void Document::set_text(int id, const QString& text) {
  if (Variant* variant = mutable_find(id)) {
    variant->text = text;
    show(id);
    emit text_changed(id);
    emit list_changed();
  }
}

void Document::insert(const Variant& variant) {
  variants_.push_back(variant);
  emit list_changed();
}

void Document::remove(int id) {
  std::erase_if(variants_, [id](const Variant& variant) { return variant.id == id; });
  emit list_changed();
  if (current_ == id) {
    current_ = variants_.empty() ? 0 : variants_.back().id;
    emit current_changed();
  }
}

}  // namespace gui
