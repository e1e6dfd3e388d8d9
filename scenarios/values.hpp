#pragma once
// Typed reading of a checked document that remembers where each value came from. Private to this
// room.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/document.hpp"
#include "scenarios/explained.hpp"
#include "scenarios/quantity.hpp"
#include "topology/hardware.hpp"

namespace scenarios {

/// The values of one map of a document that check_schema has passed. A figure {value, source,
/// as_of} reads as its value. Keeps references: to the document, and to the lists that it writes
/// to.
class Values {
 public:
  struct Record {
    std::string prefix;  ///< key path of the map, for messages and explanations
    std::string label;   ///< "catalog h100-sxm", empty for what stands in the user's file
    std::string source;  ///< of values that are no figures, e.g. "paper (2024-07)"
    std::vector<Explained>* explained = nullptr;
    std::map<std::string, topology::Provenance>* figures = nullptr;
  };

  Values(const Document& document, Record record)
      : document_(document), record_(std::move(record)) {}

  /// The map at `key`, empty where there is none.
  [[nodiscard]] Values map(std::string_view key) const;
  /// The maps of the list at `key`; empty where there is none.
  [[nodiscard]] std::vector<Values> items(std::string_view key) const;
  [[nodiscard]] bool is_list(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> keys() const;

  [[nodiscard]] int integer(std::string_view key) const;
  [[nodiscard]] double number(std::string_view key) const;
  [[nodiscard]] bool flag(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::vector<int> integers(std::string_view key) const;
  /// The value as it stands. @throws InputError if there is none.
  [[nodiscard]] const Json& json(std::string_view key) const { return take(key); }
  template <class Quantity>
  [[nodiscard]] Quantity quantity(std::string_view key) const {
    const Json& value = take(key);
    const std::string words = value.is_string() ? value.get<std::string>() : value.dump();
    return parse_quantity<Quantity>(words, where(key), path(key));
  }

  // The same, or `fallback`, which is explained as a default with `why`.
  [[nodiscard]] int integer(std::string_view key, int fallback, std::string_view why = {}) const;
  [[nodiscard]] double number(std::string_view key, double fallback,
                              std::string_view why = {}) const;
  [[nodiscard]] bool flag(std::string_view key, bool fallback, std::string_view why = {}) const;
  [[nodiscard]] std::string text(std::string_view key, std::string_view fallback,
                                 std::string_view why = {}) const;
  template <class Quantity>
  [[nodiscard]] Quantity quantity(std::string_view key, Quantity fallback) const {
    return has(key) ? quantity<Quantity>(key) : fallback;
  }
  /// A word of an enumeration, read by `from_name`.
  template <class Enum>
  [[nodiscard]] Enum word(std::string_view key, Enum fallback,
                          std::optional<Enum> (*from_name)(std::string_view),
                          std::string_view fallback_name, std::string_view why = {}) const {
    const auto value = from_name(text(key, fallback_name, why));
    if (!value) {
      refuse(key, "is not known here");
    }
    return value.value_or(fallback);
  }

  [[nodiscard]] topology::Location where(std::string_view key) const;
  [[nodiscard]] std::string path(std::string_view key) const;
  /// Notes a value that was not read from the document.
  void explain(std::string_view key, std::string value, std::string source) const;
  [[noreturn]] void refuse(std::string_view key, std::string_view message) const;

 private:
  /// The value at `key`, its origin noted. @throws InputError if there is none.
  [[nodiscard]] const Json& take(std::string_view key) const;
  [[nodiscard]] const Json* look(std::string_view key) const;

  const Document& document_;
  std::string pointer_;
  Record record_;
  std::string figure_prefix_;
};

}  // namespace scenarios
