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

QString word(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// The catalog's node with the accelerators of the present cluster, and its NICs where one has
/// them.
QString node_of(const scenarios::Catalog& catalog, const topology::ClusterSpec& now) {
  QString alike;
  for (const std::string& name : catalog.names(scenarios::EntryKind::Node)) {
    const topology::Node node = catalog.node(name);
    if (node.accelerator != now.accelerator.id || node.accelerators != now.gpus_per_node) {
      continue;
    }
    const auto each = catalog.nic(node.nic).bandwidth * node.nics / node.accelerators;
    if (each == now.nic_bandwidth) {
      return QString::fromStdString(name);
    }
    alike = alike.isEmpty() ? QString::fromStdString(name) : alike;
  }
  return alike;
}

}  // namespace

FabricWizard::FabricWizard(const Subject& subject, const topology::ClusterSpec* now,
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
  const bool clos = now != nullptr && now->fabric != topology::FabricKind::SingleDomain;
  auto* form = new QFormLayout;
  add_choice(*form, "node", tr("Node"), names(catalog, EntryKind::Node),
             now == nullptr ? QString("dgx-h100") : node_of(catalog, *now));
  add_line(*form, "gpus", tr("Accelerators"), now == nullptr ? "1024" : QString::number(now->gpus),
           tr("a number"));
  add_choice(*form, "kind", tr("Kind of fabric"),
             {"rail-optimised", "fat-tree", "three-tier", "rail-only", "single-domain"},
             clos ? word(name(now->fabric)) : QString("rail-optimised"));
  add_choice(*form, "network", tr("Technology"),
             {"infiniband", "roce", "ethernet", "efa", "omnipath", "none"},
             clos ? word(name(now->network)) : QString("infiniband"));
  add_choice(*form, "switch", tr("Switch"),
             QStringList{QString()} + names(catalog, EntryKind::Switch), "qm9700");
  add_line(*form, "nic_bandwidth", tr("NIC speed"), {}, "400 Gbit/s");
  add_line(*form, "nodes_per_leaf", tr("Nodes per leaf group"), {}, "32");
  add_line(*form, "leaf_oversubscription", tr("Leaf oversubscription"), {}, "1");
  add_line(*form, "spine_oversubscription", tr("Spine oversubscription"), {}, "1");
  summary_->setWordWrap(true);
  summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  source_->setWordWrap(true);
  source_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* left = new QVBoxLayout;
  left->addLayout(form);
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
  show_source();
  start();
}

FabricWizard::~FabricWizard() {
  maker_.disconnect();
  maker_.waitForFinished();
}

void FabricWizard::add_choice(QFormLayout& form, const QString& key, const QString& label,
                              const QStringList& values, const QString& first) {
  auto* combo = new QComboBox;
  combo->addItems(values);
  combo->setCurrentText(first);
  combo->setAccessibleName(label);
  combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  combo->setMinimumContentsLength(16);
  form.addRow(label, combo);
  choices_[key] = combo;
  connect(combo, &QComboBox::currentTextChanged, this, [this] {
    show_source();
    pause_.start();
  });
}

void FabricWizard::add_line(QFormLayout& form, const QString& key, const QString& label,
                            const QString& first, const QString& hint) {
  auto* line = new QLineEdit(first);
  line->setPlaceholderText(hint);
  line->setAccessibleName(label);
  form.addRow(label, line);
  lines_[key] = line;
  connect(line, &QLineEdit::textChanged, this, [this] { pause_.start(); });
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
          .spine_oversubscription = line("spine_oversubscription")};
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
