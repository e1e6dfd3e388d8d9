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
  /// `subject`: the scenario that gets the cluster. `now`: what it says of its present one, which
  /// the fields begin with.
  FabricWizard(const Subject& subject, const Checked& now, const scenarios::Catalog& catalog,
               QWidget* parent = nullptr);
  ~FabricWizard() override;

  [[nodiscard]] FabricDraft draft() const;
  /// By a key of the scenario language: "node", "gpus", "leaf_oversubscription".
  [[nodiscard]] QComboBox* choice(const QString& key) const { return choices_.value(key); }
  [[nodiscard]] QLineEdit* line(const QString& key) const { return lines_.value(key); }
  [[nodiscard]] const FabricPreview& preview() const { return preview_; }
  [[nodiscard]] bool idle() const { return !pause_.isActive() && !making_; }

 private:
  void add_choice(const QString& key, const QString& label, const QStringList& values,
                  const QString& first);
  void add_line(const QString& key, const QString& label, const QString& first,
                const QString& hint);
  void show_fields();  ///< those of the picked kind
  void change_kind();
  void show_source();  ///< of the picked node
  void start();        ///< a preview of what stands in the fields
  void show_preview();

  Subject subject_;
  std::shared_ptr<const scenarios::Catalog> catalog_;  ///< of the thread that counts
  const scenarios::Catalog& names_;
  QFormLayout* form_ = nullptr;
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
