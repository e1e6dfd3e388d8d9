#pragma once
// A view as a picture (PNG, SVG or PDF by the file's name), a table as CSV.
#include <QString>

class QWidget;

namespace gui {

/// @throws topology::RuntimeFailure if the file cannot be written.
/// @throws topology::InputError for a name that ends otherwise.
void export_picture(QWidget& view, const QString& file);
void export_text(const QString& text, const QString& file);
void copy_file(const QString& from, const QString& to);

}  // namespace gui
