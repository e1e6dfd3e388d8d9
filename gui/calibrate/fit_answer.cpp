#include "gui/calibrate/fit_answer.hpp"

#include <nlohmann/json.hpp>

#include "topology/error.hpp"

namespace gui {

namespace {

using Json = nlohmann::ordered_json;

QStringList sentences(const Json& of, const char* key) {
  QStringList all;
  const auto found = of.find(key);
  if (found != of.end() && found->is_array()) {
    for (const Json& one : *found) {
      all << QString::fromStdString(one.get<std::string>());
    }
  }
  return all;
}

Fit read(const Json& root) {
  Fit fit;
  fit.accelerator = QString::fromStdString(root.at("accelerator").get<std::string>());
  fit.free_parameters = root.at("free_parameters").get<int>();
  for (const auto& [kind, r] : root.at("residuals").items()) {
    fit.residuals.push_back({QString::fromStdString(kind), r.at("records").get<int>(),
                             r.at("median_abs_error").get<double>(),
                             r.at("p90_abs_error").get<double>(),
                             r.at("max_abs_error").get<double>(), r.at("bias").get<double>()});
  }
  fit.outliers = sentences(root, "outliers");
  fit.transferred = sentences(root, "transferred");
  fit.warnings = sentences(root, "warnings");
  return fit;
}

}  // namespace

Fit read_fit(const QByteArray& json, const QByteArray& residuals) {
  try {
    Fit fit = read(Json::parse(json.begin(), json.end()));
    const QList<QByteArray> lines = residuals.split('\n');
    for (qsizetype i = 1; i < lines.size(); ++i) {
      const QList<QByteArray> cells = lines[i].split(',');
      constexpr int kCells = 7;  // plot, series, x_name, x, measured_s, predicted_s, error
      if (cells.size() == kCells) {
        fit.points.push_back({QString::fromUtf8(cells[0]), QString::fromUtf8(cells[1]),
                              QString::fromUtf8(cells[2]), cells[3].toDouble(),
                              cells[6].toDouble()});
      }
    }
    return fit;
  } catch (const Json::exception&) {
    throw topology::RuntimeFailure(
        "the fit's answer cannot be read; is gpuplan of the same version as gpuplan-gui?");
  }
}

}  // namespace gui
