#include "scenarios/schema_reader.hpp"

#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>

#include "scenarios/json_text.hpp"
#include "scenarios/suggest.hpp"

namespace scenarios {

namespace {
using Schema = SchemaReader::Schema;

std::string_view type_name(const Json& value) {
  switch (value.type()) {
    case Json::value_t::object:
      return "object";
    case Json::value_t::array:
      return "array";
    case Json::value_t::string:
      return "string";
    case Json::value_t::boolean:
      return "boolean";
    case Json::value_t::null:
      return "null";
    default:
      return value.is_number_integer() ? "integer" : "number";
  }
}

bool has_type(const Schema& schema, std::string_view type) {
  if (!schema.contains("type")) {
    return schema.contains("enum")         ? type == "string"
           : schema.contains("properties") ? type == "object"
                                           : true;
  }
  const Schema& wanted = schema["type"];
  const auto fits = [type](const Schema& one) {
    return one == std::string(type) || (one == "number" && type == "integer");
  };
  return wanted.is_array() ? std::any_of(wanted.begin(), wanted.end(), fits) : fits(wanted);
}

std::vector<std::string> enum_words(const Schema& schema) {
  std::vector<std::string> words;
  if (schema.contains("enum")) {
    for (const Schema& word : schema["enum"]) {
      words.push_back(printed(word));
    }
  }
  return words;
}

std::string range_of(const Schema& schema) {
  std::string text;
  constexpr double kBeyondReason =
      1e6;  // bounds that only keep arithmetic safe are not worth a word
  const auto bound = [&](const char* keyword, std::string_view words) {
    if (schema.contains(keyword) && schema[keyword].get<double>() < kBeyondReason) {
      text += fmt::format("{}{} {}", text.empty() ? ", " : " and ", words, schema[keyword].dump());
    }
  };
  bound("minimum", "at least");
  bound("exclusiveMinimum", "more than");
  bound("maximum", "at most");
  bound("exclusiveMaximum", "less than");
  return text;
}

std::string words_for_type(const Schema& schema) {
  const auto is = [&](std::string_view type) {
    return schema.contains("type") && has_type(schema, type);
  };
  if (is("boolean")) {
    return "true or false";
  }
  if (is("number")) {
    return "a number" + range_of(schema);
  }
  if (is("integer")) {
    return "a whole number" + range_of(schema);
  }
  if (is("array")) {
    return "a list";
  }
  if (is("object")) {
    return "a map of keys and values";
  }
  return is("string") ? "text" : "another value";
}

std::string words_for_one(const Schema& schema) {
  if (schema.contains("x-expected")) {
    return schema["x-expected"].get<std::string>();
  }
  if (schema.contains("x-quantity")) {
    if (const auto measure = measure_from_name(schema["x-quantity"].get<std::string>())) {
      return example_of(*measure);
    }
  }
  if (schema.contains("enum")) {
    return quoted_list(enum_words(schema));
  }
  return schema.contains("const") ? schema["const"].dump() : words_for_type(schema);
}
}  // namespace

const Schema& SchemaReader::follow(const Schema& schema) const {
  const Schema* node = &schema;
  while (node->contains("$ref")) {
    node = &root_.at(Schema::json_pointer((*node)["$ref"].get<std::string>().substr(1)));
  }
  return *node;
}

std::vector<const Schema*> SchemaReader::alternatives(const Schema& schema) const {
  const Schema& node = follow(schema);
  std::vector<const Schema*> list;
  for (const char* keyword : {"anyOf", "oneOf"}) {
    if (node.contains(keyword)) {
      for (const Schema& one : node[keyword]) {
        const auto inner = alternatives(one);
        list.insert(list.end(), inner.begin(), inner.end());
      }
    }
  }
  if (list.empty()) {
    list.push_back(&node);
  }
  return list;
}

const Schema* SchemaReader::step(const Schema& schema, const std::string& key,
                                 const Json& around) const {
  const auto list = alternatives(schema);
  for (const Schema* one : list) {
    if (around.is_array() && one->contains("items") && (*one)["items"].is_object()) {
      return &(*one)["items"];
    }
    if (!around.is_array() && one->contains("properties") && (*one)["properties"].contains(key)) {
      return &(*one)["properties"][key];
    }
  }
  for (const Schema* one : list) {
    if (!around.is_array() && one->contains("additionalProperties") &&
        (*one)["additionalProperties"].is_object()) {
      return &(*one)["additionalProperties"];
    }
  }
  return nullptr;
}

std::vector<std::string> SchemaReader::known_keys(const Schema& schema) const {
  std::vector<std::string> keys;
  for (const Schema* one : alternatives(schema)) {
    if (one->contains("properties")) {
      for (const auto& [key, value] : (*one)["properties"].items()) {
        keys.push_back(key);
      }
    }
  }
  return keys;
}

std::vector<std::string> SchemaReader::words(const Schema& schema) const {
  std::vector<std::string> list;
  for (const Schema* one : alternatives(schema)) {
    const auto words = enum_words(*one);
    list.insert(list.end(), words.begin(), words.end());
  }
  return list;
}

std::optional<Measure> SchemaReader::measure(const Schema& schema) const {
  for (const Schema* one : alternatives(schema)) {
    if (one->contains("x-quantity")) {
      return measure_from_name((*one)["x-quantity"].get<std::string>());
    }
  }
  return std::nullopt;
}

bool SchemaReader::allows_type_of(const Schema& schema, const Json& value) const {
  const auto list = alternatives(schema);
  return std::any_of(list.begin(), list.end(),
                     [&](const Schema* one) { return has_type(*one, type_name(value)); });
}

std::string SchemaReader::expectation(const Schema& schema) const {
  if (const Schema& node = follow(schema); node.contains("x-expected")) {
    return node["x-expected"].get<std::string>();
  }
  std::string text;
  for (const Schema* one : alternatives(schema)) {
    text += (text.empty() ? "" : " or ") + words_for_one(*one);
  }
  return text;
}

}  // namespace scenarios
