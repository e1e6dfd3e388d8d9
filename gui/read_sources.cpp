#include "gui/read_sources.hpp"

#include <nlohmann/json.hpp>

namespace gui {

using Json = nlohmann::ordered_json;

namespace {

void add_ranges(const Json& bounds, const QString& prefix, Ranges& ranges) {
  for (const auto& [key, value] : bounds.items()) {
    const QString name = prefix + QString::fromStdString(key);
    if (value.contains("low")) {
      ranges[name] = {value.at("low").get<double>(), value.at("high").get<double>()};
    } else {
      add_ranges(value, name + ".", ranges);
    }
  }
}

}  // namespace

std::vector<scenarios::FigureSource> read_sources(const Json& answer) {
  const Json& sources = answer.at("sources");
  std::map<std::string, scenarios::Explained> inputs;
  for (const Json& input : sources.at("inputs")) {
    const auto path = input.at("path").get<std::string>();
    inputs[path] = {path, input.at("value").get<std::string>(),
                    input.at("source").get<std::string>()};
  }
  std::vector<scenarios::FigureSource> all;
  for (const auto& [name, figure] : sources.at("figures").items()) {
    scenarios::FigureSource source{
        .name = name,
        .title = figure.at("title").get<std::string>(),
        .unit = figure.at("unit").get<std::string>(),
        .what = figure.at("what").get<std::string>(),
        .formula = figure.at("formula").get<std::string>(),
        .from = figure.at("from").get<std::string>(),
        .uncertainty = figure.at("uncertainty").get<std::string>(),
        .inputs = {},
        .measured = figure.at("measured").get<std::vector<std::string>>()};
    for (const Json& path : figure.at("inputs")) {
      source.inputs.push_back(inputs.at(path.get<std::string>()));
    }
    all.push_back(std::move(source));
  }
  return all;
}

Ranges read_ranges(const Json& answer) {
  Ranges ranges;
  add_ranges(answer.value("bounds", Json::object()), {}, ranges);
  return ranges;
}

}  // namespace gui
