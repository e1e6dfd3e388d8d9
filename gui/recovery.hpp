#pragma once
// Unsaved texts survive a crash: every session keeps a copy of them in a file of its own, and the
// next start finds the files of sessions that ended without cleaning up.
#include <memory>
#include <vector>

#include <QObject>
#include <QString>
#include <QTimer>

#include "gui/document.hpp"

class QLockFile;

namespace gui {

class Recovery : public QObject {
  Q_OBJECT
 public:
  /// Watches `document`; `folder` is made if it is missing. Where it cannot be written, problem()
  /// says so and the rest works without recovery.
  Recovery(Document& document, const QString& folder, QObject* parent = nullptr);
  ~Recovery() override;

  /// Takes over what sessions left that are no longer alive. Their files are removed once this
  /// session has stored their texts.
  [[nodiscard]] std::vector<Variant> recovered();
  /// Writes now instead of after a pause in typing.
  void store();
  /// The session ends well: nothing is left to recover.
  void finish();
  [[nodiscard]] const QString& problem() const { return problem_; }

 private:
  Document& document_;
  QString folder_, file_, problem_;
  std::unique_ptr<QLockFile> lock_;
  QTimer pause_;
};

}  // namespace gui
