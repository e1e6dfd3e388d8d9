#pragma once
// One table per enumeration: its values and the words that files use for them.
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace topology {

template <class Enum>
struct Named {
  Enum value;
  std::string_view name;
};

template <class Enum, std::size_t N>
constexpr std::string_view name_in(const std::array<Named<Enum>, N>& table, Enum value) {
  for (const auto& row : table) {
    if (row.value == value) {
      return row.name;
    }
  }
  return "?";
}

template <class Enum, std::size_t N>
constexpr std::optional<Enum> value_in(const std::array<Named<Enum>, N>& table,
                                       std::string_view name) {
  for (const auto& row : table) {
    if (row.name == name) {
      return row.value;
    }
  }
  return std::nullopt;
}

}  // namespace topology
