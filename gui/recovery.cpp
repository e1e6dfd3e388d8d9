#include "gui/recovery.hpp"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLockFile>
#include <QSaveFile>
#include <QUuid>

namespace gui {

namespace {

constexpr int kPause = 1000;  ///< ms between the last edit and its copy

std::vector<Variant> read(const QString& path) {
  QFile file(path);
  std::vector<Variant> variants;
  if (!file.open(QIODevice::ReadOnly)) {
    return variants;
  }
  for (const auto& value : QJsonDocument::fromJson(file.readAll()).array()) {
    const QJsonObject o = value.toObject();
    variants.push_back({0, o["path"].toString(), o["text"].toString(), o["saved"].toString(),
                        o["untitled"].toBool()});
  }
  return variants;
}

}  // namespace

Recovery::Recovery(Document& document, const QString& folder, QObject* parent)
    : QObject(parent), document_(document), folder_(folder) {
  const QString name = QUuid::createUuid().toString(QUuid::WithoutBraces);
  QDir().mkpath(folder);
  file_ = QDir(folder).filePath(name + ".json");
  lock_ = std::make_unique<QLockFile>(QDir(folder).filePath(name + ".lock"));
  lock_->setStaleLockTime(0);  // a session may last for weeks; only a dead process is stale
  if (!lock_->tryLock(0)) {
    problem_ = tr("Unsaved changes cannot be kept for recovery: %1 cannot be written.").arg(folder);
  }
  pause_.setSingleShot(true);
  pause_.setInterval(kPause);
  connect(&pause_, &QTimer::timeout, this, &Recovery::store);
  connect(&document, &Document::list_changed, &pause_, qOverload<>(&QTimer::start));
}

Recovery::~Recovery() = default;

std::vector<Variant> Recovery::recovered() {
  std::vector<Variant> found;
  const QDir folder(folder_);
  for (const QString& name : folder.entryList({"*.json"}, QDir::Files, QDir::Time)) {
    const QString path = folder.filePath(name);
    if (path == file_) {
      continue;
    }
    QLockFile other(folder.filePath(QString(name).replace(".json", ".lock")));
    other.setStaleLockTime(0);
    if (!other.tryLock(0)) {
      continue;  // alive
    }
    const auto left = read(path);
    found.insert(found.end(), left.begin(), left.end());
    QFile::remove(path);
  }
  return found;
}

void Recovery::store() {
  QJsonArray unsaved;
  for (const Variant& variant : document_.variants()) {
    if (variant.modified()) {
      unsaved.append(QJsonObject{{"path", variant.path},
                                 {"text", variant.text},
                                 {"saved", variant.saved},
                                 {"untitled", variant.untitled}});
    }
  }
  if (unsaved.isEmpty()) {
    QFile::remove(file_);
    return;
  }
  QSaveFile file(file_);
  if (!file.open(QIODevice::WriteOnly) ||
      file.write(QJsonDocument(unsaved).toJson(QJsonDocument::Compact)) < 0 || !file.commit()) {
    problem_ = tr("Unsaved changes cannot be kept for recovery: %1.").arg(file.errorString());
  }
}

void Recovery::finish() {
  pause_.stop();
  QFile::remove(file_);
  lock_->unlock();
}

}  // namespace gui
