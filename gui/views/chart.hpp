#pragma once
// What all charts share: colours of the theme, and fonts.
class QCPAxis;
class QCustomPlot;
class QWidget;

namespace gui {

/// Gives a chart the palette and the font of `widget`.
void dress(QCustomPlot& chart, const QWidget& widget);

}  // namespace gui
