// Where every figure comes from, and what to be careful about.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "scenarios/format.hpp"
#include "scenarios/report/sections.hpp"

namespace scenarios {

namespace {

/// How sure a figure is, by the words of its source.
std::string_view evidence(const Explained& value) {
  if (value.source.starts_with("default")) {
    return "default of gpuplan";
  }
  if (!value.source.starts_with("catalog")) {
    return "given by the scenario";
  }
  return value.source.find(", assumption)") != std::string::npos ? "assumption in the catalog"
         : value.source.find(", recalled)") != std::string::npos ? "recalled from its source"
                                                                 : "catalog, read in its source";
}

Table evidence_table(const std::vector<Explained>& values) {
  std::map<std::string_view, int> count;
  for (const Explained& v : values) {
    ++count[evidence(v)];
  }
  Table t{.caption = "How sure the figures are",
          .columns = {{"evidence", Align::Text}, {"figures"}},
          .rows = {}};
  for (const auto& [what, n] : count) {
    t.rows.push_back({std::string(what), std::to_string(n)});
  }
  return t;
}

/// The values of one part of the scenario: "model", "cluster".
Table values_table(const std::string& part, const std::vector<Explained>& values) {
  Table t{.caption = {},
          .columns = {{"figure", Align::Text},
                      {"value", Align::Text},
                      {"source", Align::Text},
                      {"evidence", Align::Text}},
          .rows = {},
          .folded = true};
  for (const Explained& v : values) {
    if (v.path.substr(0, v.path.find('.')) == part) {
      t.rows.push_back({v.path, v.value, v.source, std::string(evidence(v))});
    }
  }
  t.caption = fmt::format("{}: {} figures", part, t.rows.size());
  return t;
}

std::vector<std::string> parts_of(const std::vector<Explained>& values) {
  std::vector<std::string> parts;
  for (const Explained& v : values) {
    const std::string part = v.path.substr(0, v.path.find('.'));
    if (std::find(parts.begin(), parts.end(), part) == parts.end()) {
      parts.push_back(part);
    }
  }
  return parts;
}

BulletList measurements(const Measured& m) {
  BulletList list{.title = "Kernel and collective times",
                  .items = {fmt::format("profile {}, made {}", m.device, m.made)}};
  for (const std::string& table : m.tables) {
    list.items.push_back("measured: " + table);
  }
  for (const std::string& run : m.runs) {
    list.items.push_back("run: " + run);
  }
  for (const std::string& what : m.transferred) {
    list.items.push_back("not measured on it: " + what);
  }
  if (m.step_records > 0) {
    list.items.push_back(
        fmt::format("the low and high bound of a step hold 90 % of {} measured training steps",
                    m.step_records));
  }
  return list;
}

}  // namespace

Section sources_section(const Findings& f) {
  Section s{.id = "sources", .title = "Sources", .blocks = {}};
  s.blocks.emplace_back(evidence_table(f.scenario.values));
  s.blocks.emplace_back(measurements(f.measured));
  for (const std::string& part : parts_of(f.scenario.values)) {
    s.blocks.emplace_back(values_table(part, f.scenario.values));
  }
  return s;
}

Section warnings_section(const Findings& f) {
  std::vector<std::string> warnings = f.step.report.warnings;
  if (f.run.value) {
    for (const std::string& w : f.run.value->warnings) {
      if (std::find(warnings.begin(), warnings.end(), w) == warnings.end()) {
        warnings.push_back(w);
      }
    }
  }
  if (warnings.empty()) {
    return left_out("warnings", "Warnings", "None.");
  }
  return {.id = "warnings",
          .title = "Warnings",
          .blocks = {BulletList{.title = {}, .items = std::move(warnings)}}};
}

}  // namespace scenarios
