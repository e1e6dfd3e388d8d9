#include "gui/views/results_view.hpp"

#include <algorithm>

#include <QGridLayout>
#include <QLabel>

#include "gui/theme.hpp"
#include "gui/views/bar_list.hpp"
#include "gui/views/card.hpp"
#include "gui/words.hpp"

namespace gui {

namespace {

constexpr double kShown = 1e-4;  ///< parts below this share of the step are left out

std::optional<double> change(double now, const Result* baseline, double Result::*figure) {
  if (baseline == nullptr || baseline->*figure == 0) {
    return std::nullopt;
  }
  return now / (baseline->*figure) - 1;
}

/// "4.8 to 8.3 s", "900 ms to 1.2 s"; empty where the figure has no band.
QString band(const Result& r, const QString& figure, QString (*text)(double)) {
  const auto range = r.range(figure);
  if (!range) {
    return {};
  }
  const QString low = text(range->low), high = text(range->high);
  const bool same_unit = low.section(' ', 1) == high.section(' ', 1);
  return ResultsView::tr("%1 to %2").arg(same_unit ? low.section(' ', 0, 0) : low, high);
}

}  // namespace

ResultsView::ResultsView(QWidget* parent) : QScrollArea(parent) {
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setAccessibleName(tr("Results"));
  auto* page = new QWidget;
  auto* grid = new QGridLayout(page);
  title_ = new QLabel;
  QFont font = title_->font();
  font.setPointSizeF(font.pointSizeF() * 1.25);
  font.setBold(true);
  title_->setFont(font);
  title_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  title_->setWordWrap(true);
  state_ = new QLabel;
  state_->setWordWrap(true);
  state_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  notes_ = new QLabel;
  notes_->setWordWrap(true);
  notes_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  notes_->setAlignment(Qt::AlignTop);
  step_ = new Card(tr("Step time"), Better::Lower);
  mfu_ = new Card(tr("MFU"), Better::Higher);
  tokens_ = new Card(tr("Tokens per second"), Better::Higher);
  memory_ = new Card(tr("Memory, heaviest rank"), Better::Lower);
  power_ = new Card(tr("Power"), Better::Lower);
  energy_ = new Card(tr("Energy per step"), Better::Lower);
  flops_ = new Card(tr("FLOP/s per accelerator"), Better::Higher);
  gpus_ = new Card(tr("Accelerators"), Better::Neither);
  rate_ = new Card(tr("Price per hour"), Better::Lower);
  price_ = new Card(tr("Price of 10¹² tokens"), Better::Lower);
  cards_ = {{"step_time_s", step_},
            {"mfu", mfu_},
            {"tokens_per_s", tokens_},
            {"memory_bytes", memory_},
            {"power_w", power_},
            {"energy_j_per_step", energy_},
            {"model_flops_per_gpu_per_s", flops_},
            {"gpus", gpus_},
            {"usd_per_hour", rate_},
            {"usd_per_trillion_tokens", price_}};
  for (const auto& [figure, card] : cards_) {
    card->set_figure(figure);
    connect(card, &Card::asked, this, &ResultsView::ask_card);
  }
  grid->addWidget(title_, 0, 0, 1, 2);
  grid->addWidget(state_, 1, 0, 1, 2);
  constexpr int kColumns = 5;
  auto* cards = new QGridLayout;
  int i = 0;
  for (Card* card :
       {step_, mfu_, tokens_, memory_, rate_, power_, energy_, flops_, gpus_, price_}) {
    cards->addWidget(card, i / kColumns, i % kColumns);
    cards->setColumnStretch(i % kColumns, 1);
    ++i;
  }
  grid->addLayout(cards, 2, 0, 1, 2);
  waterfall_ = new BarList(tr("From the peak to what is achieved (per accelerator)"));
  breakdown_ = new BarList(tr("Where the step goes (busiest stage)"));
  kinds_ = new BarList(tr("Memory of the heaviest rank"));
  grid->addWidget(waterfall_, 3, 0);
  grid->addWidget(breakdown_, 3, 1);
  grid->addWidget(kinds_, 4, 0);
  grid->addWidget(notes_, 4, 1);
  for (BarList* bars : {waterfall_, breakdown_, kinds_}) {
    connect(bars, &BarList::asked, this, &ResultsView::ask_bar);
  }
  grid->setColumnStretch(0, 1);
  grid->setColumnStretch(1, 1);
  grid->setRowStretch(5, 1);
  setWidget(page);
}

QString ResultsView::state() const {
  return state_->text();
}

Card* ResultsView::card(const QString& figure) const {
  const auto found = cards_.find(figure);
  return found == cards_.end() ? nullptr : found->second;
}

void ResultsView::ask_card(const QString& figure) {
  if (result_ == nullptr) {
    return;
  }
  const Card* shown = card(figure);
  const auto source = scenarios::source_of(result_->sources, figure.toStdString());
  if (source) {
    const QString note = shown->accessibleDescription();
    emit asked({*source, shown->accessibleName() + (note.isEmpty() ? "" : ", " + note), {}});
  }
}

void ResultsView::ask_bar(const Bar& bar) {
  if (const auto source = scenarios::source_of(result_->sources, bar.figure.toStdString())) {
    const QString range = bar.range ? ", " + bar.range_text : QString();
    emit asked({*source, bar.label.trimmed() + " " + bar.text + range, {}});
  }
}

void ResultsView::show_result(std::shared_ptr<const Result> result,
                              std::shared_ptr<const Result> baseline, const QString& state) {
  QPalette palette = this->palette();
  palette.setColor(QPalette::WindowText, bad_colour(palette));
  state_->setPalette(palette);
  state_->setText(state);
  state_->setVisible(!state.isEmpty());
  if (result == nullptr) {
    title_->setText(tr("No result yet"));
    for (QWidget* widget : std::initializer_list<QWidget*>{
             step_, mfu_, tokens_, memory_, power_, energy_, flops_, gpus_, rate_, price_,
             waterfall_, breakdown_, kinds_, notes_}) {
      widget->hide();
    }
    result_.reset();
    return;
  }
  result_ = std::move(result);
  title_->setText(tr("%1: %2").arg(
      result_->scenario, result_->flow ? tr("flow simulation, every transfer on every link")
                                       : tr("closed form, nothing contends")));
  show_cards(*result_, baseline.get());
  show_bars(*result_);
  show_notes(*result_);
  for (QWidget* widget : std::initializer_list<QWidget*>{step_, mfu_, tokens_, memory_, power_,
                                                         energy_, flops_, gpus_, rate_, price_,
                                                         waterfall_, breakdown_, kinds_, notes_}) {
    widget->show();
  }
}

void ResultsView::show_cards(const Result& r, const Result* baseline) {
  step_->show_value(time_text(r.step_s), band(r, "step_time_s", &time_text));
  step_->show_change(change(r.step_s, baseline, &Result::step_s));
  mfu_->show_value(percent_text(r.mfu), band(r, "mfu", &percent_text));
  mfu_->show_change(change(r.mfu, baseline, &Result::mfu));
  tokens_->show_value(count_text(r.tokens_per_s),
                      tr("%1 per accelerator").arg(count_text(r.tokens_per_s_per_gpu)));
  tokens_->show_change(change(r.tokens_per_s, baseline, &Result::tokens_per_s));
  memory_->show_value(bytes_text(r.memory_bytes),
                      r.fits ? tr("of %1: fits").arg(bytes_text(r.memory_capacity_bytes))
                             : tr("of %1: does not fit").arg(bytes_text(r.memory_capacity_bytes)),
                      !r.fits);
  memory_->show_change(change(r.memory_bytes, baseline, &Result::memory_bytes));
  power_->show_value(power_text(r.power_w),
                     tr("%1 per accelerator").arg(power_text(r.power_per_gpu_w)));
  power_->show_change(change(r.power_w, baseline, &Result::power_w));
  const double tokens = r.tokens_per_s * r.step_s;
  energy_->show_value(energy_text(r.energy_j),
                      tr("%1 per token").arg(energy_text(r.energy_j / std::max(tokens, 1.0))));
  energy_->show_change(change(r.energy_j, baseline, &Result::energy_j));
  flops_->show_value(flop_rate_text(r.model_flops_per_gpu),
                     tr("of %1 peak").arg(flop_rate_text(r.peak_flops_per_gpu)));
  flops_->show_change(change(r.model_flops_per_gpu, baseline, &Result::model_flops_per_gpu));
  gpus_->show_value(count_text(r.gpus), tr("%1 parameters").arg(count_text(r.parameters)));
  gpus_->show_change(baseline == nullptr || baseline->gpus == 0
                         ? std::nullopt
                         : std::optional(static_cast<double>(r.gpus) / baseline->gpus - 1));
  show_prices(r, baseline);
  step_->show_range(r.step_s, r.range("step_time_s"));
  mfu_->show_range(r.mfu, r.range("mfu"));
  tokens_->show_range(r.tokens_per_s, r.range("tokens_per_s"));
  flops_->show_range(r.model_flops_per_gpu, r.range("model_flops_per_gpu_per_s"));
}

void ResultsView::show_prices(const Result& r, const Result* baseline) {
  const auto money = [](std::optional<double> usd) {
    return usd ? money_text(*usd) : tr("unknown");
  };
  const auto against = [&](std::optional<double> Result::*figure) -> std::optional<double> {
    return baseline != nullptr && r.*figure && baseline->*figure
               ? std::optional(*(r.*figure) / *(baseline->*figure) - 1)
               : std::nullopt;
  };
  rate_->show_value(money(r.usd_per_hour),
                    r.usd_per_hour ? tr("while the job runs") : tr("add purchase: {terms: ...}"));
  rate_->show_change(against(&Result::usd_per_hour));
  price_->show_value(money(r.usd_per_trillion_tokens),
                     band(r, "usd_per_trillion_tokens", &money_text));
  price_->show_range(r.usd_per_trillion_tokens.value_or(0), r.range("usd_per_trillion_tokens"));
  price_->show_change(against(&Result::usd_per_trillion_tokens));
}

void ResultsView::show_bars(const Result& r) {
  std::vector<Bar> bars;
  double left = r.peak_flops_per_gpu;
  bars.push_back({tr("Peak"), 0, left, flop_rate_text(left), palette().color(QPalette::Mid),
                  "peak_flops_per_gpu_per_s"});
  for (const NamedValue& lost : r.lost) {
    if (lost.value > kShown * r.peak_flops_per_gpu) {
      bars.push_back({part_name(lost.name), left - lost.value, left,
                      "−" + percent_text(lost.value / r.peak_flops_per_gpu), part_colour(lost.name),
                      "waterfall." + lost.name});
    }
    left -= lost.value;
  }
  bars.push_back({tr("Achieved"), 0, r.model_flops_per_gpu, flop_rate_text(r.model_flops_per_gpu),
                  palette().color(QPalette::Highlight), "model_flops_per_gpu_per_s",
                  r.range("model_flops_per_gpu_per_s"),
                  band(r, "model_flops_per_gpu_per_s", &flop_rate_text)});
  waterfall_->show_bars(std::move(bars), r.peak_flops_per_gpu);

  bars = {};
  double most = 0;
  for (const NamedValue& part : r.breakdown) {
    const auto range = r.range("breakdown_s." + part.name);
    most = std::max({most, part.value, range ? range->high : 0.0});
  }
  for (const NamedValue& part : r.breakdown) {
    if (part.value > kShown * r.step_s) {
      const QString figure = "breakdown_s." + part.name;
      bars.push_back({part_name(part.name), 0, part.value,
                      time_text(part.value) + "  " + percent_text(part.value / r.step_s),
                      part_colour(part.name), figure, r.range(figure),
                      band(r, figure, &time_text)});
    }
  }
  breakdown_->show_bars(std::move(bars), most);

  bars = {};
  double begin = 0;
  for (const NamedValue& kind : r.memory) {
    bars.push_back({part_name(kind.name), begin, begin + kind.value, bytes_text(kind.value),
                    part_colour(kind.name), "memory." + kind.name});
    begin += kind.value;
  }
  kinds_->show_bars(std::move(bars), std::max(begin, r.memory_capacity_bytes) * 1.02,
                    r.memory_capacity_bytes);
  QStringList tensors;
  for (const NamedValue& tensor : r.tensors) {
    tensors << tensor.name + "  " + bytes_text(tensor.value);
  }
  kinds_->setToolTip(tensors.join("\n"));
}

void ResultsView::show_notes(const Result& r) {
  QStringList lines;
  if (!r.network_verdict.isEmpty()) {
    QString verdict = r.network_verdict;
    verdict[0] = verdict[0].toUpper();
    lines << verdict + ".";
  }
  if (!r.busiest_links.empty()) {
    lines << "<b>" + tr("Busiest links") + "</b>";
    constexpr std::size_t kMost = 5;
    for (std::size_t i = 0; i < std::min(kMost, r.busiest_links.size()); ++i) {
      lines << r.busiest_links[i].link.toHtmlEscaped() + ": " +
                   percent_text(r.busiest_links[i].utilisation);
    }
  }
  if (!r.flow) {
    lines << tr("Press F5 to simulate the network: timeline, link loads, contention.");
  }
  if (!r.warnings.isEmpty()) {
    lines << "<b>" + tr("Remarks") + "</b>";
    for (const QString& warning : r.warnings) {
      lines << warning.toHtmlEscaped();
    }
  }
  lines << tr("The red line is the memory of one accelerator. Ranges and the lines across bars "
              "are 90 % bands of the profiles. A click on a figure, or Enter, tells where it comes "
              "from. Computed in %1.")
               .arg(time_text(r.wall_s));
  notes_->setText(lines.join("<br>"));
}

QString ResultsView::csv() const {
  QString text = "figure,value,unit\n";
  if (!result_) {
    return text;
  }
  const Result& r = *result_;
  const auto row = [&](const QString& name, double value, const char* unit) {
    text += QString("%1,%2,%3\n").arg(name, QString::number(value, 'g', 12), unit);
  };
  row("step_time", r.step_s, "s");
  if (const auto range = r.range("step_time_s")) {
    row("step_time_low", range->low, "s");
    row("step_time_high", range->high, "s");
  }
  row("mfu", r.mfu, "1");
  row("hfu", r.hfu, "1");
  row("tokens_per_s", r.tokens_per_s, "1/s");
  row("model_flops_per_gpu", r.model_flops_per_gpu, "FLOP/s");
  row("memory", r.memory_bytes, "B");
  row("memory_capacity", r.memory_capacity_bytes, "B");
  row("power", r.power_w, "W");
  row("energy_per_step", r.energy_j, "J");
  for (const NamedValue& part : r.breakdown) {
    row("breakdown." + part.name, part.value, "s");
  }
  for (const NamedValue& kind : r.memory) {
    row("memory." + kind.name, kind.value, "B");
  }
  return text;
}

}  // namespace gui
