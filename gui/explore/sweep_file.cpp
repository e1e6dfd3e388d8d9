#include "gui/explore/sweep_file.hpp"

#include <algorithm>

#include <QCoreApplication>
#include <nlohmann/json.hpp>

#include "gui/words.hpp"
#include "topology/error.hpp"

namespace gui {

namespace {

using Json = nlohmann::ordered_json;

QString text_of(const Json& value) {
  return QString::fromStdString(value.is_string() ? value.get<std::string>() : value.dump());
}

QString quoted(const QString& text) {
  return QString::fromStdString(Json(text.toStdString()).dump());
}

QString word(const char* text) {
  return QCoreApplication::translate("figures", text);
}

SweepPoint read_point(const Json& json, SweepResult& sweep) {
  SweepPoint point;
  for (const auto& [key, value] : json.items()) {
    if (key == "settings") {
      for (const auto& [path, setting] : value.items()) {
        const QString name = QString::fromStdString(path);
        if (std::find(sweep.axes.begin(), sweep.axes.end(), name) == sweep.axes.end()) {
          sweep.axes.push_back(name);
        }
        point.settings.push_back({name, setting.is_null() ? QString() : text_of(setting)});
      }
    } else if (key == "status") {
      point.status = text_of(value);
    } else if (key == "message") {
      point.message = value.is_null() ? QString() : text_of(value);
    } else if (key != "id" && value.is_number()) {
      const QString name = QString::fromStdString(key);
      if (std::find(sweep.figures.begin(), sweep.figures.end(), name) == sweep.figures.end()) {
        sweep.figures.push_back(name);
      }
      point.figures.push_back(value.get<double>());
    }
  }
  return point;
}

template <class Read>
auto guarded(const QByteArray& bytes, Read read) {
  try {
    return read(Json::parse(bytes.begin(), bytes.end()));
  } catch (const Json::exception&) {
    throw topology::RuntimeFailure(
        "the sweep's answer cannot be read; is gpuplan of the same version as gpuplan-gui?");
  }
}

}  // namespace

QString sweep_text(const QString& scenario, const std::vector<SweepAxis>& axes,
                   const QString& sample) {
  const auto varies = [&](const QString& path) {
    return std::any_of(axes.begin(), axes.end(),
                       [&](const SweepAxis& axis) { return axis.path == path; });
  };
  QString text = "scenario: " + quoted(scenario) + "\n";
  const bool follows = std::any_of(axes.begin(), axes.end(), [](const SweepAxis& axis) {
    return changes_data_parallel(axis.path);
  });
  if (follows && !varies("layout.dp")) {
    text += "set: {layout.dp: null}\n";
  }
  text += "vary:\n";
  for (const SweepAxis& axis : axes) {
    text += "  " + quoted(axis.path) + ": " + axis.values + "\n";
  }
  return text + "sample: " + sample + "\n";
}

SweepResult read_sweep(const QByteArray& json) {
  return guarded(json, [](const Json& root) {
    SweepResult sweep;
    for (const Json& point : root.at("points")) {
      sweep.points.push_back(read_point(point, sweep));
    }
    for (SweepPoint& point : sweep.points) {
      if (point.figures.size() != sweep.figures.size()) {
        point.figures.clear();
      }
    }
    return sweep;
  });
}

FigureWords words_of_figure(const QString& name) {
  if (name == "step_time_s") {
    return {word(QT_TRANSLATE_NOOP("figures", "Step time")), &time_text, 1, "s"};
  }
  if (name == "mfu" || name == "hfu") {
    return {name.toUpper(), &percent_text, 0.01, "%", true};
  }
  if (name == "tokens_per_s") {
    return {word(QT_TRANSLATE_NOOP("figures", "Tokens/s")), &count_text, 1e6,
            word(QT_TRANSLATE_NOOP("figures", "million")), true};
  }
  if (name == "tokens_per_s_per_gpu") {
    return {
        word(QT_TRANSLATE_NOOP("figures", "Tokens/s per accelerator")), &count_text, 1, {}, true};
  }
  if (name == "memory_bytes") {
    return {word(QT_TRANSLATE_NOOP("figures", "Memory")), &bytes_text, 1024.0 * 1024.0 * 1024.0,
            "GiB"};
  }
  if (name == "power_w" || name == "peak_power_w") {
    return {word(QT_TRANSLATE_NOOP("figures", "Power")), &power_text, 1e6, "MW"};
  }
  if (name == "energy_j_per_step") {
    return {word(QT_TRANSLATE_NOOP("figures", "Energy per step")), &energy_text, 3.6e6, "kWh"};
  }
  if (name == "exposed_communication_s") {
    return {word(QT_TRANSLATE_NOOP("figures", "Exposed network")), &time_text, 1, "s"};
  }
  if (name == "bubble_s") {
    return {word(QT_TRANSLATE_NOOP("figures", "Pipeline bubble")), &time_text, 1, "s"};
  }
  if (name == "gpus") {
    return {word(QT_TRANSLATE_NOOP("figures", "Accelerators")), &count_text};
  }
  if (name == "finish_p95_s") {
    return {word(QT_TRANSLATE_NOOP("figures", "Finish, 95 % sure")), &days_text, 86400.0,
            word(QT_TRANSLATE_NOOP("figures", "days"))};
  }
  if (name == "cost_usd") {
    return {word(QT_TRANSLATE_NOOP("figures", "Cost")), &money_text, 1e6,
            word(QT_TRANSLATE_NOOP("figures", "million USD"))};
  }
  if (name == "carbon_kg") {
    return {word(QT_TRANSLATE_NOOP("figures", "Carbon, kg CO2e")), &count_text, 1e3, "t"};
  }
  if (name == "flow_step_time_s") {
    return {word(QT_TRANSLATE_NOOP("figures", "Step, flow")), &time_text, 1, "s"};
  }
  return {name, &count_text};
}

Tornado read_tornado(const QByteArray& json) {
  return guarded(json, [](const Json& root) {
    const auto figure = [](const Json& value) {
      return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
    };
    Tornado tornado{text_of(root.at("metric")), root.at("base").get<double>(), {}};
    for (const Json& bar : root.at("tornado")) {
      tornado.bars.push_back({text_of(bar.at("axis")), text_of(bar.at("low_setting")),
                              text_of(bar.at("high_setting")), figure(bar.at("low")),
                              figure(bar.at("high"))});
    }
    return tornado;
  });
}

}  // namespace gui
