#include "scenarios/values.hpp"

#include <limits>

#include <fmt/format.h>

#include "scenarios/json_text.hpp"

namespace scenarios {

namespace {
bool is_figure(const Json& node) {
  return node.is_object() && node.contains("value");
}

/// "data sheet (2023-03, recalled)"; what was read in its source needs no such word.
std::string cited(const topology::Provenance& from) {
  const std::string sure = from.evidence.empty() ? "" : ", " + from.evidence;
  return from.as_of.empty() ? from.source : fmt::format("{} ({}{})", from.source, from.as_of, sure);
}
}  // namespace

const Json* Values::look(std::string_view key) const {
  const Json* here = find(document_.root, pointer_);
  if (here == nullptr || !here->is_object()) {
    return nullptr;
  }
  const auto it = here->find(std::string(key));
  return it == here->end() || it->is_null() ? nullptr : &*it;
}

bool Values::has(std::string_view key) const {
  return look(key) != nullptr;
}

Values Values::map(std::string_view key) const {
  Values inner = *this;
  inner.pointer_ = child(pointer_, key);
  inner.record_.prefix = path(key);
  inner.figure_prefix_ = figure_prefix_ + std::string(key) + ".";
  return inner;
}

bool Values::is_list(std::string_view key) const {
  const Json* list = look(key);
  return list != nullptr && list->is_array();
}

std::vector<Values> Values::items(std::string_view key) const {
  std::vector<Values> list;
  const std::size_t count = is_list(key) ? look(key)->size() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    list.push_back(map(key).map(std::to_string(i)));
  }
  return list;
}

std::vector<std::string> Values::keys() const {
  std::vector<std::string> names;
  const Json* here = find(document_.root, pointer_);
  if (here != nullptr && here->is_object()) {
    for (const auto& [key, value] : here->items()) {
      names.push_back(key);
    }
  }
  return names;
}

const Json& Values::take(std::string_view key) const {
  const Json* node = look(key);
  if (node == nullptr) {
    throw topology::InputError(document_.place(pointer_).value, record_.prefix,
                               fmt::format("\"{}\" is missing", key));
  }
  if (!is_figure(*node)) {
    const auto at = where(key);
    const bool users_own = record_.label.empty() ||
                           (!document_.catalog_file.empty() && at.file != document_.catalog_file);
    explain(key, printed(*node),
            users_own                ? to_string(topology::Location{at.file, at.line})
            : record_.source.empty() ? record_.label
                                     : fmt::format("{}: {}", record_.label, record_.source));
    return *node;
  }
  const auto part = [node](const char* name) {
    return node->contains(name) ? printed((*node)[name]) : std::string();
  };
  const std::string evidence = part("evidence");
  const topology::Provenance from{part("source"), part("as_of"),
                                  evidence == "read" ? std::string() : evidence};
  if (record_.figures != nullptr) {
    (*record_.figures)[figure_prefix_ + std::string(key)] = from;
  }
  explain(key, printed((*node)["value"]), fmt::format("{}: {}", record_.label, cited(from)));
  return (*node)["value"];
}

int Values::integer(std::string_view key) const {
  const Json& value = take(key);
  if (!value.is_number_integer() || value.get<std::int64_t>() > std::numeric_limits<int>::max() ||
      value.get<std::int64_t>() < std::numeric_limits<int>::min()) {
    refuse(key, fmt::format("found {}, expected a whole number below 2^31", value.dump()));
  }
  return value.get<int>();
}

double Values::number(std::string_view key) const {
  const Json& value = take(key);
  if (!value.is_number()) {
    refuse(key, fmt::format("found {}, expected a number", value.dump()));
  }
  return value.get<double>();
}

bool Values::flag(std::string_view key) const {
  const Json& value = take(key);
  if (!value.is_boolean()) {
    refuse(key, fmt::format("found {}, expected true or false", value.dump()));
  }
  return value.get<bool>();
}

std::string Values::text(std::string_view key) const {
  return printed(take(key));
}

std::vector<int> Values::integers(std::string_view key) const {
  std::vector<int> list;
  for (const Json& one : take(key)) {
    if (!one.is_number_integer() || one.get<std::int64_t>() > std::numeric_limits<int>::max()) {
      refuse(key, "expected a list of whole numbers");
    }
    list.push_back(one.get<int>());
  }
  return list;
}

int Values::integer(std::string_view key, int fallback, std::string_view why) const {
  if (has(key)) {
    return integer(key);
  }
  explain(key, std::to_string(fallback), fmt::format("default{}{}", why.empty() ? "" : ": ", why));
  return fallback;
}

double Values::number(std::string_view key, double fallback, std::string_view why) const {
  if (has(key)) {
    return number(key);
  }
  explain(key, fmt::format("{}", fallback),
          fmt::format("default{}{}", why.empty() ? "" : ": ", why));
  return fallback;
}

bool Values::flag(std::string_view key, bool fallback, std::string_view why) const {
  if (has(key)) {
    return flag(key);
  }
  explain(key, fallback ? "true" : "false",
          fmt::format("default{}{}", why.empty() ? "" : ": ", why));
  return fallback;
}

std::string Values::text(std::string_view key, std::string_view fallback,
                         std::string_view why) const {
  if (has(key)) {
    return text(key);
  }
  explain(key, std::string(fallback), fmt::format("default{}{}", why.empty() ? "" : ": ", why));
  return std::string(fallback);
}

topology::Location Values::where(std::string_view key) const {
  const std::string pointer = child(pointer_, key);
  const Json* node = look(key);
  return document_.place(node != nullptr && is_figure(*node) ? child(pointer, "value") : pointer)
      .value;
}

std::string Values::path(std::string_view key) const {
  return record_.prefix.empty() ? std::string(key) : fmt::format("{}.{}", record_.prefix, key);
}

void Values::explain(std::string_view key, std::string value, std::string source) const {
  if (record_.explained != nullptr) {
    record_.explained->push_back({path(key), std::move(value), std::move(source)});
  }
}

void Values::refuse(std::string_view key, std::string_view message) const {
  throw topology::InputError(where(key), path(key), message);
}

}  // namespace scenarios
