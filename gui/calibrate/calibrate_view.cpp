#include "gui/calibrate/calibrate_view.hpp"

#include <exception>

#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QProcess>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

#include "gui/calibrate/residual_plot.hpp"
#include "gui/words.hpp"

namespace gui {

namespace {

QByteArray contents(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

CalibrateView::CalibrateView(const QString& program, QWidget* parent)
    : QWidget(parent), command_(program) {
  state_ = new QLabel(tr("Add measurements, or measure, then fit a profile to them."));
  state_->setWordWrap(true);
  state_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  progress_ = new QProgressBar;
  progress_->setAccessibleName(tr("Progress of the calibration"));
  progress_->setRange(0, 0);
  cancel_ = new QPushButton(tr("Cancel"));
  adopt_ = new QPushButton(tr("&Adopt the profile"));
  adopt_->setToolTip(tr("All views use it from now on, and so does the report"));
  save_ = new QPushButton(tr("&Save the profile…"));
  catalog_ = new QPushButton(tr("Use the catalog's"));
  table_ = new Table(tr("Errors of the fits"));
  plot_ = new ResidualPlot;
  auto* buttons = new QHBoxLayout;
  for (QWidget* widget :
       std::initializer_list<QWidget*>{adopt_, save_, catalog_, cancel_, progress_}) {
    buttons->addWidget(widget);
  }
  buttons->addStretch(1);
  auto* above = new QHBoxLayout;
  above->addWidget(make_fitting(), 1);
  above->addWidget(make_measuring(), 1);
  errors_ = new QSplitter(Qt::Horizontal);
  errors_->addWidget(table_);
  errors_->addWidget(plot_);
  errors_->setSizes({600, 600});
  errors_->hide();  // until there is a fit
  auto* layout = new QVBoxLayout(this);
  layout->addLayout(above, 2);
  layout->addWidget(state_);
  layout->addWidget(errors_, 3);
  layout->addLayout(buttons);
  connect(&command_, &Command::finished, this, &CalibrateView::fitted);
  connect(cancel_, &QPushButton::clicked, this, &CalibrateView::cancel);
  connect(adopt_, &QPushButton::clicked, this, [this] { emit adopted(profile_); });
  connect(save_, &QPushButton::clicked, this, [this] { emit save_wanted(profile_); });
  connect(catalog_, &QPushButton::clicked, this, [this] { emit adopted({}); });
  adopt_->setEnabled(false);
  save_->setEnabled(false);
  show_adopted({});
  busy(false);
}

void CalibrateView::add_line(QGridLayout& grid, const QString& name, const QString& label,
                             const QString& hint) {
  auto* line = new QLineEdit;
  line->setObjectName(name);
  line->setAccessibleName(label);
  line->setPlaceholderText(hint);
  auto* title = new QLabel(label);
  title->setBuddy(line);
  const int row = grid.rowCount();
  grid.addWidget(title, row, 0);
  grid.addWidget(line, row, 1, 1, 2);
}

QWidget* CalibrateView::make_fitting() {
  auto* page = new QWidget;
  auto* grid = new QGridLayout(page);
  grid->setContentsMargins(0, 0, 0, 0);
  list_ = new QListWidget;
  list_->setAccessibleName(tr("Measurements"));
  list_->setMinimumHeight(60);
  auto* add = new QPushButton(tr("A&dd files…"));
  auto* remove = new QPushButton(tr("Re&move"));
  fit_ = new QPushButton(tr("&Fit a profile"));
  grid->addWidget(new QLabel(tr("Measurements: records, nccl-tests output, tables")), 0, 0, 1, 3);
  grid->addWidget(list_, 1, 0, 1, 3);
  add_line(*grid, "accelerator", tr("Accelerator"), tr("as the files say"));
  add_line(*grid, "system", tr("Cluster"), tr("a fabric of the catalog, or as the files say"));
  const int row = grid->rowCount();
  grid->addWidget(add, row, 0);
  grid->addWidget(remove, row, 1);
  grid->addWidget(fit_, row, 2);
  connect(add, &QPushButton::clicked, this,
          [this] { add_files(QFileDialog::getOpenFileNames(this, tr("Add measurements"))); });
  connect(remove, &QPushButton::clicked, this, [this] {
    delete list_->takeItem(list_->currentRow());
    busy(false);
  });
  connect(fit_, &QPushButton::clicked, this, &CalibrateView::fit);
  return page;
}

QWidget* CalibrateView::make_measuring() {
  auto* page = new QWidget;
  auto* grid = new QGridLayout(page);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->addWidget(new QLabel(tr("Measure with gpuplan-runner")), 0, 0, 1, 3);
  add_line(*grid, "prefix", tr("Command before it"), tr("ssh gpu-node, srun -N 2 …; empty: here"));
  add_line(*grid, "runner", tr("Program"), "gpuplan-runner");
  add_line(*grid, "options", tr("Options"), "--quick --only gemm,attention");
  add_line(*grid, "records", tr("Records"), tr("a file that both machines see"));
  measure_ = new QPushButton(tr("&Measure"));
  log_ = new QPlainTextEdit;
  log_->setReadOnly(true);
  log_->setAccessibleName(tr("What the runner says"));
  log_->setTabChangesFocus(true);
  log_->setMaximumBlockCount(2000);
  log_->setMinimumHeight(40);
  const int row = grid->rowCount();
  grid->addWidget(log_, row, 0, 1, 3);
  grid->addWidget(measure_, row + 1, 0);
  connect(measure_, &QPushButton::clicked, this, &CalibrateView::measure);
  return page;
}

QLineEdit* CalibrateView::field(const QString& name) const {
  return findChild<QLineEdit*>(name);
}

QString CalibrateView::state() const {
  return state_->text();
}

QString CalibrateView::log() const {
  return log_->toPlainText();
}

void CalibrateView::add_files(const QStringList& files) {
  for (const QString& file : files) {
    if (list_->findItems(file, Qt::MatchExactly).isEmpty()) {
      list_->addItem(file);
    }
  }
  busy(!idle());
}

QStringList CalibrateView::files() const {
  QStringList all;
  for (int row = 0; row < list_->count(); ++row) {
    all << list_->item(row)->text();
  }
  return all;
}

void CalibrateView::busy(bool running) {
  progress_->setVisible(running);
  cancel_->setVisible(running);
  measure_->setEnabled(!running);
  fit_->setEnabled(!running && list_->count() > 0);
}

void CalibrateView::cancel() {
  command_.cancel();
  if (runner_) {
    runner_->cancel();
  }
}

void CalibrateView::measure() {
  if (!idle()) {
    return;
  }
  QStringList words = QProcess::splitCommand(field("prefix")->text());
  const QString program = field("runner")->text().trimmed();
  words << (program.isEmpty() ? Command::find_program("gpuplan-runner") : program);
  words += QProcess::splitCommand(field("options")->text());
  records_ = field("records")->text().trimmed();
  if (records_.isEmpty()) {
    records_ = folder_.filePath(QString("records-%1.jsonl").arg(list_->count() + 1));
  }
  words << "--out" << records_;
  log_->clear();
  state_->setText(tr("Measuring: %1").arg(words.join(' ')));
  constexpr int kDay = 86400;  // s; the runner ends by itself
  runner_ = std::make_unique<Command>(words.takeFirst(), Command::Limits{kDay, 5000});
  connect(runner_.get(), &Command::progress, this,
          [this](double, const QString& line) { log_->appendPlainText(line); });
  // The command's own signal must not destroy it.
  connect(runner_.get(), &Command::finished, this, &CalibrateView::measured, Qt::QueuedConnection);
  busy(true);
  runner_->start(words);
}

void CalibrateView::measured(const Answer& answer) {
  runner_.reset();
  busy(false);
  log_->appendPlainText(QString::fromUtf8(answer.output).trimmed());
  if (QFileInfo::exists(records_)) {
    add_files({records_});
    state_->setText(answer.good()
                        ? tr("Measured; the records are in the list.")
                        : tr("The runner ended early; what it measured is in the list. %1")
                              .arg(answer.complaint));
  } else {
    state_->setText(answer.good() ? tr("The records are on the machine that measured; copy %1 "
                                       "here and add it.")
                                        .arg(records_)
                    : answer.cancelled ? tr("Cancelled.")
                                       : answer.complaint);
  }
}

void CalibrateView::fit() {
  if (!idle() || list_->count() == 0) {
    return;
  }
  ++fits_;
  QStringList arguments{"calibrate"};
  arguments << files() << "--out" << folder_.filePath(QString("profile-%1.json").arg(fits_))
            << "--residuals" << folder_.filePath("residuals.csv") << "--json";
  for (const char* option : {"accelerator", "system"}) {
    if (const QString value = field(option)->text().trimmed(); !value.isEmpty()) {
      arguments << QString("--") + option << value;
    }
  }
  state_->setText(tr("Fitting…"));
  busy(true);
  command_.start(arguments);
}

void CalibrateView::fitted(const Answer& answer) {
  busy(false);
  if (!answer.good()) {
    state_->setText(answer.cancelled ? tr("Cancelled.") : answer.complaint);
    return;
  }
  try {
    Fit fit = read_fit(answer.output, contents(folder_.filePath("residuals.csv")));
    profile_ = folder_.filePath(QString("profile-%1.json").arg(fits_));
    for (const FitResidual& r : fit.residuals) {
      rows_.push_back({{tr("Fit %1").arg(fits_)},
                       {r.kind},
                       {{}, static_cast<double>(r.records)},
                       {{}, r.median},
                       {{}, r.p90},
                       {{}, r.most},
                       {{}, r.bias}});
    }
    table_->show_rows({{"fit", tr("Fit")},
                       {"kind", tr("Kind")},
                       {"records", tr("Records"), &count_text},
                       {"median_abs_error", tr("Median error"), &percent_text},
                       {"p90_abs_error", tr("90 % below"), &percent_text},
                       {"max_abs_error", tr("Largest"), &percent_text},
                       {"bias", tr("Bias"), &percent_text}},
                      rows_);
    plot_->show_points(std::move(fit.points));
    errors_->show();
    adopt_->setEnabled(true);
    save_->setEnabled(true);
    QString text = tr("Profile of %1: %2 free parameters, %3 outliers.")
                       .arg(fit.accelerator)
                       .arg(fit.free_parameters)
                       .arg(fit.outliers.size());
    if (!fit.transferred.isEmpty()) {
      text += " " + tr("Not measured, from the parent: %1.").arg(fit.transferred.join(", "));
    }
    state_->setText(text + (fit.warnings.isEmpty() ? "" : " " + fit.warnings.join(" ")));
    state_->setToolTip(fit.outliers.join('\n'));
  } catch (const std::exception& e) {
    state_->setText(QString::fromUtf8(e.what()));
  }
}

void CalibrateView::show_adopted(const QString& profile) {
  catalog_->setEnabled(!profile.isEmpty());
  catalog_->setToolTip(profile.isEmpty() ? tr("Simulations use the catalog's profiles")
                                         : tr("Simulations use %1").arg(profile));
}

}  // namespace gui
