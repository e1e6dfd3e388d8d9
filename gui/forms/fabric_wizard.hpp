#pragma once
// A dialog for a fabric of one's own: what it would be made of is shown while one types.
#include <memory>

#include <QDialog>
#include <QFutureWatcher>
#include <QHash>
#include <QTimer>

#include "gui/forms/fabric_draft.hpp"

class QComboBox;
class QDialogButtonBox;
class QFormLayout;
class QLabel;
class QLineEdit;

namespace gui {

class FabricWizard : public QDialog {
  Q_OBJECT
 public:
  /// `subject`: the scenario that gets the cluster. `now`: its present one; null: none is known.
  FabricWizard(const Subject& subject, const topology::ClusterSpec* now,
               const scenarios::Catalog& catalog, QWidget* parent = nullptr);
  ~FabricWizard() override;

  [[nodiscard]] FabricDraft draft() const;
  /// By a key of the scenario language: "node", "gpus", "leaf_oversubscription".
  [[nodiscard]] QComboBox* choice(const QString& key) const { return choices_.value(key); }
  [[nodiscard]] QLineEdit* line(const QString& key) const { return lines_.value(key); }
  [[nodiscard]] const FabricPreview& preview() const { return preview_; }
  [[nodiscard]] bool idle() const { return !pause_.isActive() && !making_; }

 private:
  void add_choice(QFormLayout& form, const QString& key, const QString& label,
                  const QStringList& values, const QString& first);
  void add_line(QFormLayout& form, const QString& key, const QString& label, const QString& first,
                const QString& hint);
  void show_source();  ///< of the picked node
  void start();        ///< a preview of what stands in the fields
  void show_preview();

  Subject subject_;
  std::shared_ptr<const scenarios::Catalog> catalog_;  ///< of the thread that counts
  const scenarios::Catalog& names_;
  QHash<QString, QComboBox*> choices_;
  QHash<QString, QLineEdit*> lines_;
  Table* table_;
  QLabel *summary_, *source_;
  QDialogButtonBox* buttons_;
  QTimer pause_;
  bool making_ = false, again_ = false;
  QFutureWatcher<FabricPreview> maker_;
  FabricPreview preview_;
};

}  // namespace gui
