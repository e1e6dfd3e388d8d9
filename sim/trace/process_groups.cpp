#include "sim/trace/process_groups.hpp"

#include <fstream>
#include <iterator>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "topology/error.hpp"

namespace sim {

using nlohmann::json;
using topology::InputError;

namespace {

/// The list of objects in `text`, which may stand in quotes and brackets of other notations.
json group_list(std::string_view text) {
  const std::size_t begin = text.find("[{");
  const std::size_t end = text.rfind("}]");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return json();
  }
  const std::string_view list = text.substr(begin, end + 2 - begin);
  json plain = json::parse(list, nullptr, false);
  if (plain.is_array()) {
    return plain;
  }
  // JSON within a JSON string: its quotes carry a backslash.
  std::string bare;
  for (std::size_t i = 0; i < list.size(); ++i) {
    i += list[i] == '\\' && i + 1 < list.size() ? 1U : 0U;
    bare += list[i];
  }
  return json::parse(bare, nullptr, false);
}

std::optional<std::vector<int>> ranks_of(const json& list) {
  if (!list.is_array()) {
    return std::nullopt;
  }
  std::vector<int> ranks;
  ranks.reserve(list.size());
  for (const json& r : list) {
    if (!r.is_number_integer() || r < 0 || r > std::numeric_limits<int>::max()) {
      return std::nullopt;
    }
    ranks.push_back(r.get<int>());
  }
  return ranks;
}

std::string name_of(const json& name) {
  return name.is_string() ? name.get<std::string>()
                          : (name.is_number_integer() ? name.dump() : std::string());
}

}  // namespace

void define_groups(TraceBuilder& builder, std::string_view operands) {
  const json list = group_list(operands);
  if (!list.is_array()) {
    return;
  }
  for (const json& group : list) {
    if (!group.is_object() || !group.contains("pg_name") || !group.contains("ranks")) {
      continue;
    }
    if (auto ranks = ranks_of(group["ranks"])) {
      builder.define_group(name_of(group["pg_name"]), std::move(*ranks));
    }
  }
}

std::string groups_as_json(const std::vector<TraceGroup>& groups) {
  json list = json::array();
  for (const TraceGroup& g : groups) {
    if (g.given) {
      list.push_back({{"pg_name", g.name}, {"ranks", g.members}});
    }
  }
  return list.empty() ? std::string() : list.dump();
}

GroupFile parse_group_file(std::string_view text, const std::string& file) {
  json root;
  try {
    root = json::parse(text);
  } catch (const json::exception&) {
    throw InputError({.file = file}, "", "is no JSON; expected {\"GROUP\": [RANK, ...], ...}");
  }
  if (!root.is_object()) {
    throw InputError({.file = file}, "", "expected one JSON object {\"GROUP\": [RANK, ...], ...}");
  }
  GroupFile groups;
  for (const auto& [name, list] : root.items()) {
    auto ranks = ranks_of(list);
    if (!ranks || ranks->empty()) {
      throw InputError({.file = file}, fmt::format("group \"{}\"", printable(name)),
                       "expected a list of one or more ranks, whole numbers from 0");
    }
    groups.emplace(name, std::move(*ranks));
  }
  return groups;
}

GroupFile read_group_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file)) {
    throw InputError({.file = file.string()}, "", "cannot be read; expected a JSON file of groups");
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return parse_group_file(text, file.string());
}

}  // namespace sim
