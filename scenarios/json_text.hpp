#pragma once
// JSON values as text for people. Private to this room.
#include <string>

#include <nlohmann/json.hpp>

namespace scenarios {

/// Words as they stand, all else as JSON.
template <class AnyJson>
std::string printed(const AnyJson& value) {
  return value.is_string() ? value.template get<std::string>() : value.dump();
}

}  // namespace scenarios
