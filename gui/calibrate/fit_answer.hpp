#pragma once
// What `gpuplan calibrate --json --residuals` said of a fit.
#include <vector>

#include <QByteArray>
#include <QString>
#include <QStringList>

namespace gui {

struct FitResidual {
  QString kind;
  int records = 0;
  double median = 0, p90 = 0, most = 0, bias = 0;  ///< of predicted / measured - 1, as fractions
};

struct FitPoint {
  QString plot, series, x_name;
  double x = 0, error = 0;
};

struct Fit {
  QString accelerator;
  int free_parameters = 0;
  std::vector<FitResidual> residuals;
  std::vector<FitPoint> points;
  QStringList outliers, transferred, warnings;
};

/// @throws topology::RuntimeFailure, with a sentence, if they are not such answers.
Fit read_fit(const QByteArray& json, const QByteArray& residuals);

}  // namespace gui
