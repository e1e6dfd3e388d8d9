#include "gui/views/chart.hpp"

#include <qcustomplot.h>

namespace gui {

void dress(QCustomPlot& chart, const QWidget& widget) {
  const QColor ink = widget.palette().color(QPalette::Text);
  chart.setBackground(widget.palette().color(QPalette::Base));
  for (QCPAxis* axis : {chart.xAxis, chart.yAxis}) {
    axis->setBasePen(QPen(ink));
    axis->setTickPen(QPen(ink));
    axis->setSubTickPen(QPen(ink));
    axis->setTickLabelColor(ink);
    axis->setLabelColor(ink);
    axis->setTickLabelFont(widget.font());
    axis->setLabelFont(widget.font());
    axis->grid()->setPen(QPen(widget.palette().color(QPalette::Mid), 0, Qt::DotLine));
  }
  chart.legend->setBrush(widget.palette().color(QPalette::Base));
  chart.legend->setTextColor(ink);
  chart.legend->setBorderPen(QPen(widget.palette().color(QPalette::Mid)));
  chart.legend->setFont(widget.font());
}

}  // namespace gui
