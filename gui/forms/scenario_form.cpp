#include "gui/forms/scenario_form.hpp"

#include <exception>

#include <QComboBox>
#include <QCompleter>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "gui/draft.hpp"
#include "gui/theme.hpp"
#include "scenarios/edit_yaml.hpp"

namespace gui {

namespace {

QStringList names(const scenarios::Catalog& catalog, scenarios::EntryKind kind) {
  QStringList list;
  for (const std::string& name : catalog.names(kind)) {
    list << QString::fromStdString(name);
  }
  return list;
}

}  // namespace

ScenarioForm::ScenarioForm(const scenarios::Catalog& catalog, QWidget* parent) : QWidget(parent) {
  auto* page = new QWidget;
  form_ = new QFormLayout(page);
  form_->setRowWrapPolicy(QFormLayout::DontWrapRows);
  form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  using scenarios::EntryKind;
  add_section(tr("Job"));
  add_line("name", tr("Name"), {});
  add_choice("model", tr("Model"), names(catalog, EntryKind::Model));
  add_section(tr("Cluster"));
  add_choice("cluster.fabric", tr("Fabric"), names(catalog, EntryKind::Fabric));
  add_line("cluster.gpus", tr("Accelerators"), tr("a number"));
  add_choice("cluster.accelerator", tr("Kind"), names(catalog, EntryKind::Accelerator));
  add_line("cluster.overrides.nic.bandwidth", tr("NIC speed"), "400 Gbit/s");
  add_line("cluster.overrides.leaf_oversubscription", tr("Leaf oversubscription"), "1");
  add_line("cluster.overrides.accelerator.memory", tr("Memory"), "80 GiB");
  add_choice("network.routing", tr("Routing"), {"static", "ecmp", "adaptive", "spray"});
  add_section(tr("Training"));
  add_line("training.sequence_length", tr("Sequence length"), tr("tokens"));
  add_line("training.global_batch", tr("Global batch"), tr("sequences"));
  add_line("training.micro_batch", tr("Micro-batch"), tr("sequences"));
  add_choice("training.precision", tr("Precision"), {"bf16", "fp8", "fp16", "fp4", "tf32", "fp32"});
  add_choice("training.recompute", tr("Recompute"), {"none", "selective", "full", "{layers: 4}"});
  add_choice("training.optimizer", tr("Optimizer"), {"adamw", "adafactor", "sgd", "muon"});
  add_choice("training.job", tr("Kind of job"), {"pretrain", "sft", "lora", "qlora"});
  add_section(tr("Layout"));
  add_line("layout.tp", tr("Tensor parallel"), {});
  add_line("layout.pp", tr("Pipeline stages"), {});
  add_line("layout.virtual_stages", tr("Virtual stages"), {});
  add_line("layout.dp", tr("Data parallel"), {});
  add_line("layout.cp", tr("Context parallel"), {});
  add_line("layout.ep", tr("Expert parallel"), {});
  add_choice("layout.sequence_parallel", tr("Sequence parallel"), {"true", "false"});
  add_choice("layout.sharding", tr("Sharding"), {"ddp", "zero1", "zero2", "zero3"});
  add_choice("layout.schedule", tr("Schedule"), {"1f1b", "interleaved", "zb-h1"});
  add_choice("framework", tr("Framework"), names(catalog, EntryKind::Framework));

  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setWidget(page);
  auto* around = new QVBoxLayout(this);
  around->setContentsMargins(0, 0, 0, 0);
  around->addWidget(scroll);
}

void ScenarioForm::add_section(const QString& title) {
  auto* label = new QLabel(title);
  QFont font = label->font();
  font.setBold(true);
  label->setFont(font);
  form_->addRow(label);
}

void ScenarioForm::add_line(const QString& key, const QString& label, const QString& hint) {
  Field field{key, label, new QLineEdit, nullptr, nullptr, nullptr, nullptr, {}};
  field.line->setToolTip(hint);
  QLineEdit* line = field.line;
  const std::size_t index = fields_.size();
  add(field, line, label);
  connect(line, &QLineEdit::editingFinished, this, [this, index] { commit(index); });
}

void ScenarioForm::add_choice(const QString& key, const QString& label, const QStringList& values) {
  Field field{key, label, nullptr, new QComboBox, nullptr, nullptr, nullptr, {}};
  QComboBox* combo = field.combo;
  combo->setEditable(true);
  combo->setInsertPolicy(QComboBox::NoInsert);
  combo->addItem(QString());  // the default
  combo->addItems(values);
  combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  combo->setMinimumContentsLength(10);
  combo->completer()->setFilterMode(Qt::MatchContains);
  combo->completer()->setCompletionMode(QCompleter::PopupCompletion);
  // A wheel over the form should scroll it, not change what it passes over.
  combo->setFocusPolicy(Qt::StrongFocus);
  const std::size_t index = fields_.size();
  add(field, combo, label);
  connect(combo->lineEdit(), &QLineEdit::editingFinished, this, [this, index] { commit(index); });
  connect(combo, &QComboBox::activated, this, [this, index] { commit(index); });
}

void ScenarioForm::add(Field field, QWidget* editor, const QString& label) {
  editor->setObjectName(field.key);
  editor->setAccessibleName(label);
  field.complaint = new QLabel;
  field.complaint->setWordWrap(true);
  field.complaint->hide();
  field.complaint->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* title = new QLabel(label);
  title->setBuddy(editor);
  auto* row = new QHBoxLayout;
  row->setSpacing(2);
  row->addWidget(editor, 1);
  field.sweep = new QToolButton;
  field.sweep->setText("⇄");
  field.sweep->setAutoRaise(true);
  field.sweep->setToolTip(tr("Sweep this: vary %1 in the Explore view").arg(label));
  field.sweep->setAccessibleName(tr("Sweep %1").arg(label));
  QSizePolicy kept = field.sweep->sizePolicy();
  kept.setRetainSizeWhenHidden(true);  // fields end in one line
  field.sweep->setSizePolicy(kept);
  row->addWidget(field.sweep);
  connect(field.sweep, &QToolButton::clicked, this, [this, key = field.key] {
    for (const Field& one : fields_) {
      if (one.key == key) {
        emit swept(key, value_of(one));
      }
    }
  });
  form_->addRow(title, row);
  if (layout_choice_keys().contains(field.key)) {
    field.choices = new QLabel;
    field.choices->setWordWrap(true);
    field.choices->setTextInteractionFlags(Qt::LinksAccessibleByMouse |
                                           Qt::LinksAccessibleByKeyboard);
    field.choices->setAccessibleName(tr("What fits as %1").arg(label));
    field.choices->hide();
    connect(field.choices, &QLabel::linkActivated, this,
            [this, key = field.key](const QString& value) { emit picked(key, value.toInt()); });
    form_->addRow(QString(), field.choices);
  }
  form_->addRow(field.complaint);
  fields_.push_back(field);
}

QWidget* ScenarioForm::editor(const QString& key) const {
  for (const Field& field : fields_) {
    if (field.key == key) {
      return field.line != nullptr ? static_cast<QWidget*>(field.line) : field.combo;
    }
  }
  return nullptr;
}

QLabel* ScenarioForm::choices_label(const QString& key) const {
  for (const Field& field : fields_) {
    if (field.key == key) {
      return field.choices;
    }
  }
  return nullptr;
}

void ScenarioForm::show_choices(const LayoutChoices& choices) {
  for (Field& field : fields_) {
    const auto known = choices.find(field.key);
    if (field.choices == nullptr || known == choices.end()) {
      if (field.choices != nullptr) {
        field.choices->hide();
      }
      continue;
    }
    QStringList fit;
    QStringList large;
    QStringList tips;
    for (const LayoutChoice& choice : known->second) {
      const QString link = QString("<a href=\"%1\">%1</a>").arg(choice.value);
      if (choice.verdict == Verdict::Fits) {
        fit << link;
      } else if (choice.verdict == Verdict::TooLarge) {
        large << link;
      }
      tips << QString("%1: %2").arg(choice.value).arg(choice.why);
    }
    QStringList parts;
    if (!fit.isEmpty()) {
      parts << tr("fits: %1").arg(fit.join(", "));
    }
    if (!large.isEmpty()) {
      parts << tr("too much memory: %1").arg(large.join(", "));
    }
    field.choices->setText(parts.isEmpty() ? tr("no value fits") : parts.join("; "));
    field.choices->setToolTip(tips.join("\n"));
    field.choices->show();
  }
}

QToolButton* ScenarioForm::sweep_button(const QString& key) const {
  for (const Field& field : fields_) {
    if (field.key == key) {
      return field.sweep;
    }
  }
  return nullptr;
}

QString ScenarioForm::value_of(const Field& field) {
  const QLineEdit* line = field.line != nullptr ? field.line : field.combo->lineEdit();
  return line->text().isEmpty() ? line->placeholderText() : line->text();
}

void ScenarioForm::commit(std::size_t index) {
  const Field& field = fields_[index];
  const QString value =
      (field.line != nullptr ? field.line->text() : field.combo->currentText()).trimmed();
  if (!filling_ && value != field.shown) {
    emit edited(field.key, value);
  }
}

void ScenarioForm::show_text(const QString& text, const Checked& checked) {
  filling_ = true;
  const std::string bytes = text.toStdString();
  for (Field& field : fields_) {
    show_field(field, bytes, checked);
  }
  filling_ = false;
}

void ScenarioForm::show_field(Field& field, const std::string& text, const Checked& checked) {
  QWidget* widget = editor(field.key);
  QString tip;
  try {
    const auto value = scenarios::value_in_text(text, field.key.toStdString());
    field.shown = value ? QString::fromStdString(*value) : QString();
    widget->setEnabled(!field.shown.contains('\n'));
    if (field.shown.contains('\n')) {
      field.shown.clear();
      tip = tr("Given as a block: change it in the YAML tab.");
    }
  } catch (const std::exception&) {
    widget->setEnabled(false);  // not YAML at the moment: the text tab says where
    return;
  }
  // The resolver has its own names where a key is an override of something the catalog gives.
  QString resolved = field.key;
  resolved.replace("cluster.overrides.", "cluster.");
  if (field.key == "cluster.accelerator") {
    resolved = "cluster.node.accelerator";
  }
  const scenarios::Explained* known = explained(checked, field.key);
  known = known != nullptr ? known : explained(checked, resolved);
  QString hint;
  if (known != nullptr) {
    tip += (tip.isEmpty() ? "" : "\n") +
           tr("%1, from %2")
               .arg(QString::fromStdString(known->value), QString::fromStdString(known->source));
    hint = field.shown.isEmpty() ? QString::fromStdString(known->value) : QString();
  }
  widget->setToolTip(tip);
  QLineEdit* line = field.line != nullptr ? field.line : field.combo->lineEdit();
  line->setPlaceholderText(hint);
  if (line->text() != field.shown) {
    line->setText(field.shown);
    line->setCursorPosition(0);
  }
  field.sweep->setVisible(!values_around(value_of(field)).isEmpty());
  const bool wrong = checked.complaint && !checked.complaint->key.isEmpty() &&
                     (checked.complaint->key == field.key || checked.complaint->key == resolved);
  field.complaint->setVisible(wrong);
  if (wrong) {
    QPalette palette = this->palette();
    palette.setColor(QPalette::WindowText, bad_colour(palette));
    field.complaint->setPalette(palette);
    field.complaint->setText(checked.complaint->sentence);
  }
}

}  // namespace gui
