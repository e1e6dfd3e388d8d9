#include "scenarios/scenario_file.hpp"

#include <algorithm>
#include <array>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "scenarios/entries.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/yaml.hpp"

namespace scenarios {

using topology::InputError;
using topology::Location;

namespace {

constexpr std::string_view kOverrides = "/cluster/overrides";
/// Keys that only a scenario has.
constexpr std::array<std::string_view, 9> kScenarioKeys{
    "model", "cluster", "training", "layout", "framework", "run", "purchase", "limits", "plan"};

std::filesystem::path identity(const std::filesystem::path& path) {
  std::error_code code;
  const auto canonical = std::filesystem::weakly_canonical(path, code);
  return code ? path : canonical;
}

std::filesystem::path beside(const std::string& file, const std::string& relative) {
  return std::filesystem::path(file).parent_path() / relative;
}

Document over_bases(Document top, const std::filesystem::path& path,
                    std::vector<std::filesystem::path>& chain);

/// `chain` holds the files that led here, for the message about a circle.
Document read_over_bases(const std::filesystem::path& path,
                         std::vector<std::filesystem::path>& chain, const Location& asked_by) {
  if (std::find(chain.begin(), chain.end(), identity(path)) != chain.end()) {
    std::string circle;
    for (const auto& file : chain) {
      circle += file.filename().string() + " -> ";
    }
    throw InputError(asked_by, "base",
                     fmt::format("the files lead back to themselves ({}{}); take one base away",
                                 circle, path.filename().string()));
  }
  std::error_code code;
  if (asked_by.line > 0 && !std::filesystem::exists(path, code)) {
    throw InputError(
        asked_by, "base",
        fmt::format("there is no file \"{}\"; the path is relative to the file that names it",
                    path.string()));
  }
  return over_bases(read_yaml(path), path, chain);
}

/// `top`, which is or will be in the file `path`, laid over its bases.
Document over_bases(Document top, const std::filesystem::path& path,
                    std::vector<std::filesystem::path>& chain) {
  Document merged;
  if (const Json* base = find(top.root, "/base")) {
    const Location where = top.place("/base").value;
    if (!base->is_string()) {
      throw InputError(where, "base", "expected the path of a scenario file");
    }
    chain.push_back(identity(path));
    merged = read_over_bases(beside(path.string(), base->get<std::string>()), chain, where);
    chain.pop_back();
    top.root.erase("base");
  }
  overlay(merged, top);
  return merged;
}

/// Model, framework and fabric may be a name; setting a value below it makes that an overlay on the
/// name.
bool is_reference(std::string_view pointer) {
  return pointer == "/model" || pointer == "/framework" || pointer == "/cluster/fabric";
}

void apply_set(Document& document, const std::string& option) {
  const std::string origin = "--set " + option.substr(0, 100);
  const std::size_t equals = option.find('=');
  const auto steps =
      path_steps(std::string_view(option).substr(0, std::min(equals, option.size())));
  const bool empty_step =
      std::any_of(steps.begin(), steps.end(), [](const auto& s) { return s.empty(); });
  if (equals == std::string::npos || steps.empty() || empty_step || option[equals - 1] == '.') {
    throw InputError({origin}, {}, "expected PATH=VALUE such as layout.tp=4");
  }
  Json* node = &document.root;
  std::string pointer;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    pointer = child(pointer, steps[i]);
    Json& next = (*node)[steps[i]];
    if (next.is_null()) {
      next = Json::object();
      document.places[pointer] = {{origin}, {origin}};
    } else if (next.is_string() && is_reference(pointer)) {
      const std::string name = next.get<std::string>();
      next = Json::object();
      next["base"] = name;
      document.places[child(pointer, "base")] = document.place(pointer);
    } else if (!next.is_object()) {
      throw InputError({origin}, {},
                       fmt::format("\"{}\" is a single value, there is nothing below it to set",
                                   key_path(pointer)));
    }
    node = &next;
  }
  Document value;
  value.root[steps.back()] = read_yaml_value(option.substr(equals + 1), origin);
  pointer = child(pointer, steps.back());
  std::erase_if(document.places,
                [&](const auto& entry) { return entry.first.starts_with(pointer + "/"); });
  if (value.root[steps.back()].is_null()) {
    node->erase(steps.back());
  } else {
    (*node)[steps.back()] = value.root[steps.back()];
    document.places[pointer] = {{origin}, {origin}};
  }
}

/// {nic: {bandwidth: x}} and {nic.bandwidth: x} mean the same; the latter is what the schema knows.
void flatten(const Document& from, const Json& node, const std::string& pointer,
             const std::string& prefix, Document& into) {
  for (const auto& [key, value] : node.items()) {
    const std::string name = prefix.empty() ? key : fmt::format("{}.{}", prefix, key);
    const std::string at = child(pointer, key);
    if (value.is_object()) {
      flatten(from, value, at, name, into);
    } else {
      into.root[name] = value;
      into.places[child({}, name)] = from.place(at);
    }
  }
}

void flatten_overrides(Document& document) {
  const Json* overrides = find(document.root, kOverrides);
  if (overrides == nullptr || !overrides->is_object()) {
    return;
  }
  Document flat;
  flatten(document, *overrides, std::string(kOverrides), {}, flat);
  document.root["cluster"]["overrides"] = flat.root;
  for (const auto& [pointer, place] : flat.places) {
    document.places[std::string(kOverrides) + pointer] = place;
  }
}

std::string_view schema_of(EntryKind kind, const Document& entry) {
  switch (kind) {
    case EntryKind::Fabric:
      return "fabrics/entry";
    case EntryKind::Framework:
      return "frameworks/entry";
    default:
      return model_schema(entry);
  }
}

bool is_path(const std::string& text) {
  return text.find('/') != std::string::npos || text.ends_with(".yaml") || text.ends_with(".yml");
}

Reference named(const std::string& text, const Location& where, const std::string& key,
                EntryKind kind, const Catalog& catalog) {
  if (!is_path(text)) {
    return {catalog.entry(kind, text, {where.file, where.line, where.column}), text};
  }
  const auto path = beside(where.file, text);
  std::error_code code;
  if (!std::filesystem::exists(path, code)) {
    throw InputError(
        where, key,
        fmt::format("there is no file \"{}\"; the path is relative to the file that names it",
                    path.string()));
  }
  Reference reference{read_yaml(path), {}};
  check_schema(reference.entry, schema_of(kind, reference.entry));
  return reference;
}

/// Whether a file is a scenario, and not the values of a fabric.
bool is_scenario(const Document& document) {
  return std::any_of(kScenarioKeys.begin(), kScenarioKeys.end(),
                     [&](std::string_view key) { return document.root.contains(key); });
}

/// Puts all of `from` at `pointer` of `into`, places included.
void move_below(const Document& from, const std::string& pointer, Document& into) {
  into.root[nlohmann::ordered_json::json_pointer(pointer)] = from.root;
  for (const auto& [inner, place] : from.places) {
    into.places[pointer + inner] = place;
  }
  into.places.try_emplace("", from.place(""));
}

Document finish_cluster(Document document, std::span<const std::string> sets) {
  for (const std::string& option : sets) {
    apply_set(document, option.starts_with("cluster.") ? option : "cluster.overrides." + option);
  }
  flatten_overrides(document);
  check_schema(extract(document, "/cluster"), "scenario/cluster", "cluster");
  return document;
}

}  // namespace

std::vector<std::string> path_steps(std::string_view path) {
  std::vector<std::string> steps;
  while (!path.empty()) {
    const bool override_key = steps.size() == 2 && steps[0] == "cluster" && steps[1] == "overrides";
    const std::size_t end = override_key ? path.size() : std::min(path.find('.'), path.size());
    steps.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return steps;
}

Document read_scenario_file(const std::filesystem::path& path, std::span<const std::string> sets) {
  return with_sets(read_scenario_over_bases(path), sets);
}

Document read_scenario_over_bases(const std::filesystem::path& path,
                                  const std::optional<std::string>& text) {
  std::vector<std::filesystem::path> chain;
  return text ? over_bases(read_yaml_text(*text, path.string()), path, chain)
              : read_over_bases(path, chain, {});
}

Document with_sets(Document document, std::span<const std::string> sets) {
  for (const std::string& option : sets) {
    apply_set(document, option);
  }
  flatten_overrides(document);
  check_schema(document, "scenario");
  return document;
}

Document read_cluster_file(const std::filesystem::path& file, std::span<const std::string> sets) {
  std::vector<std::filesystem::path> chain;
  const Document whole = read_yaml(file);
  if (!is_scenario(whole)) {
    Document document;
    move_below(whole, "/cluster/fabric", document);
    return finish_cluster(std::move(document), sets);
  }
  const Document scenario = read_over_bases(file, chain, {});
  if (find(scenario.root, "/cluster") == nullptr) {
    throw InputError({file.string()}, "cluster", "this scenario names no cluster");
  }
  Document document;
  move_below(extract(scenario, "/cluster"), "/cluster", document);
  return finish_cluster(std::move(document), sets);
}

Document cluster_by_name(const std::string& fabric, const std::string& origin,
                         std::span<const std::string> sets) {
  Document document;
  document.root["cluster"]["fabric"] = fabric;
  document.places[""] = {{origin}, {origin}};
  return finish_cluster(std::move(document), sets);
}

Reference resolve_reference(const Document& scenario, const std::string& pointer, EntryKind kind,
                            const Catalog& catalog) {
  const Json* value = find(scenario.root, pointer);
  const Location where = scenario.place(pointer).value;
  const std::string key = key_path(pointer);
  if (value->is_string()) {
    return named(value->get<std::string>(), where, key, kind, catalog);
  }
  Document own = extract(scenario, pointer);
  Reference reference;
  if (const Json* base = find(own.root, "/base")) {
    const Location base_where = own.place("/base").value;
    if (!base->is_string()) {
      throw InputError(base_where, key + ".base", "expected a catalog name or a path");
    }
    reference = named(base->get<std::string>(), base_where, key + ".base", kind, catalog);
    own.root.erase("base");
  }
  overlay(reference.entry, own);
  check_schema(reference.entry, schema_of(kind, reference.entry), key);
  return reference;
}

}  // namespace scenarios
