#pragma once
// Reads YAML strictly: what two readers could understand differently is an error. Private to this
// room.
#include <filesystem>
#include <string>
#include <string_view>

#include "scenarios/document.hpp"

namespace scenarios {

/// The whole file, or a little more than 16 MiB of it if it is larger.
/// @throws InputError if it cannot be opened.
std::string read_text(const std::filesystem::path& path);

/// A file whose root is a map. Booleans are true and false only; 010, 0x10, .inf and .nan are
/// refused, so are duplicate keys, tags, merge keys, a second document, more than 100 levels and
/// aliases that expand beyond measure.
/// @throws InputError with file, line and column.
Document read_yaml(const std::filesystem::path& path);
/// The same from memory; `name` stands for the file in messages.
Document read_yaml_text(const std::string& text, const std::string& name);

/// One value as a scenario file would type it: "4" is a number, "bf16" text, "{layers: 4}" a map.
/// @throws InputError naming `origin`.
Json read_yaml_value(const std::string& text, const std::string& origin);

}  // namespace scenarios
