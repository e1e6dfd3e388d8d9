#include "gui/dropped.hpp"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>

namespace gui {

namespace {

constexpr qint64 kLargestConfig = 1 << 20;  ///< bytes; published ones have a few thousand

bool is_hf_config(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly) || file.size() > kLargestConfig) {
    return false;
  }
  return QJsonDocument::fromJson(file.readAll()).object().contains("model_type");
}

}  // namespace

Dropped kind_of(const QString& file) {
  const QString suffix = QFileInfo(file).suffix().toLower();
  if (suffix == "yaml" || suffix == "yml") {
    return Dropped::Scenario;
  }
  if (suffix == "xml") {
    return Dropped::NcclTopology;
  }
  // A broken config.json is told as one, with the place where it is broken.
  return QFileInfo(file).fileName() == "config.json" || (suffix == "json" && is_hf_config(file))
             ? Dropped::HfConfig
             : Dropped::Measurements;
}

QString free_name(const QString& folder, const QString& stem, const QString& suffix) {
  const QDir where(folder);
  QString name = where.filePath(stem + "." + suffix);
  for (int i = 2; QFileInfo::exists(name); ++i) {
    name = where.filePath(QString("%1-%2.%3").arg(stem).arg(i).arg(suffix));
  }
  return name;
}

}  // namespace gui
