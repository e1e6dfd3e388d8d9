#pragma once
// Where a figure comes from, on demand: a small window of text that can be selected and copied.
#include <QDialog>
#include <QString>

#include "scenarios/figure_sources.hpp"

class QTextBrowser;

namespace gui {

/// A figure that somebody asked about.
struct AskedFigure {
  scenarios::FigureSource source;
  QString shown;  ///< title and value as the view shows them: "MFU 45.1 %, 31.2 % to 54.1 %"
  QString row;    ///< what else its row says: quantity and price of a line of the cost
};

/// "Where does this come from?": what a view offers for a figure.
QString asking_text();

class SourceDialog : public QDialog {
  Q_OBJECT
 public:
  explicit SourceDialog(QWidget* parent = nullptr);
  /// Shows itself; Escape closes. Files in `folder`, the document's, are shown by their names.
  void show_figure(const AskedFigure& figure, const QString& folder);
  [[nodiscard]] QString text() const;  ///< as it can be copied

 signals:
  void input_wanted(const QString& path);  ///< of --explain: a link was followed

 private:
  QTextBrowser* text_;
};

}  // namespace gui
