#include "scenarios/schema.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "scenarios/json_text.hpp"
#include "scenarios/quantity.hpp"
#include "scenarios/schema_files.hpp"
#include "scenarios/schema_reader.hpp"
#include "scenarios/suggest.hpp"

namespace scenarios {

namespace {

struct CompiledSchema {
  nlohmann::json source;
  valijson::Schema schema;
};

/// Of "fabrics", or of its definition "entry" for "fabrics/entry", of its property "cluster" for
/// "scenario/cluster".
std::unique_ptr<CompiledSchema> compile(std::string_view name) {
  auto compiled = std::make_unique<CompiledSchema>();
  const std::size_t slash = std::min(name.find('/'), name.size());
  compiled->source = nlohmann::json::parse(schema_text(name.substr(0, slash)));
  if (slash < name.size()) {
    const nlohmann::json definitions = compiled->source.at("definitions");
    const std::string part(name.substr(slash + 1));
    compiled->source = definitions.contains(part)
                           ? definitions.at(part)
                           : nlohmann::json(compiled->source.at("properties").at(part));
    compiled->source["definitions"] = definitions;
  }
  const valijson::adapters::NlohmannJsonAdapter adapter(compiled->source);
  valijson::SchemaParser().populateSchema(adapter, compiled->schema);
  return compiled;
}

/// Compiled on first use; the result depends on nothing but the name. Not for several threads.
const CompiledSchema& compiled_schema(std::string_view name) {
  static std::map<std::string, std::unique_ptr<CompiledSchema>, std::less<>> cache;
  auto it = cache.find(name);
  if (it == cache.end()) {
    it = cache.emplace(std::string(name), compile(name)).first;
  }
  return *it->second;
}

using Schema = nlohmann::json;

std::string brief(const Json& value) {
  if (value.is_object()) {
    return "a map";
  }
  if (value.is_array()) {
    return "a list";
  }
  if (value.is_null()) {
    return "nothing";
  }
  std::string text = printed(value);
  if (text.size() > 60) {
    text = text.substr(0, 57) + "...";
  }
  return fmt::format("\"{}\"", text);
}

enum class Kind { UnknownKey, Missing, Value };

struct Fault {
  Kind kind = Kind::Value;
  std::string pointer;
  std::string key;  ///< the unknown or missing one
  const Schema* schema = nullptr;
  std::size_t depth = 0;
};

/// Turns valijson's reports into the one that helps most.
class Judge {
 public:
  Judge(const Document& document, const CompiledSchema& compiled, std::string_view prefix)
      : document_(document), reader_(compiled.source), root_(compiled.source), prefix_(prefix) {}

  [[noreturn]] void report(valijson::ValidationResults& results) const {
    std::optional<Fault> worst;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
      const auto fault = understand(error);
      if (fault && (!worst || rank(*fault) > rank(*worst))) {
        worst = fault;
      }
    }
    if (!worst) {
      throw topology::InputError(document_.place("").value, prefix_,
                                 "the values do not fit the schema");
    }
    say(*worst);
  }

  /// Quantities that are text: valijson does not know their grammar.
  void check_quantities(const Json& value, const Schema& schema, const std::string& pointer) const {
    if (value.is_string()) {
      if (const auto measure = reader_.measure(schema)) {
        parse_base(value.get<std::string>(), *measure, document_.place(pointer).value,
                   path(pointer));
      }
    } else if (value.is_object()) {
      for (const auto& [key, inner] : value.items()) {
        if (const Schema* below = reader_.step(schema, key, value)) {
          check_quantities(inner, *below, child(pointer, key));
        }
      }
    } else if (value.is_array()) {
      if (const Schema* below = reader_.step(schema, {}, value)) {
        for (std::size_t i = 0; i < value.size(); ++i) {
          check_quantities(value[i], *below, child(pointer, std::to_string(i)));
        }
      }
    }
  }

 private:
  std::string path(std::string_view pointer) const {
    const std::string inner = key_path(pointer);
    return prefix_.empty() || inner.empty() ? prefix_ + inner
           : inner.front() == '['           ? prefix_ + inner
                                            : prefix_ + "." + inner;
  }

  static std::pair<int, std::size_t> rank(const Fault& fault) {
    return {fault.kind == Kind::UnknownKey ? 2 : fault.kind == Kind::Value ? 1 : 0, fault.depth};
  }

  std::optional<Fault> understand(const valijson::ValidationResults::Error& error) const {
    const std::string& text = error.description;
    static const Json nothing;
    Fault fault;
    fault.schema = &root_;
    for (std::size_t i = 1; i < error.context.size(); ++i) {
      const std::string& part = error.context[i];
      const std::string key = part.substr(1, part.size() - 2);
      const Json* around = find(document_.root, fault.pointer);
      fault.pointer = child(fault.pointer, key);
      fault.schema = fault.schema == nullptr
                         ? nullptr
                         : reader_.step(*fault.schema, key, around == nullptr ? nothing : *around);
    }
    fault.depth = error.context.size();
    const Json* value = find(document_.root, fault.pointer);
    if (value == nullptr || fault.schema == nullptr) {
      return std::nullopt;
    }
    if (text.starts_with("Object contains a property")) {
      fault.kind = Kind::UnknownKey;
      fault.key = quoted(text);
      return fault;
    }
    if (text.starts_with("Missing required property")) {
      fault.kind = Kind::Missing;
      fault.key = quoted(text);
      return fault;
    }
    const bool echo = text.starts_with("Failed to validate");
    const bool other_branch =
        text.starts_with("Value type") && reader_.allows_type_of(*fault.schema, *value);
    if (echo || other_branch) {
      return std::nullopt;
    }
    return fault;
  }

  /// What stands between the first and the last apostrophe.
  static std::string quoted(const std::string& text) {
    const std::size_t first =
        text.find_last_of(':') != std::string::npos && text.starts_with("Object")
            ? text.find(": '") + 2
            : text.find('\'');
    return text.substr(first + 1, text.rfind('\'') - first - 1);
  }

  [[noreturn]] void say(const Fault& fault) const {
    const Json& value = *find(document_.root, fault.pointer);
    if (fault.kind == Kind::UnknownKey) {
      const std::string at = child(fault.pointer, fault.key);
      const auto known = reader_.known_keys(*fault.schema);
      std::string help = did_you_mean(fault.key, known);
      if (help.empty()) {
        help = fmt::format("known are {}", quoted_list(known, "and"));
      }
      throw topology::InputError(document_.place(at).key, path(at),
                                 fmt::format("unknown key \"{}\", {}", fault.key, help));
    }
    if (fault.kind == Kind::Missing) {
      const Schema* wanted = reader_.step(*fault.schema, fault.key, value);
      throw topology::InputError(
          document_.place(fault.pointer).value, path(fault.pointer),
          fmt::format("\"{}\" is missing{}", fault.key,
                      wanted == nullptr ? "" : ", expected " + reader_.expectation(*wanted)));
    }
    const auto& where = document_.place(fault.pointer).value;
    const std::string expected = reader_.expectation(*fault.schema);
    if (value.is_number() && reader_.measure(*fault.schema)) {
      throw topology::InputError(
          where, path(fault.pointer),
          fmt::format("{} has no unit, expected {}", brief(value), expected));
    }
    std::string hint;
    if (value.is_string()) {
      if (const auto measure = reader_.measure(*fault.schema)) {
        parse_base(value.get<std::string>(), *measure, where,
                   path(fault.pointer));  // says it better
      }
      const auto near = nearest(value.get<std::string>(), reader_.words(*fault.schema), 1);
      hint = near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near.front());
    }
    throw topology::InputError(
        where, path(fault.pointer),
        fmt::format("found {}, expected {}{}", brief(value), expected, hint));
  }

  const Document& document_;
  SchemaReader reader_;
  const Schema& root_;
  std::string prefix_;
};

}  // namespace

std::vector<std::string> schema_names() {
  std::vector<std::string> names;
  for (const SchemaFile& file : schema_files()) {
    names.emplace_back(file.name);
  }
  return names;
}

std::string_view schema_text(std::string_view name) {
  for (const SchemaFile& file : schema_files()) {
    if (file.name == name) {
      return file.text;
    }
  }
  topology::expects(false, fmt::format("there is no schema \"{}\"", name));
  return {};
}

void check_schema(const Document& document, std::string_view name, std::string_view prefix) {
  const CompiledSchema& compiled = compiled_schema(name);
  const nlohmann::json target = document.root;
  valijson::ValidationResults results;
  valijson::Validator validator;
  const Judge judge(document, compiled, prefix);
  if (!validator.validate(compiled.schema, valijson::adapters::NlohmannJsonAdapter(target),
                          &results)) {
    judge.report(results);
  }
  judge.check_quantities(document.root, compiled.source, {});
}

}  // namespace scenarios
