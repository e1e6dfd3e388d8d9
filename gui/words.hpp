#pragma once
// Figures and names as people read them: the formatter of the command line, and our keys in words.
#include <QColor>
#include <QString>

namespace gui {

QString time_text(double seconds);
QString bytes_text(double bytes);
QString bandwidth_text(double bytes_per_s);
QString flop_rate_text(double flops_per_s);
QString power_text(double watts);
QString energy_text(double joules);
QString count_text(double count);
QString money_text(double usd);
QString days_text(double seconds);   ///< "27.3 days": the finish of a run, always in days
QString percent_text(double share);  ///< "45.7 %"

/// "tp_comm" -> "Tensor-parallel communication"; a key without a translation comes back as it is.
QString part_name(const QString& key);
/// "MLP up, weight gradient" in the language of the window; what is not known stays as it is.
QString kernel_name(const QString& name);
/// The colour that a part of the step, or a kind of memory, has in every view.
QColor part_colour(const QString& key);

}  // namespace gui
