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
  flops_ = new Card(tr("Model FLOP/s per accelerator"), Better::Higher);
  gpus_ = new Card(tr("Accelerators"), Better::Neither);
  grid->addWidget(title_, 0, 0, 1, 4);
  grid->addWidget(state_, 1, 0, 1, 4);
  int i = 0;
  for (Card* card : {step_, mfu_, tokens_, memory_, power_, energy_, flops_, gpus_}) {
    grid->addWidget(card, 2 + i / 4, i % 4);
    ++i;
  }
  waterfall_ = new BarList(tr("From the peak to what is achieved (per accelerator)"));
  breakdown_ = new BarList(tr("Where the step goes (busiest stage)"));
  kinds_ = new BarList(tr("Memory of the heaviest rank"));
  grid->addWidget(waterfall_, 4, 0, 1, 2);
  grid->addWidget(breakdown_, 4, 2, 1, 2);
  grid->addWidget(kinds_, 5, 0, 1, 2);
  grid->addWidget(notes_, 5, 2, 1, 2);
  for (int column = 0; column < 4; ++column) {
    grid->setColumnStretch(column, 1);
  }
  grid->setRowStretch(6, 1);
  setWidget(page);
}

QString ResultsView::state() const {
  return state_->text();
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
    for (QWidget* widget :
         std::initializer_list<QWidget*>{step_, mfu_, tokens_, memory_, power_, energy_, flops_,
                                         gpus_, waterfall_, breakdown_, kinds_, notes_}) {
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
  for (QWidget* widget :
       std::initializer_list<QWidget*>{step_, mfu_, tokens_, memory_, power_, energy_, flops_,
                                       gpus_, waterfall_, breakdown_, kinds_, notes_}) {
    widget->show();
  }
}

void ResultsView::show_cards(const Result& r, const Result* baseline) {
  step_->show_value(
      time_text(r.step_s),
      r.step_range ? tr("%1 to %2").arg(time_text(r.step_range->low), time_text(r.step_range->high))
                   : QString());
  step_->show_change(change(r.step_s, baseline, &Result::step_s));
  mfu_->show_value(
      percent_text(r.mfu),
      r.mfu_range
          ? tr("%1 to %2").arg(percent_text(r.mfu_range->low), percent_text(r.mfu_range->high))
          : QString());
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
}

void ResultsView::show_bars(const Result& r) {
  std::vector<Bar> bars;
  double left = r.peak_flops_per_gpu;
  bars.push_back({tr("Peak"), 0, left, flop_rate_text(left), palette().color(QPalette::Mid)});
  for (const NamedValue& lost : r.lost) {
    if (lost.value > kShown * r.peak_flops_per_gpu) {
      bars.push_back({part_name(lost.name), left - lost.value, left,
                      "−" + percent_text(lost.value / r.peak_flops_per_gpu),
                      part_colour(lost.name)});
    }
    left -= lost.value;
  }
  bars.push_back({tr("Achieved"), 0, r.model_flops_per_gpu, flop_rate_text(r.model_flops_per_gpu),
                  palette().color(QPalette::Highlight)});
  waterfall_->show_bars(std::move(bars), r.peak_flops_per_gpu);

  bars = {};
  double most = 0;
  for (const NamedValue& part : r.breakdown) {
    most = std::max(most, part.value);
  }
  for (const NamedValue& part : r.breakdown) {
    if (part.value > kShown * r.step_s) {
      bars.push_back({part_name(part.name), 0, part.value,
                      time_text(part.value) + "  " + percent_text(part.value / r.step_s),
                      part_colour(part.name)});
    }
  }
  breakdown_->show_bars(std::move(bars), most);

  bars = {};
  double begin = 0;
  for (const NamedValue& kind : r.memory) {
    bars.push_back({part_name(kind.name), begin, begin + kind.value, bytes_text(kind.value),
                    part_colour(kind.name)});
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
  lines << tr("The red line is the memory of one accelerator. Ranges are 90 % bands of "
              "the profiles. Computed in %1.")
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
  if (r.step_range) {
    row("step_time_low", r.step_range->low, "s");
    row("step_time_high", r.step_range->high, "s");
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
