#include "gui/source_dialog.hpp"

#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QTextBrowser>
#include <QUrl>
#include <QVBoxLayout>

namespace gui {

namespace {

QString html(const std::string& text) {
  return QString::fromStdString(text).toHtmlEscaped();
}

QString paragraph(const QString& heading, const QString& text) {
  return text.isEmpty() ? QString() : "<p><b>" + heading + "</b><br>" + text + "</p>";
}

QString list(const std::vector<std::string>& lines) {
  QStringList all;
  for (const std::string& line : lines) {
    all << html(line);
  }
  return all.join("<br>");
}

}  // namespace

QString asking_text() {
  return QCoreApplication::translate("asking", "Where does this come from?");
}

SourceDialog::SourceDialog(QWidget* parent) : QDialog(parent), text_(new QTextBrowser) {
  setWindowTitle(asking_text());
  setModal(false);
  text_->setOpenLinks(false);
  text_->setAccessibleName(asking_text());
  text_->setTextInteractionFlags(Qt::TextBrowserInteraction | Qt::TextSelectableByKeyboard);
  connect(text_, &QTextBrowser::anchorClicked, this,
          [this](const QUrl& link) { emit input_wanted(link.path()); });
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(text_);
  layout->addWidget(buttons);
  resize(640, 560);
}

void SourceDialog::show_figure(const AskedFigure& figure, const QString& folder) {
  const scenarios::FigureSource& s = figure.source;
  QString page = "<h3>" + figure.shown.toHtmlEscaped() + "</h3>";
  page += "<p>" + html(s.what) + "<br><small>" + html(s.title) + ", " + html(s.name) + " [" +
          html(s.unit) + "]</small></p>";
  page += paragraph(tr("This row"), figure.row.toHtmlEscaped());
  page += paragraph(tr("Formula"), html(s.formula));
  page += paragraph(tr("From"), html(s.from));
  page += paragraph(tr("Low and high"), html(s.uncertainty));
  page += paragraph(tr("Measurements behind it"), list(s.measured));
  if (!s.inputs.empty()) {
    page += "<p><b>" + tr("Inputs") + "</b></p><table cellspacing=\"0\" cellpadding=\"2\">";
    for (const scenarios::Explained& input : s.inputs) {
      const QString path = html(input.path);
      page += "<tr><td><a href=\"" + path + "\">" + path + "</a></td><td>" + html(input.value) +
              "</td><td>" + html(input.source).remove((folder + "/").toHtmlEscaped()) +
              "</td></tr>";
    }
    page += "</table>";
  }
  text_->setHtml(page);
  show();
  raise();
  activateWindow();
  text_->setFocus();
}

QString SourceDialog::text() const {
  return text_->toPlainText();
}

}  // namespace gui
