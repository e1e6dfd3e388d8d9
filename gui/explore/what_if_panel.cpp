#include "gui/explore/what_if_panel.hpp"

#include <exception>

#include <QGridLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSlider>
#include <QVBoxLayout>

#include "gui/theme.hpp"
#include "gui/views/card.hpp"
#include "gui/words.hpp"

namespace gui {

namespace {

std::optional<double> change(const Result& now, const Result* before, double Result::*figure) {
  return before != nullptr && before->*figure > 0
             ? std::optional(now.*figure / (before->*figure) - 1)
             : std::nullopt;
}

}  // namespace

WhatIfPanel::WhatIfPanel(const QString& program, QWidget* parent)
    : QWidget(parent), live_(program) {
  auto* page = new QWidget;
  auto* grid = new QGridLayout(page);
  grid->setColumnStretch(1, 1);
  add_dial(*grid, "cluster.gpus", tr("Accelerators"));
  add_dial(*grid, "cluster.overrides.nic.bandwidth", tr("NIC speed"));
  add_dial(*grid, "cluster.overrides.leaf_oversubscription", tr("Leaf oversubscription"));
  add_dial(*grid, "training.global_batch", tr("Global batch"));
  add_dial(*grid, "training.micro_batch", tr("Micro-batch"));
  add_dial(*grid, "training.sequence_length", tr("Sequence length"));
  add_dial(*grid, "layout.tp", tr("Tensor parallel"));
  add_dial(*grid, "layout.pp", tr("Pipeline stages"));
  add_dial(*grid, "layout.virtual_stages", tr("Virtual stages"));
  grid->setRowStretch(static_cast<int>(dials_.size()), 1);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidget(page);
  page->setAutoFillBackground(false);
  scroll->viewport()->setAutoFillBackground(false);

  step_ = new Card(tr("Step time"), Better::Lower);
  mfu_ = new Card(tr("MFU"), Better::Higher);
  tokens_ = new Card(tr("Tokens per second"), Better::Higher);
  memory_ = new Card(tr("Memory, heaviest rank"), Better::Lower);
  power_ = new Card(tr("Power"), Better::Lower);
  price_ = new Card(tr("Price per hour"), Better::Lower);
  auto* cards = new QGridLayout;
  int i = 0;
  for (Card* card : {step_, mfu_, tokens_, memory_, power_, price_}) {
    cards->addWidget(card, i / 3, i % 3);
    cards->setColumnStretch(i % 3, 1);
    ++i;
  }
  state_ = new QLabel;
  state_->setWordWrap(true);
  state_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(state_);
  layout->addLayout(cards);
  layout->addWidget(scroll, 1);
  connect(&live_, &Command::finished, this, &WhatIfPanel::answered);
}

void WhatIfPanel::add_dial(QGridLayout& grid, const QString& key, const QString& label) {
  const std::size_t index = dials_.size();
  const int row = static_cast<int>(index);
  Dial dial{key, label, new QSlider(Qt::Horizontal), new QLabel, {}};
  dial.slider->setObjectName(key);
  dial.slider->setAccessibleName(label);
  dial.slider->setPageStep(1);
  dial.slider->setTickPosition(QSlider::TicksBelow);
  dial.slider->setTickInterval(1);
  auto* title = new QLabel(label);
  title->setBuddy(dial.slider);
  dial.shown->setMinimumWidth(fontMetrics().horizontalAdvance("1600 Gbit/s  "));
  grid.addWidget(title, row, 0);
  grid.addWidget(dial.slider, row, 1);
  grid.addWidget(dial.shown, row, 2);
  dials_.push_back(dial);
  connect(dial.slider, &QSlider::valueChanged, this, [this, index] { moved(index); });
  connect(dial.slider, &QSlider::sliderReleased, this, [this, index] { released(index); });
}

QSlider* WhatIfPanel::slider(const QString& key) const {
  for (const Dial& dial : dials_) {
    if (dial.key == key) {
      return dial.slider;
    }
  }
  return nullptr;
}

QString WhatIfPanel::state() const {
  return state_->text();
}

void WhatIfPanel::show_scenario(const Subject& subject, const Checked& checked) {
  const bool other = subject.path != subject_.path;
  subject_ = subject;
  if (other) {
    before_.reset();
    shown_.reset();
  }
  if (dragging_) {
    return;
  }
  for (Dial& dial : dials_) {
    QString resolved = dial.key;
    resolved.replace("cluster.overrides.", "cluster.");
    const scenarios::Explained* known = explained(checked, resolved);
    dial.slider->setEnabled(known != nullptr);
    if (known != nullptr) {
      const QString value = QString::fromStdString(known->value);
      if (other || !dial.values.contains(value)) {
        dial.values = values_around(value);
      }
      set_values(dial, value);
    }
  }
}

void WhatIfPanel::set_values(Dial& dial, const QString& value) {
  filling_ = true;
  dial.slider->setRange(0, std::max(0, static_cast<int>(dial.values.size()) - 1));
  dial.slider->setValue(static_cast<int>(dial.values.indexOf(value)));
  dial.slider->setEnabled(dial.values.size() > 1);
  dial.shown->setText(value);
  dial.slider->setAccessibleDescription(value);
  filling_ = false;
}

void WhatIfPanel::show_result(std::shared_ptr<const Result> result, bool stale, bool busy) {
  if (dragging_ || waiting_ || live_.running()) {
    return;
  }
  if (result == nullptr) {
    say(busy ? tr("Simulating…") : tr("No result yet: see the message in the status bar."));
    return;
  }
  shown_ = result;
  show_figures(*result, before_.get());
  const QString kind = result->flow ? tr("Flow simulation, every transfer on every link.")
                                    : tr("Closed form, nothing contends.");
  if (stale) {
    say(tr("Out of date: the figures are of an earlier text.") +
        (busy ? " " + tr("Simulating…") : QString()));
  } else if (busy && !result->flow) {
    say(kind + " " + tr("The network is being simulated…"));
  } else {
    say(kind + " " +
        tr("Drag a slider: the closed form answers at once, the network is simulated when you let "
           "go."));
  }
}

void WhatIfPanel::say(const QString& text) {
  state_->setText(text);
}

std::optional<QString> WhatIfPanel::draft(const Dial& dial) const {
  std::vector<Setting> settings{{dial.key, dial.values.value(dial.slider->value())}};
  if (changes_data_parallel(dial.key)) {
    settings.push_back({"layout.dp", {}});
  }
  try {
    return with_settings(subject_, settings);
  } catch (const std::exception&) {
    return std::nullopt;  // half-typed YAML: the status bar says where
  }
}

void WhatIfPanel::moved(std::size_t index) {
  Dial& dial = dials_[index];
  if (filling_) {
    return;
  }
  dial.shown->setText(dial.values.value(dial.slider->value()));
  dial.slider->setAccessibleDescription(dial.shown->text());
  const auto text = draft(dial);
  if (!text) {
    return;
  }
  if (!dial.slider->isSliderDown()) {  // a key or a click beside the handle: nothing to let go
    released(index);
    return;
  }
  dragging_ = true;
  waiting_ = text;
  if (!live_.running()) {
    live_.start(subject_.command("simulate"), text->toUtf8());
    waiting_.reset();
  }
}

void WhatIfPanel::released(std::size_t index) {
  dragging_ = false;
  waiting_.reset();
  live_.cancel();
  const Dial& dial = dials_[index];
  if (const auto text = draft(dial); text && *text != subject_.text) {
    before_ = shown_;
    emit edited(*text, tr("change of %1").arg(dial.key));
  }
}

void WhatIfPanel::answered(const Answer& answer) {
  if (dragging_ && answer.good()) {
    try {
      show_figures(read_result(answer.output), shown_.get());
      say(tr("Closed form, while you drag."));
    } catch (const std::exception& e) {
      say(QString::fromUtf8(e.what()));
    }
  } else if (dragging_) {
    say(answer.complaint);
  }
  if (waiting_) {
    const QByteArray text = waiting_->toUtf8();
    waiting_.reset();
    live_.start(subject_.command("simulate"), text);
  }
}

void WhatIfPanel::show_figures(const Result& r, const Result* before) {
  const auto show = [&](Card* card, double Result::*figure) {
    card->show_change(change(r, before, figure), tr("before"));
  };
  step_->show_value(time_text(r.step_s), {});
  show(step_, &Result::step_s);
  mfu_->show_value(percent_text(r.mfu), {});
  show(mfu_, &Result::mfu);
  tokens_->show_value(count_text(r.tokens_per_s), {});
  show(tokens_, &Result::tokens_per_s);
  memory_->show_value(bytes_text(r.memory_bytes),
                      r.fits ? tr("of %1: fits").arg(bytes_text(r.memory_capacity_bytes))
                             : tr("of %1: does not fit").arg(bytes_text(r.memory_capacity_bytes)),
                      !r.fits);
  show(memory_, &Result::memory_bytes);
  power_->show_value(power_text(r.power_w), {});
  show(power_, &Result::power_w);
  price_->show_value(r.usd_per_hour ? money_text(*r.usd_per_hour) : tr("unknown"),
                     r.usd_per_hour ? tr("of the whole cluster, while it runs")
                                    : tr("add purchase: {terms: ...}"));
  price_->show_change(r.usd_per_hour && before != nullptr && before->usd_per_hour
                          ? std::optional(*r.usd_per_hour / *before->usd_per_hour - 1)
                          : std::nullopt,
                      tr("before"));
}

}  // namespace gui
