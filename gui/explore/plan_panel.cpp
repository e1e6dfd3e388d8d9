#include "gui/explore/plan_panel.hpp"

#include <exception>

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include "gui/explore/candidates_view.hpp"
#include "gui/explore/plan_answer.hpp"
#include "scenarios/edit_yaml.hpp"

namespace gui {

PlanPanel::PlanPanel(const QString& program, QWidget* parent) : QWidget(parent), command_(program) {
  auto* grid = new QGridLayout;
  add_field(*grid, "run.tokens", tr("Tokens to train on"), "15e12", false);
  add_field(*grid, "limits.deadline", tr("Deadline"), "60 days", false);
  add_field(*grid, "limits.budget", tr("Budget"), "150e6 USD", false);
  add_field(*grid, "limits.power", tr("Power at the meter"), "20 MW", false);
  add_field(*grid, "plan.fabrics", tr("Clusters to choose from"),
            "superpod-h100, superpod-h200, superpod-b200", true);
  add_field(*grid, "plan.gpus", tr("Sizes to choose from"), tr("what could meet the deadline"),
            true);
  add_field(*grid, "plan.terms", tr("Ways to pay"), "on-premises, reserved", true);
  goal_ = new QComboBox;
  goal_->addItem(tr("least money"), "money");
  goal_->addItem(tr("least time"), "time");
  goal_->addItem(tr("least power"), "power");
  goal_->addItem(tr("least carbon"), "carbon");
  goal_->addItem(tr("fewest accelerators"), "accelerators");
  goal_->setAccessibleName(tr("Goal of the plan"));
  auto* goal_label = new QLabel(tr("Goal"));
  goal_label->setBuddy(goal_);
  grid->addWidget(goal_label, 3, 2);
  grid->addWidget(goal_, 3, 3);
  layouts_button_ = new QPushButton(tr("Find &layouts"));
  layouts_button_->setToolTip(tr("The best parallel layouts on the cluster of the scenario"));
  plans_button_ = new QPushButton(tr("Find &plans"));
  plans_button_->setToolTip(tr("The best cluster, size, layout and purchase under the limits"));
  cancel_ = new QPushButton(tr("Cancel"));
  progress_ = new QProgressBar;
  progress_->setAccessibleName(tr("Progress of the search"));
  state_ = new QLabel(tr("Empty fields keep what the scenario says, or set no limit."));
  state_->setWordWrap(true);
  state_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* row = new QHBoxLayout;
  row->addWidget(plans_button_);
  row->addWidget(layouts_button_);
  row->addWidget(cancel_);
  row->addWidget(progress_);
  row->addStretch(1);
  candidates_ = new CandidatesView(tr("plans"), tr("Find plans or layouts to see them here."));
  auto* layout = new QVBoxLayout(this);
  layout->addLayout(grid);
  layout->addLayout(row);
  layout->addWidget(state_);
  layout->addWidget(candidates_, 1);
  cancel_->hide();
  progress_->hide();
  connect(layouts_button_, &QPushButton::clicked, this, &PlanPanel::find_layouts);
  connect(plans_button_, &QPushButton::clicked, this, &PlanPanel::find_plans);
  connect(cancel_, &QPushButton::clicked, this, &PlanPanel::cancel);
  connect(&command_, &Command::finished, this, &PlanPanel::answered);
  connect(&command_, &Command::progress, this, [this](double share, const QString& line) {
    progress_->setRange(0, share < 0 ? 0 : 100);
    progress_->setValue(static_cast<int>(100 * share));
    state_->setText(line);
  });
  connect(candidates_, &CandidatesView::taken, this,
          [this](const QString& name, const std::vector<Setting>& settings) {
            std::vector<Setting> all = asked_;
            all.insert(all.end(), settings.begin(), settings.end());
            emit taken(searched_, name, all);
          });
}

void PlanPanel::add_field(QGridLayout& grid, const QString& key, const QString& label,
                          const QString& hint, bool list) {
  Field field{key, new QLineEdit, list, {}};
  field.line->setObjectName(key);
  field.line->setAccessibleName(label);
  field.line->setToolTip(tr("%1, for instance %2").arg(key, hint));
  field.hint = tr("for instance %1").arg(hint);
  field.line->setPlaceholderText(field.hint);
  auto* title = new QLabel(label);
  title->setBuddy(field.line);
  const int index = static_cast<int>(fields_.size());
  const int column = index < 4 ? 0 : 2;
  grid.addWidget(title, index % 4, column);
  grid.addWidget(field.line, index % 4, column + 1);
  connect(field.line, &QLineEdit::returnPressed, this, &PlanPanel::find_plans);
  fields_.push_back(field);
}

QLineEdit* PlanPanel::field(const QString& key) const {
  for (const Field& field : fields_) {
    if (field.key == key) {
      return field.line;
    }
  }
  return nullptr;
}

QString PlanPanel::state() const {
  return state_->text();
}

void PlanPanel::show_scenario(const Subject& subject) {
  subject_ = subject;
  layouts_button_->setEnabled(!subject.empty());
  plans_button_->setEnabled(!subject.empty());
  for (const Field& field : fields_) {
    try {
      const auto value =
          scenarios::value_in_text(subject.text.toStdString(), field.key.toStdString());
      field.line->setPlaceholderText(value ? QString::fromStdString(*value) : field.hint);
    } catch (const std::exception&) {  // half-typed YAML: the status bar says where
      return;
    }
  }
}

std::vector<Setting> PlanPanel::settings() const {
  std::vector<Setting> all;
  for (const Field& field : fields_) {
    const QString value = field.line->text().trimmed();
    if (!value.isEmpty()) {
      all.push_back({field.key, field.list && !value.startsWith('[') ? "[" + value + "]" : value});
    }
  }
  return all;
}

void PlanPanel::start(const QStringList& arguments) {
  if (command_.running() || subject_.empty()) {
    return;
  }
  searched_ = subject_;
  asked_.clear();
  QStringList all = searched_.command(arguments[0]) + arguments.mid(1);
  if (plans_) {
    for (const Setting& setting : settings()) {
      all << "--set" << setting.key + "=" + setting.value;
      if (!setting.key.startsWith("plan.")) {  // a variant has one cluster, not a choice of them
        asked_.push_back(setting);
      }
    }
  }
  layouts_button_->setEnabled(false);
  plans_button_->setEnabled(false);
  cancel_->show();
  progress_->setRange(0, 0);
  progress_->show();
  state_->setText(tr("Searching…"));
  command_.start(all, searched_.text.toUtf8());
}

void PlanPanel::find_layouts() {
  if (idle()) {
    plans_ = false;
    start({"search", "--top", "20"});
  }
}

void PlanPanel::find_plans() {
  if (idle()) {
    plans_ = true;
    start({"plan", "--goal", goal_->currentData().toString()});
  }
}

void PlanPanel::cancel() {
  command_.cancel();
}

void PlanPanel::answered(const Answer& answer) {
  layouts_button_->setEnabled(true);
  plans_button_->setEnabled(true);
  cancel_->hide();
  progress_->hide();
  if (!answer.good()) {
    state_->setText(answer.cancelled ? tr("Cancelled.") : answer.complaint);
    return;
  }
  try {
    Found found = plans_ ? read_plans(answer.output) : read_layouts(answer.output);
    state_->setText(found.summary);
    candidates_->show_candidates(std::move(found.columns), std::move(found.rows),
                                 std::move(found.candidates), found.x, found.y);
  } catch (const std::exception& e) {
    state_->setText(QString::fromUtf8(e.what()));
  }
}

}  // namespace gui
