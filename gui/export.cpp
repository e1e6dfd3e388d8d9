#include "gui/export.hpp"

#include <QBuffer>
#include <QFile>
#include <QFileInfo>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QPixmap>
#include <QSvgGenerator>
#include <QWidget>

#include "scenarios/atomic_file.hpp"
#include "topology/error.hpp"

namespace gui {

namespace {

QByteArray png(QWidget& view) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  view.grab().save(&buffer, "PNG");
  return bytes;
}

QByteArray svg(QWidget& view) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  QSvgGenerator generator;
  generator.setOutputDevice(&buffer);
  generator.setSize(view.size());
  generator.setViewBox(view.rect());
  generator.setTitle(view.accessibleName());
  generator.setDescription(view.accessibleDescription());
  QPainter painter(&generator);
  view.render(&painter);
  painter.end();
  return bytes;
}

/// A page of the view's own shape, a point per pixel.
QByteArray pdf(QWidget& view) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  QPdfWriter writer(&buffer);
  writer.setPageSize(QPageSize(QSizeF(view.size()), QPageSize::Point, {}, QPageSize::ExactMatch));
  writer.setPageMargins({0, 0, 0, 0});
  QPainter painter(&writer);
  painter.scale(static_cast<double>(writer.width()) / view.width(),
                static_cast<double>(writer.height()) / view.height());
  view.render(&painter);
  painter.end();
  return bytes;
}

void write(const QString& file, const QByteArray& bytes) {
  scenarios::write_file(file.toStdString(),
                        {bytes.constData(), static_cast<std::size_t>(bytes.size())});
}

}  // namespace

void export_picture(QWidget& view, const QString& file) {
  const QString suffix = QFileInfo(file).suffix().toLower();
  if (suffix == "png") {
    write(file, png(view));
  } else if (suffix == "svg") {
    write(file, svg(view));
  } else if (suffix == "pdf") {
    write(file, pdf(view));
  } else {
    throw topology::InputError({file.toStdString()}, {},
                               "a picture is written as .png, .svg or .pdf; choose one of them");
  }
}

void export_text(const QString& text, const QString& file) {
  write(file, text.toUtf8());
}

void copy_file(const QString& from, const QString& to) {
  QFile file(from);
  if (!file.open(QIODevice::ReadOnly)) {
    throw topology::RuntimeFailure(from.toStdString() +
                                   ": cannot be read: " + file.errorString().toStdString());
  }
  write(to, file.readAll());
}

}  // namespace gui
