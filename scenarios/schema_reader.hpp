#pragma once
// A JSON Schema as a person reads it: references followed, alternatives listed, what is allowed in
// words. Private to this room.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "scenarios/document.hpp"
#include "scenarios/quantity.hpp"

namespace scenarios {

class SchemaReader {
 public:
  using Schema = nlohmann::json;
  /// Keeps a reference to `root`.
  explicit SchemaReader(const Schema& root) : root_(root) {}

  /// The schema of the value at `key` of a map (or of any element of a list); nullptr where
  /// anything goes or nothing.
  [[nodiscard]] const Schema* step(const Schema& schema, const std::string& key,
                                   const Json& around) const;
  [[nodiscard]] std::vector<std::string> known_keys(const Schema& schema) const;
  /// The words that an enumeration allows.
  [[nodiscard]] std::vector<std::string> words(const Schema& schema) const;
  /// The measure of a quantity, from "x-quantity".
  [[nodiscard]] std::optional<Measure> measure(const Schema& schema) const;
  [[nodiscard]] bool allows_type_of(const Schema& schema, const Json& value) const;
  /// What is allowed: "x-expected" where given, else made from the keywords.
  [[nodiscard]] std::string expectation(const Schema& schema) const;

 private:
  [[nodiscard]] const Schema& follow(const Schema& schema) const;
  [[nodiscard]] std::vector<const Schema*> alternatives(const Schema& schema) const;

  const Schema& root_;
};

}  // namespace scenarios
