#include "gui/run/run_view.hpp"

#include <algorithm>
#include <exception>

#include <QFile>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QTabWidget>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "gui/theme.hpp"
#include "gui/views/bar_list.hpp"
#include "gui/views/card.hpp"
#include "gui/views/chart.hpp"
#include "gui/views/table.hpp"
#include "gui/words.hpp"
#include "scenarios/edit_yaml.hpp"

namespace gui {

namespace {

constexpr int kPause = 400;        ///< ms after the last edit
constexpr double kMegawatt = 1e6;  // W
constexpr double kShown = 1e-5;    ///< parts of the run below are left out of its bars

/// The file of `gpuplan simulate --power-trace`: time_s,power_w.
std::vector<std::pair<double, double>> read_power(const QString& path) {
  std::vector<std::pair<double, double>> points;
  QFile file(path);
  if (file.open(QIODevice::ReadOnly)) {
    file.readLine();
    while (!file.atEnd()) {
      const QList<QByteArray> cells = file.readLine().trimmed().split(',');
      if (cells.size() == 2) {
        points.emplace_back(cells[0].toDouble(), cells[1].toDouble());
      }
    }
  }
  return points;
}

/// What the buyer pays: for the cluster and the data where it is owned, else for the run.
std::optional<double> paid(const WholeRun& r) {
  const bool owned = r.cluster_usd && *r.cluster_usd > 0;
  return owned ? std::optional(*r.cluster_usd + r.data_usd) : r.run_usd;
}

QScrollArea* scrolling(QWidget* widget) {
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidget(widget);
  return scroll;
}

}  // namespace

RunView::RunView(const QString& program, QWidget* parent) : QWidget(parent), command_(program) {
  state_ = new QLabel;
  state_->setWordWrap(true);
  state_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  tokens_ = new QLineEdit;
  tokens_->setAccessibleName(tr("Tokens to train on"));
  tokens_->setPlaceholderText("15e12");
  tokens_->setMaximumWidth(fontMetrics().horizontalAdvance("0") * 16);
  auto* label = new QLabel(tr("To&kens to train on"));
  label->setBuddy(tokens_);
  auto* row = new QHBoxLayout;
  row->addWidget(label);
  row->addWidget(tokens_);
  row->addWidget(state_, 1);
  auto* cards = new QGridLayout;
  make_cards(*cards);
  time_ = new BarList(tr("Where the time of the run goes"));
  bill_ = new BarList(tr("What it costs"));
  cost_table_ = new Table(tr("Lines of the cost"));
  failures_ = new Table(tr("Failures"));
  input_ = new Table(tr("Data and phases of the run"));
  power_plot_ = new QCustomPlot;
  power_plot_->setAccessibleName(tr("Power along a step"));
  power_note_ = new QLabel;
  power_note_->setWordWrap(true);
  auto* power = new QWidget;
  auto* power_layout = new QVBoxLayout(power);
  power_layout->addWidget(power_plot_, 1);
  power_layout->addWidget(power_note_);
  tabs_ = new QTabWidget;
  tabs_->setDocumentMode(true);
  tabs_->addTab(scrolling(time_), tr("Time"));
  tabs_->addTab(scrolling(bill_), tr("Cost"));
  tabs_->addTab(cost_table_, tr("Cost lines"));
  tabs_->addTab(failures_, tr("Failures"));
  tabs_->addTab(power, tr("Power of a step"));
  tabs_->setTabVisible(tabs_->addTab(input_, tr("Data")), false);
  auto* layout = new QVBoxLayout(this);
  layout->addLayout(row);
  layout->addLayout(cards);
  layout->addWidget(tabs_, 1);
  for (BarList* bars : {time_, bill_}) {
    connect(bars, &BarList::asked, this,
            [this](const Bar& bar) { ask(bar.figure, bar.label.trimmed() + " " + bar.text, {}); });
  }
  cost_table_->set_askable();
  failures_->set_askable();
  connect(cost_table_, &Table::asked, this, [this](int at) {
    if (!run_) {
      return;
    }
    const CostLine& line = run_->cost.at(static_cast<std::size_t>(at));
    const QString basis = line.quantity && line.unit_price_usd
                              ? tr("%1 %2 at %3; %4")
                                    .arg(count_text(*line.quantity), line.unit,
                                         money_text(*line.unit_price_usd), line.origin)
                              : QString();
    ask(line.figure, line.what + " " + money_text(line.usd), basis);
  });
  connect(failures_, &Table::asked, this, [this](int at) {
    if (!run_) {
      return;
    }
    const Failure& f = run_->failures.at(static_cast<std::size_t>(at));
    ask("failures." + f.component,
        tr("%1: %2 per day in the job").arg(f.component, QString::number(f.per_day, 'g', 3)),
        tr("%1 pieces, %2 per piece and year; %3")
            .arg(count_text(f.units), QString::number(f.per_unit_year, 'g', 3), f.source));
  });
  pause_.setSingleShot(true);
  pause_.setInterval(kPause);
  connect(&pause_, &QTimer::timeout, this, &RunView::start);
  connect(&command_, &Command::finished, this, &RunView::answered);
  connect(tokens_, &QLineEdit::editingFinished, this, [this] {
    if (tokens_->isModified()) {
      tokens_->setModified(false);
      emit edited("run.tokens", tokens_->text().trimmed());
    }
  });
}

void RunView::make_cards(QGridLayout& grid) {
  finish_ = new Card(tr("Finish"), Better::Lower);
  cost_ = new Card(tr("Cost"), Better::Lower);
  rate_ = new Card(tr("Price per hour"), Better::Lower);
  power_ = new Card(tr("Power of the site"), Better::Lower);
  goodput_ = new Card(tr("Goodput"), Better::Higher);
  interruptions_ = new Card(tr("Interruptions"), Better::Lower);
  energy_ = new Card(tr("Energy at the meter"), Better::Lower);
  carbon_ = new Card(tr("Carbon"), Better::Lower);
  int i = 0;
  cards_ = {{"days_p50", finish_},    {"cost_run", cost_},   {"usd_per_hour", rate_},
            {"site_power_w", power_}, {"ettr", goodput_},    {"interruptions", interruptions_},
            {"energy_j", energy_},    {"carbon_kg", carbon_}};
  for (const auto& [figure, card] : cards_) {
    card->set_figure(figure);
    connect(card, &Card::asked, this, &RunView::ask_card);
  }
  for (Card* card : {finish_, cost_, rate_, power_, goodput_, interruptions_, energy_, carbon_}) {
    grid.addWidget(card, i / 4, i % 4);
    grid.setColumnStretch(i % 4, 1);
    ++i;
  }
}

Card* RunView::card(const QString& figure) const {
  const auto found = cards_.find(figure);
  return found == cards_.end() ? nullptr : found->second;
}

void RunView::ask_card(const QString& figure) {
  const Card& shown = *cards_.at(figure);
  const bool owned = run_ && run_->cluster_usd && *run_->cluster_usd > 0;
  const QString note = shown.accessibleDescription();
  ask(figure == "cost_run" && owned ? "cost_cluster" : figure,
      shown.accessibleName() + (note.isEmpty() ? "" : ", " + note), {});
}

void RunView::ask(const QString& figure, const QString& shown, const QString& row) {
  if (run_) {
    if (const auto source = scenarios::source_of(run_->sources, figure.toStdString())) {
      emit asked({*source, shown, row});
    }
  }
}

const WholeRun* RunView::baseline() const {
  return baseline_run_ && !baseline_.empty() && baseline_done_ == baseline_ ? &*baseline_run_
                                                                            : nullptr;
}

void RunView::start_baseline() {
  if (!baseline_.empty() && baseline_done_ != baseline_ && !command_.running()) {
    running_ = baseline_;
    command_.start(running_.command("run"), running_.text.toUtf8());
  }
}

void RunView::show_scenario(const Subject& subject, bool valid, const Subject& baseline) {
  subject_ = subject;
  valid_ = valid;
  baseline_ = baseline;
  if (!tokens_->hasFocus()) {
    try {
      const auto tokens = scenarios::value_in_text(subject.text.toStdString(), "run.tokens");
      tokens_->setText(tokens ? QString::fromStdString(*tokens) : QString());
    } catch (const std::exception&) {  // half-typed YAML: the status bar says where
    }
  }
  if (done_ != subject_) {
    if (run_) {
      say(tr("Out of date: the figures are of an earlier text."));
    }
    if (isVisible()) {
      pause_.start();
    }
  }
}

void RunView::show_flow(std::shared_ptr<const Result> result) {
  if (result != flow_) {
    flow_ = std::move(result);
    draw_power();
  }
}

void RunView::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (done_ != subject_) {
    start();
  }
}

QString RunView::state() const {
  return state_->text();
}

QString RunView::csv() const {
  Table* shown = qobject_cast<Table*>(tabs_->currentWidget());
  return (shown != nullptr ? shown : cost_table_)->model().csv();
}

void RunView::say(const QString& sentence) {
  state_->setText(sentence);
}

void RunView::start() {
  if (!valid_ || subject_.empty()) {
    return;
  }
  if (command_.running()) {
    command_.cancel();
    pause_.start();
    return;
  }
  running_ = subject_;
  command_.start(running_.command("run"), running_.text.toUtf8());
}

void RunView::answered(const Answer& answer) {
  if (answer.cancelled) {
    return;
  }
  if (running_ == baseline_ && running_ != subject_) {
    baseline_done_ = running_;
    baseline_run_.reset();
    try {
      if (answer.good()) {
        baseline_run_ = read_run(answer.output);
      }
    } catch (const std::exception&) {  // its own page says so
    }
    return run_ ? show_changes() : void();
  }
  done_ = running_;
  if (!answer.good()) {
    run_.reset();
    return say(answer.complaint.contains("run.tokens")
                   ? tr("How long the run is, is not said yet: type the tokens on the left.")
                   : answer.complaint);
  }
  try {
    run_ = read_run(answer.output);
    show_run();
    start_baseline();
  } catch (const std::exception& e) {
    say(QString::fromUtf8(e.what()));
  }
}

void RunView::show_run() {
  const WholeRun& r = *run_;
  QStringList remarks = r.missed_limits;
  if (r.unfinished > 0) {
    remarks << tr("%1 of %2 courses do not end.").arg(r.unfinished).arg(r.courses);
  }
  remarks += r.warnings;
  say(remarks.isEmpty()
          ? tr("%1 steps, %2 courses drawn, PUE %3, a checkpoint every %4.")
                .arg(count_text(r.steps), count_text(r.courses), QString::number(r.pue, 'f', 2),
                     time_text(r.checkpoint_interval_s))
          : remarks.join(" "));
  show_cards();
  show_bars();
  show_tables();
  show_input();
  draw_power();
}

void RunView::show_cards() {
  const WholeRun& r = *run_;
  constexpr double kDay = 86400.0;
  finish_->show_value(days_text(kDay * r.days_p50.value_or(r.days)),
                      r.days_p5 && r.days_p95 ? tr("%1 to %2 (P5, P95)")
                                                    .arg(QString::number(*r.days_p5, 'f', 1),
                                                         days_text(kDay * *r.days_p95))
                                              : QString(),
                      !r.missed_limits.isEmpty());
  const auto money = [](std::optional<double> usd) {
    return usd ? money_text(*usd) : tr("unknown");
  };
  const bool owned = r.cluster_usd && *r.cluster_usd > 0;
  cost_->show_value(money(paid(r)),
                    owned && r.data_usd > 0
                        ? tr("owned, data %1, run %2").arg(money_text(r.data_usd), money(r.run_usd))
                    : owned     ? tr("owned, run %1").arg(money(r.run_usd))
                    : r.run_usd ? tr("of the run")
                                : tr("add purchase: {terms: ...}"));
  rate_->show_value(money(r.usd_per_hour), tr("while the job runs"));
  power_->show_value(power_text(r.site_power_w),
                     tr("name plates; %1 drawn").arg(power_text(r.power_w)));
  goodput_->show_value(percent_text(r.ettr),
                       tr("%1 tokens per second").arg(count_text(r.goodput_tokens_per_s)));
  interruptions_->show_value(QString::number(r.interruptions, 'f', 0),
                             tr("%1 spare nodes").arg(r.spare_nodes));
  energy_->show_value(
      energy_text(r.meter_energy_j),
      tr("%1 per token").arg(energy_text(r.meter_energy_j / std::max(r.tokens, 1.0))));
  constexpr double kTonne = 1000.0;  // kg
  carbon_->show_value(tr("%1 t CO2e").arg(count_text(std::round(r.carbon_kg / kTonne))),
                      tr("of the electricity"));
  if (r.days_p5 && r.days_p95) {
    finish_->show_range(r.days_p50.value_or(r.days), Range{*r.days_p5, *r.days_p95});
  }
  show_changes();
}

void RunView::show_changes() {
  const WholeRun* before = baseline();
  const auto change = [&](Card* card, auto figure) {
    const std::optional<double> now = figure(*run_);
    const std::optional<double> old = before == nullptr ? std::nullopt : figure(*before);
    card->show_change(now && old && *old != 0 ? std::optional(*now / *old - 1) : std::nullopt);
  };
  using Maybe = std::optional<double>;
  change(finish_, [](const WholeRun& r) -> Maybe { return r.days_p50.value_or(r.days); });
  change(cost_, &paid);
  change(rate_, [](const WholeRun& r) -> Maybe { return r.usd_per_hour; });
  change(power_, [](const WholeRun& r) -> Maybe { return r.site_power_w; });
  change(goodput_, [](const WholeRun& r) -> Maybe { return r.ettr; });
  change(interruptions_, [](const WholeRun& r) -> Maybe { return r.interruptions; });
  change(energy_, [](const WholeRun& r) -> Maybe { return r.meter_energy_j; });
  change(carbon_, [](const WholeRun& r) -> Maybe { return r.carbon_kg; });
}

void RunView::show_bars() {
  const WholeRun& r = *run_;
  double whole = 0;
  for (const NamedValue& part : r.time) {
    whole += part.value;
  }
  std::vector<Bar> bars;
  for (const NamedValue& part : r.time) {
    if (part.value > kShown * whole) {
      bars.push_back({part_name(part.name), 0, part.value,
                      days_text(part.value) + "  " + percent_text(part.value / whole),
                      part_colour(part.name), "time_s." + part.name});
    }
  }
  time_->show_bars(std::move(bars), whole);
  bars = {};
  double most = 0;
  for (const CostLine& line : r.cost) {
    most = std::max(most, line.depth <= 1 ? std::abs(line.usd) : 0.0);
  }
  for (const CostLine& line : r.cost) {
    if (line.depth <= 1) {
      const QColor colour = line.depth == 0 ? palette().color(QPalette::Highlight)
                            : line.usd < 0  ? good_colour(palette())
                                            : part_colour("gemm");
      bars.push_back({line.depth == 0 ? line.what : "   " + line.what, 0, std::abs(line.usd),
                      money_text(line.usd), colour, line.figure});
    }
  }
  bill_->show_bars(std::move(bars), most);
}

void RunView::show_tables() {
  std::vector<std::vector<Cell>> rows;
  for (const CostLine& line : run_->cost) {
    rows.push_back({{QString(4 * line.depth, ' ') + line.what},
                    {{}, line.usd},
                    line.quantity ? Cell{{}, *line.quantity} : Cell{},
                    {line.unit},
                    line.unit_price_usd ? Cell{{}, *line.unit_price_usd} : Cell{},
                    {line.origin}});
  }
  cost_table_->show_rows({{"what", tr("What")},
                          {"usd", tr("Cost"), &money_text},
                          {"quantity", tr("Quantity"), &count_text},
                          {"unit", tr("Unit")},
                          {"unit_price_usd", tr("Price of one"), &money_text},
                          {"source", tr("Source")}},
                         std::move(rows));
  rows = {};
  for (const Failure& f : run_->failures) {
    rows.push_back({{f.component},
                    {f.effect},
                    {{}, f.units},
                    {{}, f.per_unit_year},
                    {{}, f.per_day},
                    {f.source}});
  }
  const auto rate = [](double value) { return QString::number(value, 'g', 3); };
  failures_->show_rows({{"component", tr("Component")},
                        {"effect", tr("What it does")},
                        {"units", tr("Pieces"), &count_text},
                        {"per_unit_year", tr("Per piece and year"), +rate},
                        {"per_day", tr("Per day in the job"), +rate},
                        {"source", tr("Source")}},
                       std::move(rows));
}

void RunView::show_input() {
  std::vector<std::vector<Cell>> rows;
  for (const InputFact& fact : run_->input) {
    rows.push_back({{fact.what}, {fact.is}});
  }
  tabs_->setTabVisible(tabs_->indexOf(input_), !rows.empty());
  input_->show_rows({{"what", tr("What")}, {"is", tr("What gpuplan says of it")}}, std::move(rows));
}

void RunView::draw_power() {
  power_plot_->clearPlottables();
  dress(*power_plot_, *this);
  std::vector<std::pair<double, double>> points;
  const bool simulated = flow_ && !flow_->power_file.isEmpty();
  if (simulated) {
    points = read_power(flow_->power_file);
  } else if (run_) {
    double time = 0;
    for (const PowerPhase& phase : run_->phases) {
      points.emplace_back(time, phase.power_w);
      points.emplace_back(time += phase.duration_s, phase.power_w);
    }
  }
  QCPGraph* graph = power_plot_->addGraph();
  QColor fill = palette().color(QPalette::Highlight);
  graph->setPen(QPen(fill, 2));
  fill.setAlpha(60);
  graph->setBrush(fill);
  if (simulated) {
    graph->setLineStyle(QCPGraph::lsStepLeft);
  }
  double top = 0;
  for (const auto& [time_s, power_w] : points) {
    graph->addData(time_s, power_w / kMegawatt);
    top = std::max(top, power_w / kMegawatt);
  }
  power_plot_->xAxis->setLabel(tr("Time in the step, s"));
  power_plot_->yAxis->setLabel(tr("Power of nodes and network, MW"));
  power_plot_->xAxis->setRange(0, points.empty() ? 1 : points.back().first);
  power_plot_->yAxis->setRange(0, top > 0 ? 1.15 * top : 1);
  power_note_->setText(
      simulated ? tr("From the flow simulation: every stage's own timeline.")
      : run_    ? tr("By phases of the closed form, swing %1; simulate the network (F5) for the "
                        "timeline of every stage.")
                   .arg(power_text(run_->power_swing_w))
             : QString());
  power_plot_->setAccessibleDescription(
      tr("%1 points, at most %2").arg(points.size()).arg(power_text(top * kMegawatt)));
  power_plot_->replot(QCustomPlot::rpQueuedReplot);
}

void RunView::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange && power_plot_ != nullptr) {
    draw_power();
  }
  QWidget::changeEvent(event);
}

}  // namespace gui
