#include "gui/forms/fabric_wizard.hpp"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <QtConcurrentRun>

#include "gui/theme.hpp"

namespace gui {

namespace {

constexpr int kPause = 250;  ///< ms after the last key before the parts are counted

QStringList names(const scenarios::Catalog& catalog, scenarios::EntryKind kind) {
  QStringList list;
  for (const std::string& name : catalog.names(kind)) {
    list << QString::fromStdString(name);
  }
  return list;
}

/// Which keys describe a fabric of a shape, besides node, size and kind.
QStringList keys_of(FabricShape shape) {
  switch (shape) {
    case FabricShape::Single:
      return {};
    case FabricShape::Clos:
      return {"switch", "nic_bandwidth", "nodes_per_leaf", "leaf_oversubscription",
              "spine_oversubscription"};
    case FabricShape::Dragonfly:
      return {"switch", "nic_bandwidth", "switches", "endpoints", "global_links"};
    case FabricShape::DragonflyPlus:
      return {"switch", "nic_bandwidth", "switches", "endpoints", "spines", "global_links"};
    case FabricShape::Torus:
      return {"torus", "optical_cube", "twisted"};
  }
  return {};
}

}  // namespace

FabricWizard::FabricWizard(const Subject& subject, const Checked& now,
                           const scenarios::Catalog& catalog, QWidget* parent)
    : QDialog(parent),
      subject_(subject),
      names_(catalog),
      table_(new Table(tr("Parts of the network"))),
      summary_(new QLabel),
      source_(new QLabel),
      buttons_(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel)) {
  setWindowTitle(tr("Fabric"));
  resize(980, 620);
  using scenarios::EntryKind;
  const FabricDraft first = draft_of(now);
  const auto or_else = [](const QString& value, const char* other) {
    return value.isEmpty() ? QString(other) : value;
  };
  const bool single = shape_of(first.kind) == FabricShape::Single;  // a step on: several nodes
  form_ = new QFormLayout;
  add_choice("node", tr("Node"), names(catalog, EntryKind::Node), or_else(first.node, "dgx-h100"));
  add_line("gpus", tr("Accelerators"), or_else(first.gpus, "1024"), tr("a number"));
  add_choice("kind", tr("Kind of fabric"),
             {"rail-optimised", "fat-tree", "three-tier", "rail-only", "dragonfly",
              "dragonfly-plus", "torus", "single-domain"},
             single ? QString("rail-optimised") : first.kind);
  add_choice("network", tr("Technology"),
             {"infiniband", "roce", "ethernet", "efa", "omnipath", "ici", "unknown", "none"},
             single ? QString("infiniband") : first.network);
  add_choice("switch", tr("Switch"), QStringList{QString()} + names(catalog, EntryKind::Switch),
             single ? QString("qm9700") : first.network_switch);
  add_line("nic_bandwidth", tr("NIC speed"), first.nic_bandwidth, "400 Gbit/s");
  add_line("nodes_per_leaf", tr("Nodes per leaf group"), first.nodes_per_leaf, "32");
  add_line("leaf_oversubscription", tr("Leaf oversubscription"), first.leaf_oversubscription, "1");
  add_line("spine_oversubscription", tr("Spine oversubscription"), first.spine_oversubscription,
           "1");
  add_line("switches", tr("Switches per group"), first.switches, "32");
  add_line("endpoints", tr("NICs per switch"), first.endpoints, "16");
  add_line("spines", tr("Spines per group"), first.spines, "32");
  add_line("global_links", tr("Cables to other groups"), first.global_links, "16");
  add_line("torus", tr("Extents"), first.torus, "[8, 8, 8]");
  add_line("optical_cube", tr("Edge of optical cubes"), first.optical_cube, tr("all cabled"));
  add_choice("twisted", tr("Twisted"), {QString(), "true", "false"}, first.twisted);
  connect(choices_["kind"], &QComboBox::currentTextChanged, this, &FabricWizard::change_kind);
  summary_->setWordWrap(true);
  summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  source_->setWordWrap(true);
  source_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* left = new QVBoxLayout;
  left->addLayout(form_);
  left->addWidget(source_);
  left->addStretch(1);
  auto* right = new QVBoxLayout;
  right->addWidget(summary_);
  right->addWidget(table_, 1);
  auto* both = new QHBoxLayout;
  both->addLayout(left, 2);
  both->addLayout(right, 5);
  auto* layout = new QVBoxLayout(this);
  layout->addLayout(both, 1);
  layout->addWidget(buttons_);
  connect(buttons_, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons_, &QDialogButtonBox::rejected, this, &QDialog::reject);
  pause_.setSingleShot(true);
  pause_.setInterval(kPause);
  connect(&pause_, &QTimer::timeout, this, &FabricWizard::start);
  connect(&maker_, &QFutureWatcherBase::finished, this, &FabricWizard::show_preview);
  show_fields();
  show_source();
  start();
}

FabricWizard::~FabricWizard() {
  maker_.disconnect();
  maker_.waitForFinished();
}

void FabricWizard::add_choice(const QString& key, const QString& label, const QStringList& values,
                              const QString& first) {
  auto* combo = new QComboBox;
  combo->addItems(values);
  combo->setCurrentText(first);
  combo->setAccessibleName(label);
  combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  combo->setMinimumContentsLength(16);
  form_->addRow(label, combo);
  choices_[key] = combo;
  connect(combo, &QComboBox::currentTextChanged, this, [this] {
    show_source();
    pause_.start();
  });
}

void FabricWizard::add_line(const QString& key, const QString& label, const QString& first,
                            const QString& hint) {
  auto* line = new QLineEdit(first);
  line->setPlaceholderText(hint);
  line->setAccessibleName(label);
  form_->addRow(label, line);
  lines_[key] = line;
  connect(line, &QLineEdit::textChanged, this, [this] { pause_.start(); });
}

void FabricWizard::show_fields() {
  const QStringList always{"node", "gpus", "kind", "network"};
  const QStringList keys = always + keys_of(shape_of(choices_["kind"]->currentText()));
  for (auto it = choices_.cbegin(); it != choices_.cend(); ++it) {
    form_->setRowVisible(it.value(), keys.contains(it.key()));
  }
  for (auto it = lines_.cbegin(); it != lines_.cend(); ++it) {
    form_->setRowVisible(it.value(), keys.contains(it.key()));
  }
}

/// A dragonfly begins with groups as large as its switch allows, a torus with the chips' own links.
void FabricWizard::change_kind() {
  show_fields();
  const FabricShape shape = shape_of(choices_["kind"]->currentText());
  if (shape == FabricShape::Torus) {
    choices_["network"]->setCurrentText("ici");
  } else if (choices_["network"]->currentText() == "ici") {
    choices_["network"]->setCurrentText("infiniband");
  }
  const QString network_switch = choices_["switch"]->currentText();
  if ((shape == FabricShape::Dragonfly || shape == FabricShape::DragonflyPlus) &&
      !network_switch.isEmpty()) {
    FabricDraft proposed = draft();
    propose_groups(proposed, names_.network_switch(network_switch.toStdString()).ports);
    lines_["switches"]->setText(proposed.switches);
    lines_["endpoints"]->setText(proposed.endpoints);
    lines_["spines"]->setText(proposed.spines);
    lines_["global_links"]->setText(proposed.global_links);
  }
}

FabricDraft FabricWizard::draft() const {
  const auto line = [this](const char* key) { return lines_[key]->text().trimmed(); };
  const auto choice = [this](const char* key) { return choices_[key]->currentText(); };
  return {.node = choice("node"),
          .kind = choice("kind"),
          .network = choice("network"),
          .network_switch = choice("switch"),
          .gpus = line("gpus"),
          .nic_bandwidth = line("nic_bandwidth"),
          .nodes_per_leaf = line("nodes_per_leaf"),
          .leaf_oversubscription = line("leaf_oversubscription"),
          .spine_oversubscription = line("spine_oversubscription"),
          .switches = line("switches"),
          .endpoints = line("endpoints"),
          .spines = line("spines"),
          .global_links = line("global_links"),
          .torus = line("torus"),
          .optical_cube = line("optical_cube"),
          .twisted = choice("twisted")};
}

void FabricWizard::show_source() {
  if (!choices_.contains("node") || choices_["node"]->currentText().isEmpty()) {
    return;
  }
  const topology::Node node = names_.node(choices_["node"]->currentText().toStdString());
  QStringList said{tr("%1: %2 × %3, %4 × %5.")
                       .arg(QString::fromStdString(node.id))
                       .arg(node.accelerators)
                       .arg(QString::fromStdString(node.accelerator))
                       .arg(node.nics)
                       .arg(QString::fromStdString(node.nic))};
  if (const auto from = node.figures.find("accelerators"); from != node.figures.end()) {
    said << tr("Source: %1 (%2).")
                .arg(QString::fromStdString(from->second.source),
                     QString::fromStdString(from->second.as_of));
  }
  source_->setText(said.join(" "));
}

void FabricWizard::start() {
  if (making_) {
    again_ = true;
    return;
  }
  making_ = true;
  maker_.setFuture(QtConcurrent::run([this, subject = subject_, wanted = draft()] {
    if (catalog_ == nullptr) {
      catalog_ = std::make_shared<const scenarios::Catalog>(scenarios::Catalog::open());
    }
    return preview_of(subject, wanted, *catalog_);
  }));
}

void FabricWizard::show_preview() {
  making_ = false;
  preview_ = maker_.result();
  const bool good = preview_.complaint.isEmpty();
  QPalette palette = this->palette();
  if (!good) {
    palette.setColor(QPalette::WindowText, bad_colour(palette));
  }
  summary_->setPalette(palette);
  summary_->setText(good ? preview_.summary : preview_.complaint);
  table_->show_rows(preview_.columns, preview_.rows);
  buttons_->button(QDialogButtonBox::Ok)->setEnabled(good);
  if (again_) {
    again_ = false;
    start();
  }
}

}  // namespace gui
