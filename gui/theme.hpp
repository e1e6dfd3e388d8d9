#pragma once
// Light and dark. Qt 6.4 does not follow the desktop's choice, so both palettes are ours.
#include <QColor>
#include <QPalette>

namespace gui {

enum class Theme { Light, Dark };

/// The desktop's: dark if its window colour is.
/// @pre called before apply_theme()
Theme system_theme();
/// Sets style and palette of the whole program.
void apply_theme(Theme theme);
bool is_dark(const QPalette& palette);

/// A share from 0 to 1 as a colour: after viridis, rising in luminance, but lighter at 0 so that it
/// also stands out on dark.
QColor heat(double share);
/// Black or white, whichever reads better on `background`.
QColor ink_on(const QColor& background);
/// For sentences that report a problem, a good change and a remark, readable on `palette`'s base.
QColor bad_colour(const QPalette& palette);
QColor good_colour(const QPalette& palette);
QColor muted_colour(const QPalette& palette);

}  // namespace gui
