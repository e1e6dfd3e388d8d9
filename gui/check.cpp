#include "gui/check.hpp"

#include <exception>

#include <QRegularExpression>

#include "topology/error.hpp"

namespace gui {

namespace {

/// Takes "file:line:column: key.path: what is wrong" apart.
Complaint complaint_of(const QString& sentence, const QString& path) {
  Complaint complaint{sentence, {}, 0};
  QString rest = sentence;
  static const QRegularExpression place(R"(^(.*?):(\d+):(\d+): )");
  if (const auto match = place.match(sentence); match.hasMatch()) {
    complaint.line = match.captured(1) == path ? match.captured(2).toInt() : 0;
    rest = sentence.mid(match.capturedLength());
  } else if (sentence.startsWith(path + ": ")) {
    rest = sentence.mid(path.size() + 2);
  }
  static const QRegularExpression key(R"(^([a-z_0-9]+(?:\.[a-z_0-9]+)*)(?:: | \())");
  if (const auto match = key.match(rest); match.hasMatch()) {
    complaint.key = match.captured(1);
  }
  return complaint;
}

}  // namespace

Checked check(const QString& text, const QString& path, const scenarios::Catalog& catalog) {
  try {
    return {scenarios::load_scenario_text(text.toStdString(), path.toStdString(), {}, catalog), {}};
  } catch (const std::exception& e) {
    return {{}, complaint_of(QString::fromUtf8(e.what()), path)};
  }
}

const scenarios::Explained* explained(const Checked& checked, const QString& key) {
  if (!checked.scenario) {
    return nullptr;
  }
  for (const auto& value : checked.scenario->values) {
    if (key == QLatin1String(value.path.data(), static_cast<qsizetype>(value.path.size()))) {
      return &value;
    }
  }
  return nullptr;
}

}  // namespace gui
