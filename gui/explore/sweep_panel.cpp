#include "gui/explore/sweep_panel.hpp"

#include <algorithm>
#include <exception>

#include <QComboBox>
#include <QFile>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QScrollArea>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTableWidget>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "gui/explore/candidates_view.hpp"
#include "gui/export.hpp"
#include "gui/theme.hpp"
#include "gui/views/bar_list.hpp"

namespace gui {

namespace {

enum Sample { Grid, Alone, Random, Sobol };

constexpr auto kMetrics = {
    "step_time_s",       "mfu",     "tokens_per_s", "memory_bytes",
    "energy_j_per_step", "power_w", "bubble_s",     "exposed_communication_s"};

/// Bounds of the step and figures that follow from others: in the CSV of gpuplan export.
bool is_shown(const QString& figure) {
  static const QStringList kHidden{"step_time_low_s", "step_time_high_s", "hfu",
                                   "tokens_per_s_per_gpu"};
  return !kHidden.contains(figure);
}

/// "job.yaml:3:4: layout.tp: what is wrong" without the file, which is known here.
QString without_place(const QString& message, const QString& path) {
  static const QRegularExpression place(R"(^(:\d+)*:\s*)");
  return message.startsWith(path) ? message.mid(path.size()).remove(place) : message;
}

QString last_part(const QString& path) {
  return path.section('.', -1).replace('_', ' ');
}

}  // namespace

SweepPanel::SweepPanel(const QString& program, QWidget* parent)
    : QWidget(parent), command_(program) {
  candidates_ = new CandidatesView(
      tr("points"),
      tr("Add values with the button ⇄ beside a field of the form, or here, and run."));
  tornado_ = new BarList(tr("What moves the figure"));
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidget(tornado_);
  stack_ = new QStackedWidget;
  stack_->addWidget(candidates_);
  stack_->addWidget(scroll);
  state_ = new QLabel;
  state_->setWordWrap(true);
  state_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(make_controls());
  layout->addWidget(state_);
  layout->addWidget(stack_, 1);
  connect(&command_, &Command::progress, this, [this](double share, const QString& line) {
    progress_->setRange(0, share < 0 ? 0 : 100);
    progress_->setValue(static_cast<int>(100 * share));
    state_->setText(line);
  });
  connect(&command_, &Command::finished, this, &SweepPanel::answered);
  connect(candidates_, &CandidatesView::taken, this,
          [this](const QString& name, const std::vector<Setting>& settings) {
            emit taken(swept_, name, settings);
          });
}

QWidget* SweepPanel::make_controls() {
  axes_ = new QTableWidget(0, 2);
  axes_->setHorizontalHeaderLabels({tr("Value"), tr("Tried: a list or a range")});
  axes_->setAccessibleName(tr("Values to vary"));
  axes_->setTabKeyNavigation(false);
  axes_->verticalHeader()->hide();
  axes_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
  axes_->horizontalHeader()->setStretchLastSection(true);
  axes_->setColumnWidth(0, 230);
  axes_->setMaximumHeight(fontMetrics().height() * 7);
  axes_->setSelectionBehavior(QAbstractItemView::SelectRows);
  auto* add = new QPushButton(tr("&Add value"));
  auto* remove = new QPushButton(tr("Re&move"));
  sample_ = new QComboBox;
  sample_->addItems({tr("every combination"), tr("each alone (tornado)"), tr("random points"),
                     tr("Sobol points")});
  sample_->setAccessibleName(tr("Which points"));
  metric_ = new QComboBox;
  for (const char* metric : kMetrics) {
    metric_->addItem(words_of_figure(metric).title, QString(metric));
  }
  metric_->setAccessibleName(tr("Figure of the tornado"));
  metric_->hide();
  points_ = new QSpinBox;
  points_->setRange(2, 1000000);
  points_->setValue(200);
  points_->setAccessibleName(tr("Number of points"));
  points_->hide();
  run_ = new QPushButton(tr("&Run sweep"));
  cancel_ = new QPushButton(tr("Cancel"));
  progress_ = new QProgressBar;
  progress_->setAccessibleName(tr("Progress of the sweep"));
  progress_->setMaximumHeight(fontMetrics().height() + 6);
  cancel_->hide();
  progress_->hide();
  auto* controls = new QWidget;
  auto* grid = new QGridLayout(controls);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->addWidget(axes_, 0, 0, 5, 1);
  grid->addWidget(add, 0, 1);
  grid->addWidget(remove, 0, 2);
  grid->addWidget(sample_, 1, 1, 1, 2);
  grid->addWidget(metric_, 2, 1, 1, 2);
  grid->addWidget(points_, 2, 1, 1, 2);
  grid->addWidget(run_, 3, 1);
  grid->addWidget(cancel_, 3, 2);
  grid->addWidget(progress_, 4, 1, 1, 2);
  grid->setColumnStretch(0, 1);
  connect(add, &QPushButton::clicked, this, [this] {
    add_axis("training.micro_batch", {});
    axes_->editItem(axes_->item(axes_->rowCount() - 1, 0));
  });
  connect(remove, &QPushButton::clicked, this, [this] { axes_->removeRow(axes_->currentRow()); });
  connect(sample_, &QComboBox::currentIndexChanged, this, [this](int sample) {
    metric_->setVisible(sample == Alone);
    points_->setVisible(sample == Random || sample == Sobol);
  });
  connect(run_, &QPushButton::clicked, this, &SweepPanel::run);
  connect(cancel_, &QPushButton::clicked, this, &SweepPanel::cancel);
  return controls;
}

void SweepPanel::show_scenario(const Subject& subject) {
  subject_ = subject;
  run_->setEnabled(!subject.empty() && !running_);
}

void SweepPanel::add_axis(const QString& path, const QString& value) {
  for (int row = 0; row < axes_->rowCount(); ++row) {
    if (axes_->item(row, 0)->text() == path) {
      axes_->setCurrentCell(row, 1);
      return;
    }
  }
  const QStringList tried = multiples(value, {0.5, 1.0, 2.0, 4.0});
  const int row = axes_->rowCount();
  axes_->insertRow(row);
  axes_->setItem(row, 0, new QTableWidgetItem(path));
  axes_->setItem(row, 1,
                 new QTableWidgetItem("[" + (tried.isEmpty() ? value : tried.join(", ")) + "]"));
  axes_->setCurrentCell(row, 1);
}

std::vector<SweepAxis> SweepPanel::axes() const {
  std::vector<SweepAxis> list;
  for (int row = 0; row < axes_->rowCount(); ++row) {
    list.push_back({axes_->item(row, 0)->text().trimmed(), axes_->item(row, 1)->text().trimmed()});
  }
  return list;
}

QString SweepPanel::sample() const {
  switch (sample_->currentIndex()) {
    case Alone:
      return "tornado";
    case Random:
      return QString("{random: %1}").arg(points_->value());
    case Sobol:
      return QString("{sobol: %1}").arg(points_->value());
    default:
      return "grid";
  }
}

void SweepPanel::set_tornado(const QString& metric) {
  sample_->setCurrentIndex(Alone);
  metric_->setCurrentIndex(metric_->findData(metric));
}

QString SweepPanel::state() const {
  return state_->text();
}

void SweepPanel::run() {
  run_sample(sample());
}

void SweepPanel::run_sample(const QString& sample) {
  if (running_ || subject_.empty()) {
    return;
  }
  if (axes_->rowCount() == 0) {
    return end(tr("Nothing varies yet: add a value with the button ⇄ beside a field of the form."));
  }
  swept_ = subject_;
  files_ = std::make_unique<QTemporaryDir>();
  try {
    export_text(sweep_text(swept_.path, axes(), sample), files_->filePath("sweep.yaml"));
  } catch (const std::exception& e) {
    return end(QString::fromUtf8(e.what()));
  }
  running_ = true;
  run_->setEnabled(false);
  cancel_->show();
  progress_->setRange(0, 0);
  progress_->show();
  state_->setText(tr("The sweep runs…"));
  next(Step::Sweep);
}

void SweepPanel::cancel() {
  command_.cancel();
}

void SweepPanel::next(Step step) {
  step_ = step;
  const QString store = files_->filePath("store.sqlite");
  switch (step) {
    case Step::Sweep:
      return command_.start(QStringList{"sweep", files_->filePath("sweep.yaml"), "--store", store,
                                        "--stdin", "--json"} +
                                swept_.profile_words(),
                            swept_.text.toUtf8());
    case Step::Export:
      return command_.start({"export", store, "--format", "json"});
    case Step::Sensitivity:
      return command_.start(
          {"sensitivity", store, "--metric", metric_->currentData().toString(), "--json"});
  }
}

void SweepPanel::answered(const Answer& answer) {
  // A cancelled sweep keeps the points that it has.
  const bool some =
      step_ == Step::Sweep && answer.cancelled && QFile::exists(files_->filePath("store.sqlite"));
  if (!answer.good() && !some) {
    return end(answer.cancelled ? tr("Cancelled.") : answer.complaint);
  }
  try {
    if (step_ == Step::Sweep) {
      summary_ = some ? tr("Cancelled; what is done is shown.") : QString();
      next(Step::Export);
    } else if (step_ == Step::Export) {
      show_points(read_sweep(answer.output));
      sample_->currentIndex() == Alone&& summary_.isEmpty() ? next(Step::Sensitivity)
                                                            : end(summary_);
    } else {
      show_tornado(read_tornado(answer.output));
      end({});
    }
  } catch (const std::exception& e) {
    end(QString::fromUtf8(e.what()));
  }
}

void SweepPanel::end(const QString& sentence) {
  running_ = false;
  run_->setEnabled(!subject_.empty());
  cancel_->hide();
  progress_->hide();
  if (!sentence.isEmpty()) {
    state_->setText(sentence);
  }
}

void SweepPanel::show_points(const SweepResult& sweep) {
  std::vector<Column> columns;
  for (const QString& axis : sweep.axes) {
    columns.push_back({axis, last_part(axis)});
  }
  std::vector<std::size_t> shown;
  for (std::size_t f = 0; f < sweep.figures.size(); ++f) {
    const FigureWords words = words_of_figure(sweep.figures[f]);
    if (is_shown(sweep.figures[f])) {
      columns.push_back({sweep.figures[f], words.title, words.text});
      shown.push_back(f);
    }
  }
  columns.push_back({"status", tr("State")});
  std::vector<std::vector<Cell>> rows;
  std::vector<Candidate> candidates;
  int fit = 0;
  for (const SweepPoint& point : sweep.points) {
    std::vector<Cell> row;
    QStringList name;
    for (const Setting& setting : point.settings) {
      row.push_back({setting.value.isNull() ? tr("as it is") : setting.value});
      if (!setting.value.isNull()) {
        name << last_part(setting.key) + " " + setting.value;
      }
    }
    const bool good = point.status == "ok";
    fit += good ? 1 : 0;
    for (const std::size_t f : shown) {
      row.push_back(point.figures.empty() ? Cell{} : Cell{{}, point.figures[f]});
    }
    row.push_back({good ? tr("fits") : without_place(point.message, swept_.path)});
    rows.push_back(std::move(row));
    std::vector<Setting> settings;
    bool follows = false;
    for (const Setting& setting : point.settings) {
      if (!setting.value.isNull()) {
        settings.push_back(setting);
        follows = follows || changes_data_parallel(setting.key);
      }
    }
    if (follows) {
      settings.insert(settings.begin(), {"layout.dp", {}});
    }
    candidates.push_back({name.join(", "), std::move(settings), good, !point.figures.empty()});
  }
  state_->setText(tr("%1 points, %2 fit. Drag a frame in the chart to pick; Enter or the button "
                     "makes variants of them.")
                      .arg(sweep.points.size())
                      .arg(fit));
  summary_ = summary_.isEmpty() ? summary_ : summary_ + " " + state_->text();
  candidates_->show_candidates(std::move(columns), std::move(rows), std::move(candidates),
                               "step_time_s", "memory_bytes");
  stack_->setCurrentIndex(0);
}

void SweepPanel::show_tornado(const Tornado& tornado) {
  const FigureWords words = words_of_figure(tornado.metric);
  double least = tornado.base;
  double most = tornado.base;
  for (const TornadoBar& bar : tornado.bars) {
    for (const auto& value : {bar.low, bar.high}) {
      least = std::min(least, value.value_or(tornado.base));
      most = std::max(most, value.value_or(tornado.base));
    }
  }
  const double margin = 0.03 * (most - least);
  const auto shown = [&](const std::optional<double>& value) {
    return value ? words.text(*value) : tr("no result");
  };
  std::vector<Bar> bars;
  for (const TornadoBar& bar : tornado.bars) {
    bars.push_back({bar.axis, bar.low.value_or(tornado.base) - least + margin,
                    bar.high.value_or(tornado.base) - least + margin,
                    QString("%1: %2   %3: %4")
                        .arg(bar.low_setting, shown(bar.low), bar.high_setting, shown(bar.high)),
                    palette().color(QPalette::Highlight)});
  }
  tornado_->show_bars(std::move(bars), most - least + 2 * margin, tornado.base - least + margin);
  state_->setText(tr("%1 is %2 as the scenario stands (the red line); each bar is one value alone, "
                     "from its first to its last.")
                      .arg(words.title, words.text(tornado.base)));
  stack_->setCurrentIndex(1);
}

}  // namespace gui
