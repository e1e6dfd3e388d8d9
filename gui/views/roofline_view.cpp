#include "gui/views/roofline_view.hpp"

#include <cmath>

#include <QLabel>
#include <QSplitter>
#include <QVBoxLayout>

#include "gui/views/roofline_chart.hpp"
#include "gui/views/table.hpp"
#include "gui/words.hpp"

namespace gui {

namespace {

QString intensity_text(double flop_per_byte) {
  return QString::number(flop_per_byte, 'g', 4);
}
QString calls_text(double calls) {
  return count_text(std::round(calls));
}

}  // namespace

RooflineView::RooflineView(QWidget* parent)
    : QWidget(parent),
      chart_(new RooflineChart),
      table_(new Table(tr("Kernels of the step"))),
      note_(new QLabel) {
  note_->setWordWrap(true);
  note_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* split = new QSplitter(Qt::Vertical);
  split->addWidget(chart_);
  split->addWidget(table_);
  split->setStretchFactor(0, 3);
  split->setStretchFactor(1, 2);
  split->setSizes({600, 400});
  split->setChildrenCollapsible(false);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(note_);
  layout->addWidget(split, 1);
  connect(chart_, &RooflineChart::picked_changed, this, [this](int kernel) {
    table_->pick(kernel < 0 ? std::vector<int>{} : std::vector<int>{kernel});
  });
  connect(table_, &Table::picked_changed, this, [this] {
    const std::vector<int> rows = table_->picked();
    chart_->pick(rows.empty() ? -1 : rows.front());
  });
}

void RooflineView::show_result(const std::shared_ptr<const Result>& result) {
  if (result == result_ && result != nullptr) {
    return;  // keeps what is picked
  }
  result_ = result;
  std::vector<std::vector<Cell>> rows;
  QStringList sources;
  if (result != nullptr) {
    const Roofline& r = result->roofline;
    for (const Kernel& k : r.kernels) {
      const double none = std::nan("");
      rows.push_back({{kernel_name(k.name)},
                      {part_name(k.phase)},
                      {{}, k.seconds},
                      {{}, k.flops > 0 ? k.flops / k.bytes : none},
                      {{}, k.flops > 0 ? k.flops / k.seconds : none},
                      {{}, k.bytes / k.seconds},
                      {{}, k.calls},
                      {k.shape},
                      {k.precision}});
    }
    sources << tr("Stage %1 on %2. Memory: %3.").arg(r.stage).arg(r.accelerator, r.memory_source);
    for (const Roof& roof : r.roofs) {
      sources << tr("Peak in %1: %2.").arg(roof.precision, roof.source);
    }
    sources << tr(
        "● forward, ■ backward, ▲ again. Bytes count each operand once. Kernels that only "
        "move data stand in the table.");
  }
  table_->show_rows({{"kernel", tr("Kernel")},
                     {"phase", tr("Pass")},
                     {"time_s", tr("Time in a step"), &time_text},
                     {"flop_per_byte", tr("FLOP/byte"), &intensity_text},
                     {"flops_per_s", tr("Achieved"), &flop_rate_text},
                     {"bytes_per_s", tr("Memory"), &bandwidth_text},
                     {"calls", tr("Calls"), &calls_text},
                     {"shape", tr("Shape")},
                     {"precision", tr("Precision")}},
                    std::move(rows));
  note_->setText(sources.join(" "));
  chart_->show_roofline(result);
}

}  // namespace gui
