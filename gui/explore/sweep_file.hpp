#pragma once
// The file of a sweep that the desktop makes, and what `gpuplan export` and `gpuplan sensitivity`
// say of its store.
#include <optional>
#include <vector>

#include <QByteArray>
#include <QString>

#include "gui/draft.hpp"
#include "gui/views/table.hpp"

namespace gui {

/// A value to vary: the list or range as a sweep file writes it: "[4, 8]", "{from: 1, to: 9}".
struct SweepAxis {
  QString path, values;
};

/// The text of a sweep over `scenario`; `sample` as the file writes it: "grid", "{sobol: 100}".
QString sweep_text(const QString& scenario, const std::vector<SweepAxis>& axes,
                   const QString& sample);

struct SweepPoint {
  std::vector<Setting> settings;  ///< as far as the point has its own
  QString status;                 ///< "ok", "does_not_fit", "invalid", "failed"
  QString message;
  std::vector<double> figures;  ///< of Sweep::figures; empty where there is no result
};

struct SweepResult {
  std::vector<QString> axes, figures;  ///< paths; names with their unit
  std::vector<SweepPoint> points;
};
/// @throws topology::RuntimeFailure if `json` is not what `gpuplan export --format json` prints.
SweepResult read_sweep(const QByteArray& json);

/// A figure of a sweep for people: its title, how it reads, the unit of an axis.
struct FigureWords {
  QString title;
  QString (*text)(double) = nullptr;
  double unit = 1;
  QString unit_name{};
  bool high_is_better = false;
};
FigureWords words_of_figure(const QString& name);

struct TornadoBar {
  QString axis, low_setting, high_setting;
  std::optional<double> low, high;
};
struct Tornado {
  QString metric;
  double base = 0;
  std::vector<TornadoBar> bars;
};
/// @throws topology::RuntimeFailure if `json` is not what `gpuplan sensitivity --json` prints.
Tornado read_tornado(const QByteArray& json);

}  // namespace gui
