#include "scenarios/why.hpp"

#include <array>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/print_report.hpp"
#include "scenarios/suggest.hpp"
#include "topology/error.hpp"

namespace scenarios {

using nlohmann::ordered_json;

namespace {

/// Keys that name a row of a table, and those that hold its figure.
constexpr std::array kRowNames{"what", "component", "name", "link"};
constexpr std::array kRowFigures{"lost_flops_per_s", "per_day",    "usd", "power_w", "bytes",
                                 "utilisation",      "step_time_s"};

std::optional<double> number(const ordered_json& j) {
  if (j.is_number()) {
    return j.get<double>();
  }
  for (const char* key : kRowFigures) {
    if (j.is_object() && j.contains(key) && j[key].is_number()) {
      return j[key].get<double>();
    }
  }
  return std::nullopt;
}

/// The row called `name`, also among the lines of a bill.
const ordered_json* row(const ordered_json& rows, const std::string& name) {
  for (const ordered_json& r : rows) {
    for (const char* key : kRowNames) {
      if (r.is_object() && r.value(key, ordered_json()) == name) {
        return &r;
      }
    }
    if (r.is_object() && r.contains("lines")) {
      if (const ordered_json* found = row(r["lines"], name)) {
        return found;
      }
    }
  }
  return nullptr;
}

const ordered_json* at(const ordered_json& j, const std::string& name) {
  if (j.is_array()) {
    return row(j, name);
  }
  if (!j.is_object()) {
    return nullptr;
  }
  if (j.contains(name)) {
    return &j[name];
  }
  if (const auto dot = name.find('.');
      dot != std::string::npos && j.contains(name.substr(0, dot))) {
    return at(j[name.substr(0, dot)], name.substr(dot + 1));
  }
  return j.contains("lines") ? row(j["lines"], name) : nullptr;
}

ordered_json figure_json(const FigureSource& s) {
  ordered_json paths = ordered_json::array();
  for (const Explained& input : s.inputs) {
    paths.push_back(input.path);
  }
  return {{"title", s.title},     {"unit", s.unit},        {"what", s.what},
          {"formula", s.formula}, {"from", s.from},        {"uncertainty", s.uncertainty},
          {"inputs", paths},      {"measured", s.measured}};
}

ordered_json inputs_json(const std::vector<Explained>& inputs) {
  ordered_json list = ordered_json::array();
  for (const Explained& v : inputs) {
    list.push_back({{"path", v.path}, {"value", v.value}, {"source", v.source}});
  }
  return list;
}

std::string headline(const FigureSource& s, const FigureValue& v) {
  std::string text = fmt::format("{} ({}): {}", s.title, s.name,
                                 v.value ? figure_text(s, *v.value) : "no single value here");
  if (v.low && v.high) {
    text += fmt::format(", {} to {}", figure_text(s, *v.low), figure_text(s, *v.high));
  }
  return text;
}

}  // namespace

ordered_json sources_json(const std::vector<FigureSource>& sources) {
  ordered_json figures = ordered_json::object();
  std::vector<Explained> inputs;
  std::set<std::string> known;
  for (const FigureSource& s : sources) {
    figures[s.name] = figure_json(s);
    for (const Explained& input : s.inputs) {
      if (known.insert(input.path).second) {
        inputs.push_back(input);
      }
    }
  }
  return {{"figures", figures}, {"inputs", inputs_json(inputs)}};
}

std::optional<FigureSource> asked_source(const std::vector<FigureSource>& sources,
                                         const std::string& name) {
  if (name.empty()) {
    return std::nullopt;
  }
  auto source = source_of(sources, name);
  if (!source) {
    std::vector<std::string> names;
    for (const FigureSource& s : sources) {
      names.push_back(s.name);
    }
    throw topology::InputError(
        {}, "--why",
        fmt::format("\"{}\" is no figure of this answer; {}known: {}", name,
                    nearest(name, names).empty() ? std::string() : did_you_mean(name, names) + " ",
                    fmt::join(names, ", ")));
  }
  return source;
}

FigureValue value_in(const ordered_json& answer, const std::string& name) {
  FigureValue v;
  if (const ordered_json* found = at(answer, name)) {
    v.value = number(*found);
  }
  const ordered_json bounds = answer.value("bounds", ordered_json::object());
  if (const ordered_json* found = at(bounds, name); found != nullptr && found->contains("low")) {
    v.low = number(found->at("low"));
    v.high = number(found->at("high"));
  }
  return v;
}

void print_why(const FigureSource& source, const ordered_json& answer, OutputFormat format) {
  const FigureValue v = value_in(answer, source.name);
  if (format == OutputFormat::Json) {
    const auto maybe = [](std::optional<double> x) {
      return x ? ordered_json(*x) : ordered_json();
    };
    ordered_json j{{"figure", source.name}, {"value", maybe(v.value)}};
    if (v.low && v.high) {
      j["low"] = *v.low;
      j["high"] = *v.high;
    }
    j.update(figure_json(source));
    j["inputs"] = inputs_json(source.inputs);
    fmt::print("{}\n", j.dump(2));
    return;
  }
  fmt::print("{}\n\n{}\n\nformula      {}\nfrom         {}\nuncertainty  {}\n", headline(source, v),
             source.what, source.formula, source.from, source.uncertainty);
  if (!source.measured.empty()) {
    fmt::print("\nMeasurements behind it\n  {}\n", fmt::join(source.measured, "\n  "));
  }
  if (!source.inputs.empty()) {
    fmt::print("\nInputs\n");
    print_explained(source.inputs, format);
  }
}

}  // namespace scenarios
